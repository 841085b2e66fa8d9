-- accept4's flags decide O_NONBLOCK and FD_CLOEXEC of the new socket, nothing of it comes from the listener; socket options do (accept(2), tcp_create_openreq_child).
local l = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC)
setsockopt(l, IPPROTO_TCP, TCP_NODELAY, 1)
setsockopt(l, SOL_SOCKET, SO_KEEPALIVE, 1)
setsockopt(l, SOL_SOCKET, SO_RCVTIMEO, ms(20))
bind(l, "127.0.0.1:0"); listen(l, 3)
local function one(flags)
  local c = socket(AF_INET, SOCK_STREAM)
  connect(c, getsockname(l))
  local s, err = accept4(l, flags)
  if not s then return err end
  return fcntl(s, F_GETFL) & O_NONBLOCK ~= 0, fcntl(s, F_GETFD),
    getsockopt(s, IPPROTO_TCP, TCP_NODELAY), getsockopt(s, SOL_SOCKET, SO_KEEPALIVE), getsockopt(s, SOL_SOCKET, SO_RCVTIMEO) // ms(1)
end
print("none", one(0))
print("nonblock", one(SOCK_NONBLOCK))
print("both", one(SOCK_NONBLOCK | SOCK_CLOEXEC))
print("wrong", one(SOCK_STREAM))
