-- Data and FIN that came before the look: one event with IN and RDHUP; the data are read first (tcp_poll).
local function mask(fd, events)
  local list = {{fd = fd, events = events}}
  local n, err = poll(list, 0)
  return n and string.format("%x", list[1].revents) or err
end
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
write(c, "goodbye")
close(c)
print("mask", mask(s, POLLIN | POLLRDHUP | POLLOUT))
print("held", ioctl(s, FIONREAD))
print("read", read(s, 3), read(s, 100), #read(s, 100), #read(s, 100))
print("mask", mask(s, POLLIN | POLLRDHUP | POLLOUT))
print("state", getsockopt(s, IPPROTO_TCP, TCP_INFO).tcpi_state)
