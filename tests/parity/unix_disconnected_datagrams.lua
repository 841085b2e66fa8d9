-- The first datagram to a peer that is gone is refused, later ones find no peer; that it may not send is found before (unix_dgram_sendmsg).
local a, b = socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)
close(b)
print(send(a, "x", 0))
print(send(a, "x", 0))
shutdown(a, SHUT_WR)
print(send(a, "x", 0))
print(send(a, string.rep("x", 300000), 0))
