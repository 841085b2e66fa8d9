-- eventfd_read wakes with EPOLLOUT, so an edge-triggered writer is told; the mask is the whole state (fs/eventfd.c).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local ep = epoll_create1()
local e = eventfd(0, EFD_NONBLOCK)
eventfd_write(e, -2)
epoll_ctl(ep, EPOLL_CTL_ADD, e, EPOLLIN | EPOLLOUT | EPOLLET, 2)
show("full", epoll_wait(ep, 4, 0))
print("write to the full one", eventfd_write(e, 1))
show("no edge", epoll_wait(ep, 4, 0))
print("read", eventfd_read(e))
show("edge by the read", epoll_wait(ep, 4, 0))
print("read empty", eventfd_read(e))
show("no edge", epoll_wait(ep, 4, 0))
eventfd_write(e, 5)
show("edge by the write", epoll_wait(ep, 4, 0))
