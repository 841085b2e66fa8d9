-- TCP_NODELAY off: with nothing unacknowledged a small write goes out at once, and a read gets what is there, not write by write (tcp(7)).
local function tcp_pair()
  local l = socket(AF_INET, SOCK_STREAM)
  bind(l, "127.0.0.1:0"); listen(l, 8)
  local c = socket(AF_INET, SOCK_STREAM)
  assert(connect(c, getsockname(l)))
  local s = assert(accept(l))
  close(l)
  return c, s
end
local c, s = tcp_pair()
setsockopt(c, IPPROTO_TCP, TCP_NODELAY, 1)
print("nodelay", getsockopt(c, IPPROTO_TCP, TCP_NODELAY), getsockopt(s, IPPROTO_TCP, TCP_NODELAY))
write(c, "a"); write(c, "bc"); write(c, "def")
print("there", ioctl(s, FIONREAD))
print("read", read(s, 4), read(s, 100))
print("writev", writev(c, {"x", "yy", "zzz"}))
print("readv", readv(s, {1, 1, 1, 9}))
