-- Masks of a Unix stream pair: OUT, IN, RDHUP by the peer's SHUT_WR, HUP when both directions are shut (unix_poll).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local ep = epoll_create1()
local a, b = socketpair(AF_UNIX, SOCK_STREAM)
local all = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI
epoll_ctl(ep, EPOLL_CTL_ADD, a, all, 1)
show("idle", epoll_wait(ep, 4, 0))
write(b, "x")
show("data", epoll_wait(ep, 4, 0))
shutdown(b, SHUT_WR)
show("peer shut its writing", epoll_wait(ep, 4, 0))
read(a, 9)
show("drained", epoll_wait(ep, 4, 0))
shutdown(b, SHUT_RD)
show("peer shut both", epoll_wait(ep, 4, 0))
close(b)
show("peer closed", epoll_wait(ep, 4, 0))
