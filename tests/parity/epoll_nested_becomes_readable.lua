-- An epoll instance is readable while its ready list has something; the outer one reports it (ep_eventpoll_poll).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local outer, inner = epoll_create1(), epoll_create1()
local e = eventfd(0, EFD_NONBLOCK)
print("add", epoll_ctl(outer, EPOLL_CTL_ADD, inner, EPOLLIN | EPOLLOUT, 1))
epoll_ctl(inner, EPOLL_CTL_ADD, e, EPOLLIN, 2)
show("outer before", epoll_wait(outer, 4, 0))
eventfd_write(e, 1)
show("outer", epoll_wait(outer, 4, 0))
show("inner", epoll_wait(inner, 4, 0))
show("outer", epoll_wait(outer, 4, 0))
eventfd_read(e)
show("outer after read", epoll_wait(outer, 4, 0))
show("inner after read", epoll_wait(inner, 4, 0))
local list = {{fd = inner, events = POLLIN | POLLOUT}}
eventfd_write(e, 1)
print("poll of the inner one", poll(list, 0), string.format("%x", list[1].revents))
