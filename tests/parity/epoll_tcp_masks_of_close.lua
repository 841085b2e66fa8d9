-- TCP masks: peer's FIN gives IN|RDHUP, own SHUT_WR on top gives HUP, a reset gives 0x2019 (tcp_poll).
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
local all = EPOLLIN | EPOLLRDHUP | EPOLLPRI
local c, s = tcp_pair()
epoll_ctl(ep, EPOLL_CTL_ADD, s, all, 1)
show("idle", epoll_wait(ep, 4, 0))
shutdown(c, SHUT_WR)
show("FIN", epoll_wait(ep, 4, 0))
shutdown(s, SHUT_WR)
show("both FIN", epoll_wait(ep, 4, 0))
close(s)
local c2, s2 = tcp_pair()
epoll_ctl(ep, EPOLL_CTL_ADD, s2, all | EPOLLET, 2)
setsockopt(c2, SOL_SOCKET, SO_LINGER, {1, 0})
close(c2)
show("RST", epoll_wait(ep, 4, 0))
show("once", epoll_wait(ep, 4, 0))
print("read", read(s2, 1))
print("read", read(s2, 1))
