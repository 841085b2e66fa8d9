-- A fresh TCP socket is OUT|HUP (0x14), a listener silent, a fresh UDP socket writable (tcp_poll, datagram_poll).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local ep = epoll_create1()
local t, u, l = socket(AF_INET, SOCK_STREAM), socket(AF_INET, SOCK_DGRAM), socket(AF_INET, SOCK_STREAM)
local x = socket(AF_UNIX, SOCK_STREAM)
bind(l, "127.0.0.1:0"); listen(l, 1)
local all = EPOLLIN | EPOLLOUT | EPOLLRDHUP
for i, fd in ipairs({t, u, l, x}) do epoll_ctl(ep, EPOLL_CTL_ADD, fd, all, i) end
show("masks", epoll_wait(ep, 8, 0))
local c = socket(AF_INET, SOCK_STREAM)
connect(c, getsockname(l))
epoll_ctl(ep, EPOLL_CTL_DEL, t); epoll_ctl(ep, EPOLL_CTL_DEL, u); epoll_ctl(ep, EPOLL_CTL_DEL, x)
show("a connection waits", epoll_wait(ep, 8, 0))
close(accept(l))
show("taken", epoll_wait(ep, 8, 0))
