-- An edge-triggered outer watch of an inner instance is told at each new arrival inside (ep_poll_callback, ep_poll_safewake).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local outer, inner = epoll_create1(), epoll_create1()
local a, b = eventfd(0, EFD_NONBLOCK), eventfd(0, EFD_NONBLOCK)
epoll_ctl(outer, EPOLL_CTL_ADD, inner, EPOLLIN | EPOLLET, 9)
epoll_ctl(inner, EPOLL_CTL_ADD, a, EPOLLIN, 1)
epoll_ctl(inner, EPOLL_CTL_ADD, b, EPOLLIN, 2)
show("nothing", epoll_wait(outer, 4, 0))
eventfd_write(a, 1)
show("a", epoll_wait(outer, 4, 0))
show("no new edge", epoll_wait(outer, 4, 0))
eventfd_write(b, 1)
show("b too", epoll_wait(outer, 4, 0))
show("inner", epoll_wait(inner, 4, 0))
eventfd_read(a); eventfd_read(b)
eventfd_write(b, 1)
show("b again", epoll_wait(outer, 4, 0))
