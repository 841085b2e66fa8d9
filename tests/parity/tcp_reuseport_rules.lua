-- SO_REUSEPORT must be set on all sockets of a port before bind; then all may listen (socket(7)).
local function sock(value)
  local s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK)
  if value then setsockopt(s, SOL_SOCKET, SO_REUSEPORT, value) end
  return s
end
local a, b = sock(1), sock(1)
bind(a, "127.0.0.1:0")
local address = getsockname(a)
print("a second", bind(b, address))
print("without it", bind(sock(), address))
print("listen", listen(a, 8), listen(b, 8))
print("a third after listen", bind(sock(1), address))
local total = 0
for _ = 1, 8 do connect(socket(AF_INET, SOCK_STREAM), address) end
for _, l in ipairs({a, b}) do while accept(l) do total = total + 1 end end
print("all are accepted by one or the other", total)
local c, d = sock(), sock(1)
bind(c, "127.0.0.1:0")
setsockopt(c, SOL_SOCKET, SO_REUSEPORT, 1)
print("set after bind on the first", bind(d, getsockname(c)))
