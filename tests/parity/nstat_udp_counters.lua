-- UdpInDatagrams counts what was read, UdpOutDatagrams what was sent, UdpNoPorts what found nobody (RFC 4113; udp_recvmsg).
local a, b = socket(AF_INET, SOCK_DGRAM), socket(AF_INET, SOCK_DGRAM)
bind(a, "127.0.0.1:0")
local to = getsockname(a)
local function all() return nstat("UdpInDatagrams"), nstat("UdpOutDatagrams"), nstat("UdpNoPorts"), nstat("IcmpOutDestUnreachs") end
for _ = 1, 3 do sendto(b, "x", 0, to) end
print("sent three", all())
recv(a, 1); recv(a, 1)
print("read two", all())
recv(a, 1, MSG_PEEK)
print("peeked", all())
close(a)
sendto(b, "x", 0, to)
print("nobody there", all())
