-- EPOLL_CTL_ADD polls the file at once: an edge-triggered item added when already readable is an event (ep_insert).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local ep = epoll_create1()
local e = eventfd(3, EFD_NONBLOCK)
epoll_ctl(ep, EPOLL_CTL_ADD, e, EPOLLIN | EPOLLOUT | EPOLLET, 5)
show("added ready", epoll_wait(ep, 4, 0))
show("once", epoll_wait(ep, 4, 0))
epoll_ctl(ep, EPOLL_CTL_MOD, e, EPOLLIN | EPOLLET, 6)
show("mod re-arms", epoll_wait(ep, 4, 0))
show("once again", epoll_wait(ep, 4, 0))
epoll_ctl(ep, EPOLL_CTL_MOD, e, EPOLLPRI | EPOLLET, 7)
show("mod to a mask not met", epoll_wait(ep, 4, 0))
