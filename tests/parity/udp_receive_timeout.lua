-- SO_RCVTIMEO ends a blocked recv with EAGAIN, never early; a datagram ends it before (socket(7)).
local a, b = socket(AF_INET, SOCK_DGRAM), socket(AF_INET, SOCK_DGRAM)
bind(a, "127.0.0.1:0")
print("set", setsockopt(a, SOL_SOCKET, SO_RCVTIMEO, ms(30)), getsockopt(a, SOL_SOCKET, SO_RCVTIMEO) == ms(32))
local before = clock_gettime(CLOCK_MONOTONIC)
print("nothing", recv(a, 10))
local took = clock_gettime(CLOCK_MONOTONIC) - before
print("not early", took >= ms(28), took < s(2))
setsockopt(a, SOL_SOCKET, SO_RCVTIMEO, s(20))
local t = thread(function() return recv(a, 10) end)
wait_until_blocked(t)
sendto(b, "x", 0, getsockname(a))
print("in time", join(t))
print("not waiting", recv(a, 10, MSG_DONTWAIT))
