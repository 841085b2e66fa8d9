-- Broadcast needs SO_BROADCAST (EACCES), and reaches every socket of the port (udp_sendmsg, __udp4_lib_mcast_deliver).
local function sock(address)
  local s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK)
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, 1)
  if address then bind(s, address) end
  return s
end
local any, own, many, other = sock("0.0.0.0:4001"), sock("127.0.0.1:4001"), sock("127.255.255.255:4001"), sock("0.0.0.0:4002")
local s = sock("127.0.0.1:0")
local function got() return recv(any, 9), recv(own, 9), recv(many, 9), recv(other, 9) end
print("not allowed", sendto(s, "x", 0, "127.255.255.255:4001"), connect(s, "127.255.255.255:4001"))
print("allowed", setsockopt(s, SOL_SOCKET, SO_BROADCAST, 1), sendto(s, "x", 0, "127.255.255.255:4001"))
print("got", got())
print("everywhere", sendto(s, "y", 0, "255.255.255.255:4001"))
print("got", got())
print("all hosts", sendto(s, "z", 0, "224.0.0.1:4001"))
print("got", got())
print("another group", sendto(s, "w", 0, "224.0.0.9:4001"))
print("got", got())
print("nobody", sendto(s, "v", 0, "127.255.255.255:4003"), getsockopt(s, SOL_SOCKET, SO_ERROR), nstat("UdpNoPorts"), nstat("UdpIgnoredMulti"))
print("connected", connect(s, "127.255.255.255:4001"), send(s, "u"))
print("got", got())
