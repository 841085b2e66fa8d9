-- One UDP port, several sockets: another address is fine, the same needs SO_REUSEADDR or SO_REUSEPORT on both (udp_lib_get_port).
local function sock(option)
  local s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK)
  if option then setsockopt(s, SOL_SOCKET, option, 1) end
  return s
end
local a = sock(SO_REUSEADDR)
bind(a, "127.0.0.1:0")
local port = getsockname(a):match("%d+$")
print("same, no option", bind(sock(), "127.0.0.1:" .. port))
print("other address", bind(sock(), "127.0.0.2:" .. port))
print("any address", bind(sock(), "0.0.0.0:" .. port))
local b = sock(SO_REUSEADDR)
print("reuse on both", bind(b, "127.0.0.1:" .. port))
sendto(sock(), "x", 0, "127.0.0.1:" .. port)
print("exactly one gets it", (recv(a, 1) and 1 or 0) + (recv(b, 1) and 1 or 0))
print("tcp has ports of its own", bind(socket(AF_INET, SOCK_STREAM), "127.0.0.1:" .. port))
