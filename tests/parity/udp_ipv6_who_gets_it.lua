-- Which of several sockets of both families gets a datagram of either: the peer's, the exact address, any; IPv4's own before IPv6's; with SO_REUSEPORT IPv6's are found in order of their coming (compute_score, udp6_lib_lookup2).
local function open(family, own, option, only)
  local s = socket(family, SOCK_DGRAM)
  setsockopt(s, SOL_SOCKET, option or SO_REUSEADDR, 1)
  if only then setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, 1) end
  local ok, error = bind(s, own)
  if not ok then print("bind", own, error) end
  return s
end
local sender = open(AF_INET6, "[::]:7100")
local function deliver(sockets, port)
  local line = {}
  for _, to in ipairs{"[::1]", "[::ffff:127.0.0.1]", "[::ffff:127.0.0.2]"} do
    sendto(sender, "x", 0, to .. ":" .. port)
    local got = "nobody"
    for i, s in ipairs(sockets) do
      local data, from = recvfrom(s, 10, MSG_DONTWAIT)
      if data then got = i .. " from " .. from end
    end
    line[#line + 1] = to .. "=" .. got
  end
  print(table.concat(line, " "))
end
local list = {}
local function add(...) list[#list + 1] = open(...) print("with", (select(2, ...))) deliver(list, 7101) end
add(AF_INET6, "[::]:7101") add(AF_INET, "0.0.0.0:7101") add(AF_INET6, "[::]:7101") add(AF_INET6, "[::]:7101", nil, true)
add(AF_INET6, "[::1]:7101") add(AF_INET6, "[::ffff:127.0.0.1]:7101") add(AF_INET, "127.0.0.1:7101")
add(AF_INET6, "[::ffff:0.0.0.0]:7101") add(AF_INET6, "[::1]:7101")
print("connected", connect(list[1], "[::1]:7100")) deliver(list, 7101)
print("connected", connect(list[3], "[::ffff:127.0.0.1]:7100")) deliver(list, 7101)
print("another peer", connect(list[5], "[::1]:7999")) deliver(list, 7101)
print("away", connect(list[1], nil), connect(list[3], nil)) deliver(list, 7101)
for i = #list, 6, -1 do close(table.remove(list)) deliver(list, 7101) end
-- a broadcast reaches IPv6's sockets too
setsockopt(sender, SOL_SOCKET, SO_BROADCAST, 1)
sendto(sender, "all", 0, "[::ffff:127.255.255.255]:7101")
for i, s in ipairs(list) do print(i, recvfrom(s, 10, MSG_DONTWAIT)) end
-- groups: one of each family, and of IPv6 alone one more
local r = {open(AF_INET6, "[::]:7102", SO_REUSEPORT), open(AF_INET, "0.0.0.0:7102", SO_REUSEPORT), open(AF_INET6, "[::]:7102", SO_REUSEPORT, true)}
for i = 1, 3 do deliver(r, 7102) close(table.remove(r)) end
