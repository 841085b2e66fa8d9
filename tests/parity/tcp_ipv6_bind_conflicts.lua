-- Two TCP sockets share a port unless there is a packet that both would take: IPv4 or IPv6, for one address or all (inet_rcv_saddr_equal, ipv6(7)).
local kinds = {
 {"v4any", AF_INET, "0.0.0.0:", 0}, {"v4lo", AF_INET, "127.0.0.1:", 0},
 {"v6any", AF_INET6, "[::]:", 0}, {"v6only", AF_INET6, "[::]:", 1}, {"v6lo", AF_INET6, "[::1]:", 0}, {"v6lo-only", AF_INET6, "[::1]:", 1},
 {"mapany", AF_INET6, "[::ffff:0.0.0.0]:", 0}, {"maplo", AF_INET6, "[::ffff:127.0.0.1]:", 0}}
local function open(k, port)
  local s = socket(k[2], SOCK_STREAM)
  if k[4] == 1 then setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, 1) end
  local ok, e = bind(s, k[3] .. port)
  return s, ok, e
end
for i, held in ipairs(kinds) do
  local line = {}
  for j, new in ipairs(kinds) do
    local port = 5000 + i * 20 + j
    local a, ok = open(held, port)
    local b, ok2, e = open(new, port)
    line[#line+1] = new[1] .. "=" .. (ok2 and "ok" or e)
    close(a) close(b)
  end
  print("held " .. held[1], table.concat(line, " "))
end
