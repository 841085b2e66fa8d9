-- Two UDP sockets share a port unless there is a packet that both would take, or both allow it; IPV6_V6ONLY is asked of the one that was there (inet_rcv_saddr_equal, udp_lib_lport_inuse).
local kinds = {
  {"v4any", AF_INET, "0.0.0.0:", 0}, {"v4lo", AF_INET, "127.0.0.1:", 0},
  {"v6any", AF_INET6, "[::]:", 0}, {"v6only", AF_INET6, "[::]:", 1}, {"v6lo", AF_INET6, "[::1]:", 0},
  {"mapany", AF_INET6, "[::ffff:0.0.0.0]:", 0}, {"maplo", AF_INET6, "[::ffff:127.0.0.1]:", 0}}
local function open(kind, port, option)
  local s = socket(kind[2], SOCK_DGRAM)
  if kind[4] == 1 then setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, 1) end
  if option then setsockopt(s, SOL_SOCKET, option, 1) end
  local ok, error = bind(s, kind[3] .. port)
  return s, ok and "ok" or error
end
local function matrix(first, second)
  for i, held in ipairs(kinds) do
    local line = {}
    for j, new in ipairs(kinds) do
      local port = 5000 + i * 20 + j
      local a = open(held, port, first)
      local b, outcome = open(new, port, second)
      line[#line + 1] = new[1] .. "=" .. outcome
      close(a) close(b)
    end
    print(held[1], table.concat(line, " "))
  end
end
print("plain") matrix()
print("SO_REUSEADDR") matrix(SO_REUSEADDR, SO_REUSEADDR)
print("SO_REUSEPORT") matrix(SO_REUSEPORT, SO_REUSEPORT)
print("of one") matrix(SO_REUSEPORT)
-- connected to ::1 without being bound: IPv4's unspecified address is refused all the same
local c = socket(AF_INET6, SOCK_DGRAM) connect(c, "[::1]:9")
local port = getsockname(c):match("(%d+)$")
for _, kind in ipairs(kinds) do
  local s, outcome = open(kind, port)
  print("connected", kind[1], outcome)
  close(s)
end
