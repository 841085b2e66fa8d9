-- An urgent byte is EPOLLPRI until it is passed; recv(MSG_OOB) ends it (tcp(7), tcp_poll).
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
epoll_ctl(ep, EPOLL_CTL_ADD, s, EPOLLPRI, 1)
write(c, "ab")
show("ordinary", epoll_wait(ep, 4, 0))
send(c, "!", MSG_OOB)
show("urgent", epoll_wait(ep, 4, 0))
epoll_ctl(ep, EPOLL_CTL_MOD, s, EPOLLIN | EPOLLPRI, 1)
show("both", epoll_wait(ep, 4, 0))
print("urgent byte", recv(s, 8, MSG_OOB))
show("taken", epoll_wait(ep, 4, 0))
print("rest", read(s, 8))
show("nothing", epoll_wait(ep, 4, 0))
