-- A reader that does not read stops the writer: EAGAIN, no POLLOUT; reading all opens the window again (tcp(7)).
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
fcntl(c, F_SETFL, O_NONBLOCK)
local total, chunk = 0, string.rep("x", 65536)
while true do
  local n, err = write(c, chunk)
  if not n then print("full", err) break end
  total = total + n
end
local list = {{fd = c, events = POLLOUT}}
print("poll", poll(list, 0))
print("unacknowledged or unread", ioctl(c, SIOCOUTQ) + ioctl(s, FIONREAD) >= total)
local got = 0
while got < total do
  local d = read(s, 262144)
  got = got + #d
end
print("all came", got == total, ioctl(s, FIONREAD))
print("poll", poll(list, 1000), string.format("%x", list[1].revents))
