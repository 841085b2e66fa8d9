-- EPOLLRDHUP is reported only when asked for, but the wake-up by FIN is EPOLLIN too (epoll_ctl(2)).
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
epoll_ctl(ep, EPOLL_CTL_ADD, s, EPOLLRDHUP, 1)
write(c, "data")
show("data is not asked for", epoll_wait(ep, 4, 0))
shutdown(c, SHUT_WR)
show("FIN", epoll_wait(ep, 4, 0))
epoll_ctl(ep, EPOLL_CTL_MOD, s, EPOLLIN, 2)
show("without RDHUP", epoll_wait(ep, 4, 0))
print(read(s, 10), #read(s, 10))
show("end of stream stays readable", epoll_wait(ep, 4, 0))
