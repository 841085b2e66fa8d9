-- SO_RCVLOWAT holds back readability in poll and epoll until so many bytes are there; the end of the stream is always told (socket(7), tcp_poll).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
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
local ep = epoll_create1()
local c, s = tcp_pair()
print("default", getsockopt(s, SOL_SOCKET, SO_RCVLOWAT))
print("set", setsockopt(s, SOL_SOCKET, SO_RCVLOWAT, 10), getsockopt(s, SOL_SOCKET, SO_RCVLOWAT))
epoll_ctl(ep, EPOLL_CTL_ADD, s, EPOLLIN, 1)
write(c, "12345")
show("five", epoll_wait(ep, 4, 0))
print("but a read without waiting takes them", recv(s, 100, MSG_DONTWAIT))
write(c, "123456789")
show("nine", epoll_wait(ep, 4, 0))
write(c, "0")
show("ten", epoll_wait(ep, 4, 0))
read(s, 100)
write(c, "abc")
show("three", epoll_wait(ep, 4, 0))
shutdown(c, SHUT_WR)
show("and the end", epoll_wait(ep, 4, 0))
