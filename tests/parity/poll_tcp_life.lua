-- revents of a TCP socket through its life (tcp_poll): fresh, listening, connected, half closed, closed, reset.
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
local all = POLLIN | POLLOUT | POLLPRI | POLLRDHUP
print("fresh", mask(socket(AF_INET, SOCK_STREAM), all))
local c, s = tcp_pair()
print("connected", mask(c, all), mask(s, all))
write(c, "abc")
print("data", mask(s, all))
shutdown(c, SHUT_WR)
print("half closed", mask(c, all), mask(s, all))
read(s, 3)
shutdown(s, SHUT_WR)
print("both", mask(c, all), mask(s, all))
local c2, s2 = tcp_pair()
shutdown(c2, SHUT_RD)
print("own SHUT_RD", mask(c2, all), mask(s2, all))
setsockopt(s2, SOL_SOCKET, SO_LINGER, {1, 0}); close(s2)
print("reset", mask(c2, all), getsockopt(c2, SOL_SOCKET, SO_ERROR))
print("error taken", mask(c2, all))
