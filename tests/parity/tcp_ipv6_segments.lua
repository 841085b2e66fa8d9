-- Over IPv6 loopback a segment has 20 bytes less than over IPv4: MSS, PMTU and a transfer of many segments (ip6_default_advmss, tcp_mtu_to_mss).
local function pair(family, address)
  local l = socket(family, SOCK_STREAM)
  bind(l, address) listen(l, 4)
  local c = socket(family, SOCK_STREAM)
  connect(c, getsockname(l))
  return c, accept(l)
end
for _, f in ipairs({{AF_INET, "127.0.0.1:0"}, {AF_INET6, "[::1]:0"}, {AF_INET6, "[::ffff:127.0.0.1]:0"}}) do
  local c, s = pair(f[1], f[2])
  print(f[2], "mss", getsockopt(c, IPPROTO_TCP, TCP_MAXSEG), getsockopt(s, IPPROTO_TCP, TCP_MAXSEG))
  for _, end_ in ipairs({c, s}) do
    local i = getsockopt(end_, IPPROTO_TCP, TCP_INFO)
    print("advmss", i.tcpi_advmss, "pmtu", i.tcpi_pmtu, "rcv_mss", i.tcpi_rcv_mss, "snd_mss", i.tcpi_snd_mss)
  end
  local total = 0
  local reader = thread(function()
    while true do
      local d = read(s, 65536)
      if d == nil or #d == 0 then return total end
      total = total + #d
    end
  end)
  write(c, string.rep("x", 300000)) close(c)
  print("through", join(reader))
end
