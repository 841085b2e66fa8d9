-- SO_SNDTIMEO bounds a blocked write: what was queued is the result, then EAGAIN (socket(7), sk_stream_wait_memory).
local l = socket(AF_INET, SOCK_STREAM)
setsockopt(l, SOL_SOCKET, SO_RCVBUF, 8192)
bind(l, "127.0.0.1:0"); listen(l, 1)
local c = socket(AF_INET, SOCK_STREAM)
setsockopt(c, SOL_SOCKET, SO_SNDBUF, 16384)
connect(c, getsockname(l))
setsockopt(c, SOL_SOCKET, SO_SNDTIMEO, ms(40))
local big = string.rep("x", 512 * 1024)
local n = write(c, big)
print("partial", n > 0 and n < #big)
local err
repeat n, err = write(c, big) until not n
print("nothing more", err)
local list = {{fd = c, events = POLLOUT}}
print("poll", poll(list, 0))
