-- Setting a timerfd again drops expirations not yet read (timerfd_setup zeroes the ticks).
local t = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)
timerfd_settime(t, 0, 1, 0)
local list = {{fd = t, events = POLLIN}}
print("expired", poll(list, 1000))
timerfd_settime(t, 0, s(100), 0)
print("forgotten", poll(list, 0), read(t, 8))
timerfd_settime(t, 0, 1, 0)
print("expired", poll(list, 1000))
timerfd_settime(t, 0, 0, 0)
print("disarmed", poll(list, 0), read(t, 8))
