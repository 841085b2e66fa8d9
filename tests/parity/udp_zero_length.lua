-- An empty datagram is a datagram: it makes readable, read gives "", and it is no end (udp(7)).
local a, b = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK), socket(AF_INET, SOCK_DGRAM)
bind(a, "127.0.0.1:0"); bind(b, "127.0.0.1:0")
print("send", sendto(b, "", 0, getsockname(a)))
local list = {{fd = a, events = POLLIN}}
print("poll", poll(list, 0), ioctl(a, FIONREAD))
local data, from = recvfrom(a, 10)
print("received", #data, from == getsockname(b))
print("poll", poll(list, 0), recv(a, 10))
sendto(b, "", 0, getsockname(a)); sendto(b, "x", 0, getsockname(a))
print("two", #recv(a, 10), recv(a, 10), recv(a, 10))
