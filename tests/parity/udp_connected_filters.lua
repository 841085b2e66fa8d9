-- A connected UDP socket takes datagrams of its peer only; for others nobody is there (udp(7)).
local a, b, c = socket(AF_INET, SOCK_DGRAM), socket(AF_INET, SOCK_DGRAM), socket(AF_INET, SOCK_DGRAM)
for _, fd in ipairs({a, b, c}) do bind(fd, "127.0.0.1:0") end
connect(a, getsockname(b))
print("stranger", sendto(c, "from c", 0, getsockname(a)))
print("nothing", recv(a, 10, MSG_DONTWAIT))
print("no port for it", nstat("UdpNoPorts"))
print("peer", sendto(b, "from b", 0, getsockname(a)), recv(a, 10))
print("sends to its peer", send(a, "to b"), recv(b, 10))
print("may name another", sendto(a, "to c", 0, getsockname(c)), recv(c, 10))
print("queued before it was connected")
sendto(c, "early", 0, getsockname(b))
connect(b, getsockname(a))
print(recv(b, 10, MSG_DONTWAIT))
