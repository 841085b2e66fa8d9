-- What arrives after a wait returned joins behind the level-triggered items that it listed again (ep_done_scan, ovflist).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local ep = epoll_create1()
local e = {}
for i = 1, 5 do
  e[i] = eventfd(0, EFD_NONBLOCK)
  epoll_ctl(ep, EPOLL_CTL_ADD, e[i], EPOLLIN, i)
end
eventfd_write(e[2], 1); eventfd_write(e[1], 1)
show("first", epoll_wait(ep, 8, 0))
eventfd_write(e[5], 1); eventfd_write(e[3], 1)
show("then", epoll_wait(ep, 3, 0))
show("then", epoll_wait(ep, 3, 0))
eventfd_read(e[1]); eventfd_read(e[2])
show("two gone", epoll_wait(ep, 8, 0))
eventfd_write(e[4], 1)
show("4 last", epoll_wait(ep, 8, 0))
