-- SO_REUSEPORT: who may join, what a connected member gets, and that a group passes over it (udp_lib_get_port, reuseport_select_sock_by_hash).
local function sock(reuse, address)
  local s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK)
  if reuse then setsockopt(s, SOL_SOCKET, SO_REUSEPORT, 1) end
  return s, bind(s, address)
end
local a, b, r = nil, nil, nil
a, r = sock(true, "127.0.0.1:4001"); print("first", r)
b, r = sock(true, "127.0.0.1:4001"); print("second", r)
print("without", select(2, sock(false, "127.0.0.1:4001")))
print("any address", select(2, sock(true, "0.0.0.0:4001")))
print("other without", select(2, sock(false, "127.0.0.2:4001")))
local s = socket(AF_INET, SOCK_DGRAM)
bind(s, "127.0.0.1:0")
connect(a, getsockname(s))
local function count(fd) local n = 0; while recv(fd, 1) do n = n + 1 end return n end
for _ = 1, 5 do sendto(s, "x", 0, "127.0.0.1:4001") end
print("the peer's is a's", count(a), count(b))
for _ = 1, 20 do
  local other = socket(AF_INET, SOCK_DGRAM)
  sendto(other, "x", 0, "127.0.0.1:4001")
  close(other)
end
print("all others are b's", count(a), count(b))
close(b)
print("nobody's", sendto(socket(AF_INET, SOCK_DGRAM), "x", 0, "127.0.0.1:4001"), count(a), nstat("UdpNoPorts"))
local c = socket(AF_INET, SOCK_DGRAM)
print("set after bind", bind(c, "127.0.0.1:4010"), setsockopt(c, SOL_SOCKET, SO_REUSEPORT, 1), select(2, sock(true, "127.0.0.1:4010")))
print("given up", setsockopt(c, SOL_SOCKET, SO_REUSEPORT, 0), select(2, sock(true, "127.0.0.1:4010")))
