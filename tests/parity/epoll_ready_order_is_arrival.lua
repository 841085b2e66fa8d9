-- The ready list is in order of arrival; an item already on it keeps its place (ep_poll_callback).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local ep = epoll_create1()
local e = {}
for i = 0, 5 do
  e[i] = eventfd(0, EFD_NONBLOCK)
  epoll_ctl(ep, EPOLL_CTL_ADD, e[i], EPOLLIN, i)
end
for _, i in ipairs({3, 0, 4, 1}) do eventfd_write(e[i], 1) end
eventfd_write(e[3], 1)
show("arrival", epoll_wait(ep, 8, 0))
eventfd_write(e[2], 1)
show("newcomer last", epoll_wait(ep, 8, 0))
eventfd_read(e[0]); eventfd_write(e[0], 1)
show("no look between", epoll_wait(ep, 8, 0))
eventfd_read(e[4])
show("4 left", epoll_wait(ep, 8, 0))
eventfd_write(e[4], 1)
show("4 at the tail", epoll_wait(ep, 8, 0))
