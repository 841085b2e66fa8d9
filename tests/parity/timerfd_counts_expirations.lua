-- A read gives the number of expirations since the last; EAGAIN before the first (timerfd_create(2)).
local t = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)
print("disarmed", read(t, 8))
print("arm", timerfd_settime(t, 0, ms(20), 0))
print("too early", read(t, 8))
local list = {{fd = t, events = POLLIN | POLLOUT}}
print("poll", poll(list, 2000), string.format("%x", list[1].revents))
print("count", (string.unpack("<I8", (read(t, 8)))))
print("once only", read(t, 8))
print("short", read(t, 4))
timerfd_settime(t, 0, ms(5), ms(5))
nanosleep(ms(41))
print("at least 8", string.unpack("<I8", (read(t, 8))) >= 8)
