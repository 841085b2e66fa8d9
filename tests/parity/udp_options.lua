-- Options of a UDP socket: defaults, bounds, those of other protocols (udp_lib_setsockopt, do_ip_setsockopt, sk_setsockopt).
local s = socket(AF_INET, SOCK_DGRAM)
for _, name in ipairs({"SO_TYPE", "SO_DOMAIN", "SO_PROTOCOL", "SO_ERROR", "SO_ACCEPTCONN", "SO_REUSEADDR", "SO_REUSEPORT",
    "SO_BROADCAST", "SO_KEEPALIVE", "SO_OOBINLINE", "SO_PRIORITY", "SO_RCVLOWAT", "SO_SNDLOWAT", "SO_RCVTIMEO", "SO_DONTROUTE",
    "SO_PASSCRED", "SO_BUSY_POLL", "SO_INCOMING_NAPI_ID", "SO_MARK", "SO_TIMESTAMP", "SO_RXQ_OVFL", "SO_NO_CHECK"}) do
  print(name, getsockopt(s, SOL_SOCKET, _G[name]))
end
for _, name in ipairs({"IP_TOS", "IP_TTL", "IP_RECVERR", "IP_MTU_DISCOVER", "IP_PKTINFO", "IP_FREEBIND", "IP_MTU"}) do
  print(name, getsockopt(s, IPPROTO_IP, _G[name]))
end
print("mtu", connect(s, "127.0.0.1:1"), getsockopt(s, IPPROTO_IP, IP_MTU))
for _, try in ipairs({{"UDP_CORK", 5}, {"UDP_CORK", 0}, {"UDP_SEGMENT", 1000}, {"UDP_SEGMENT", 65536}, {"UDP_SEGMENT", -1},
    {"UDP_SEGMENT", 0}, {"UDP_GRO", 7}}) do
  local name, value = table.unpack(try)
  print(name, value, setsockopt(s, IPPROTO_UDP, _G[name], value), getsockopt(s, IPPROTO_UDP, _G[name]))
end
for _, try in ipairs({{"SO_RCVLOWAT", 100}, {"SO_RCVLOWAT", 0}, {"SO_RCVLOWAT", -1}, {"SO_BROADCAST", 9}, {"SO_RCVBUF", 3000},
    {"SO_PASSCRED", 1}, {"SO_ACCEPTCONN", 1}, {"SO_TYPE", 1}, {"SO_BUSY_POLL", -1}}) do
  local name, value = table.unpack(try)
  print(name, value, setsockopt(s, SOL_SOCKET, _G[name], value), getsockopt(s, SOL_SOCKET, _G[name]))
end
for _, try in ipairs({{"IP_TOS", 0x13}, {"IP_TTL", 0}, {"IP_TTL", 300}, {"IP_TTL", -1}, {"IP_MTU_DISCOVER", 6}, {"IP_MTU_DISCOVER", 2}}) do
  local name, value = table.unpack(try)
  print(name, value, setsockopt(s, IPPROTO_IP, _G[name], value), getsockopt(s, IPPROTO_IP, _G[name]))
end
for _, tos in ipairs({0x10, 0x08, 0x18, 0x04, 0xff, 0x100}) do
  print("IP_TOS", tos, setsockopt(s, IPPROTO_IP, IP_TOS, tos), getsockopt(s, IPPROTO_IP, IP_TOS), getsockopt(s, SOL_SOCKET, SO_PRIORITY))
end
print("of TCP", setsockopt(s, IPPROTO_TCP, TCP_NODELAY, 1), getsockopt(s, IPPROTO_TCP, TCP_NODELAY))
print("unknown", setsockopt(s, IPPROTO_UDP, 77, 1), getsockopt(s, IPPROTO_UDP, 77), setsockopt(s, 99, 1, 1), getsockopt(s, 99, 1))
print("with DF", #getpeername(s) > 0, send(s, string.rep("x", 65507)), send(s, string.rep("x", 65508)))
