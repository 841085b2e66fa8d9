-- A closed port of ::1 is told by ICMPv6, to a connected socket or one with IPV6_RECVERR; what counts it has names of its own (udpv6_err, icmp6_send, nstat).
local kNames = {"Udp6InDatagrams", "Udp6NoPorts", "Udp6InErrors", "Udp6OutDatagrams", "Udp6RcvbufErrors", "Icmp6InMsgs",
  "Icmp6InErrors", "Icmp6InDestUnreachs", "Icmp6OutMsgs", "Icmp6OutDestUnreachs", "UdpInDatagrams", "UdpNoPorts",
  "UdpOutDatagrams", "UdpRcvbufErrors", "IcmpOutMsgs", "IcmpInMsgs"}
local function all() local t = {} for i, name in ipairs(kNames) do t[i] = nstat(name) end return t end
local before = all()
local function counted(what)
  local now, line = all(), {}
  for i, name in ipairs(kNames) do
    if now[i] ~= before[i] then line[#line + 1] = name .. "+" .. now[i] - before[i] end
  end
  print(what, table.concat(line, " "))
  before = now
end
local function six() return socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK) end
local s = six() connect(s, "[::1]:9")
print(send(s, "x")) print(send(s, "x")) print(send(s, "x")) print(recv(s, 9)) counted("connected")
local u = six()
print(sendto(u, "x", 0, "[::1]:9")) print(sendto(u, "x", 0, "[::1]:9")) counted("not connected")
setsockopt(u, IPPROTO_IPV6, IPV6_RECVERR, 1)
print(sendto(u, "about", 0, "[::1]:9")) print(recv(u, 9)) print(recvfrom(u, 9, MSG_ERRQUEUE)) print(recvfrom(u, 9, MSG_ERRQUEUE))
print(sendto(u, "four", 0, "[::ffff:127.0.0.1]:9")) print(recv(u, 9)) counted("IPV6_RECVERR asks nothing of IPv4")
setsockopt(u, IPPROTO_IP, IP_RECVERR, 1)
print(sendto(u, "four", 0, "[::ffff:127.0.0.1]:9")) print(recv(u, 9)) print(recvfrom(u, 9, MSG_ERRQUEUE)) counted("IP_RECVERR does")
print(sendto(u, string.rep("x", 5000), 0, "[::1]:9")) print(getsockopt(u, SOL_SOCKET, SO_ERROR))
local quoted = recv(u, 9000, MSG_ERRQUEUE) print("quoted", #quoted)
print(sendto(u, "gone", 0, "[::1]:9"), setsockopt(u, IPPROTO_IPV6, IPV6_RECVERR, 0)) print(recv(u, 9, MSG_ERRQUEUE))
local w = six() bind(w, "[::]:0")
local port = getsockname(w):match("(%d+)$")
for _, host in ipairs{"[::1]:", "[::ffff:127.0.0.1]:"} do
  counted("")
  print(sendto(u, "a", 0, host .. port), sendto(w, "b", 0, host .. port)) counted("sent") print(recv(w, 9), recv(w, 9)) counted("read")
end
setsockopt(w, SOL_SOCKET, SO_RCVBUF, 0)
for i = 1, 6 do sendto(u, "x", 0, "[::1]:" .. port) end counted("full")
local n = 0 while recv(w, 9) do n = n + 1 end print(n) counted("read")
