-- TcpActiveOpens, TcpPassiveOpens, TcpAttemptFails, TcpOutRsts (RFC 4022; net/ipv4/proc.c).
local function listener(backlog)
  local l = assert(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK))
  bind(l, "127.0.0.1:0"); listen(l, backlog)
  return l, getsockname(l)
end
local function all()
  return nstat("TcpActiveOpens"), nstat("TcpPassiveOpens"), nstat("TcpAttemptFails"), nstat("TcpOutRsts")
end
print("start", all())
local l, address = listener(4)
local c = socket(AF_INET, SOCK_STREAM)
connect(c, address)
print("one connection", all())
local closed = socket(AF_INET, SOCK_STREAM)
bind(closed, "127.0.0.1:0")
print(connect(socket(AF_INET, SOCK_STREAM), getsockname(closed)))
print("one refused", all())
for _ = 1, 3 do connect(socket(AF_INET, SOCK_STREAM), address) end
print("three more", all())
print("established", nstat("TcpCurrEstab"))
