-- A socket whose connection is in TIME_WAIT may be bound anew, unless its port was named by bind() (tcp_done, __inet_bind).
local function ended(port)
  local l = socket(AF_INET, SOCK_STREAM)
  setsockopt(l, SOL_SOCKET, SO_REUSEADDR, 1)
  bind(l, "127.0.0.1:0") listen(l, 1)
  local c = socket(AF_INET, SOCK_STREAM)
  if port then bind(c, "127.0.0.1:" .. port) end
  connect(c, getsockname(l))
  local s = accept(l)
  shutdown(c, SHUT_WR)
  read(s, 1) close(s) close(l)
  read(c, 1)
  return c
end
local c = ended()
print("any port", bind(c, "127.0.0.2:4001"))
print("again", bind(c, "127.0.0.2:4002"))
print("name", getsockname(c), getpeername(c))
print("connect", connect(c, "127.0.0.1:1"))
print("listen", listen(c, 1))
local d = ended(4100)
print("own port", bind(d, "127.0.0.2:4003"))
