-- Two datagram sockets connected to each other pass max_dgram_qlen (10): the send buffer is the limit; POLLOUT comes back below a quarter of it (unix_dgram_sendmsg, unix_writable).
local a, b = socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK)
local n = 0
while write(a, "m" .. n) do n = n + 1 end
print("more than eleven", n > 11, write(a, "x"))
local list = {{fd = a, events = POLLOUT}}
print("poll", poll(list, 0))
print("first", read(b, 10))
print("room for one, not writable yet", poll(list, 0))
print("write", write(a, "one more"))
print("write", write(a, "too many"))
local last
while true do local d = read(b, 100); if not d then break end; last = d end
print("last", last)
print("poll", poll(list, 0), string.format("%x", list[1].revents))
