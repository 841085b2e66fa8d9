-- The largest datagram over IPv6 is 65527 bytes, as its length leaves IPv6's header out; memory, IP_MTU and the options of both protocols on one socket (ip6_append_data, ipv6_setsockopt).
local function six(own) local s = socket(AF_INET6, SOCK_DGRAM) if own then bind(s, own) end return s end
local there = six("[::]:7200")
for _, size in ipairs{0, 65487, 65507, 65508, 65527, 65528, 70000} do
  local s = six()
  print(size, "six", select(2, sendto(s, string.rep("x", size), 0, "[::1]:7200")))
  local data = recv(there, 100000, MSG_DONTWAIT) print(data and #data)
  print(size, "four", select(2, sendto(s, string.rep("x", size), 0, "[::ffff:127.0.0.1]:7200")))
  data = recv(there, 100000, MSG_DONTWAIT) print(data and #data)
end
for _, size in ipairs{0, 1, 100, 183, 184, 185, 191, 192, 193, 500, 640, 1000, 2000, 5000} do
  local few = six("[::]:7201")
  setsockopt(few, SOL_SOCKET, SO_RCVBUF, 20000)
  local s = six()
  for i = 1, 100 do sendto(s, string.rep("x", size), 0, "[::1]:7201") end
  local n = 0 while recv(few, 9, MSG_DONTWAIT) do n = n + 1 end
  for i = 1, 10 do sendto(s, string.rep("x", size), MSG_MORE, "[::1]:7201") end
  print("room for", size, n, ioctl(s, SIOCOUTQ))
  close(few)
end
local a, b = six(), six()
connect(a, "[::1]:7200") connect(b, "[::ffff:127.0.0.1]:7200")
for _, s in ipairs{a, b, there} do
  print("mtu", getsockopt(s, IPPROTO_IP, IP_MTU)) print("mtu", getsockopt(s, IPPROTO_IPV6, IPV6_MTU))
end
for _, option in ipairs{IPV6_V6ONLY, IPV6_RECVERR, IPV6_UNICAST_HOPS, IPV6_TCLASS} do
  for _, value in ipairs{1, 0, -1, 300} do
    local s = six()
    print("set", option, value, setsockopt(s, IPPROTO_IPV6, option, value)) print("", getsockopt(s, IPPROTO_IPV6, option))
    print("bound", setsockopt(a, IPPROTO_IPV6, option, value)) print("", getsockopt(a, IPPROTO_IPV6, option))
  end
end
for _, option in ipairs{IP_TOS, IP_TTL, IP_RECVERR, IP_MTU_DISCOVER} do
  print(option, getsockopt(a, IPPROTO_IP, option), setsockopt(a, IPPROTO_IP, option, 1), getsockopt(a, IPPROTO_IP, option))
end
print(setsockopt(a, 99, 1, 1)) print(getsockopt(a, 99, 1)) print(getsockopt(a, IPPROTO_TCP, 1))
-- more than a packet of loopback holds goes as two fragments; the send buffer is looked at for the second
for _, size in ipairs{65488, 65489, 65507} do
  for _, room in ipairs{1, 16000, 16500, 17000} do
    local s = six()
    setsockopt(s, SOL_SOCKET, SO_SNDBUF, room)
    local _, error = sendto(s, string.rep("x", size), 0, "[::1]:7200")
    print("send buffer", room, size, error, ioctl(s, SIOCOUTQ))
  end
end
