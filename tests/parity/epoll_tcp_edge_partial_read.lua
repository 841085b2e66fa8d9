-- Edge-triggered TCP: a partial read gives no event, one more byte does, with the whole mask (epoll(7), sock_def_readable).
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
epoll_ctl(ep, EPOLL_CTL_ADD, s, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, 1)
show("writable at first", epoll_wait(ep, 4, 0))
write(c, "0123456789")
show("ten bytes", epoll_wait(ep, 4, 0))
print("read", read(s, 4))
show("partial read", epoll_wait(ep, 4, 0))
write(c, "a")
show("one more", epoll_wait(ep, 4, 0))
print("read", read(s, 100))
shutdown(c, SHUT_WR)
show("FIN", epoll_wait(ep, 4, 0))
print("end", #read(s, 1))
show("nothing more", epoll_wait(ep, 4, 0))
