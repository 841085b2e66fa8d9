-- poll's time-out is in milliseconds and never early; ppoll's in nanoseconds here (poll(2)).
local r, w = pipe()
local list = {{fd = r, events = POLLIN}}
local t0 = clock_gettime(CLOCK_MONOTONIC)
print("poll", poll(list, 20), clock_gettime(CLOCK_MONOTONIC) - t0 >= ms(20))
t0 = clock_gettime(CLOCK_MONOTONIC)
print("ppoll", ppoll(list, ms(20)), clock_gettime(CLOCK_MONOTONIC) - t0 >= ms(20))
t0 = clock_gettime(CLOCK_MONOTONIC)
print("no descriptors at all", poll({}, 20), clock_gettime(CLOCK_MONOTONIC) - t0 >= ms(20))
print("all negative", poll({{fd = -5, events = POLLIN}}, 0))
write(w, "x")
print("ready", ppoll(list, nil), string.format("%x", list[1].revents))
print("ready, zero", ppoll(list, 0))
