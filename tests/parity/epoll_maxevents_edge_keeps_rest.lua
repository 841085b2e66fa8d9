-- With maxevents below the number ready, edge-triggered items not yet reported stay in order (ep_send_events, ep_done_scan).
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
  epoll_ctl(ep, EPOLL_CTL_ADD, e[i], EPOLLIN | EPOLLET, i)
end
for i = 5, 1, -1 do eventfd_write(e[i], 1) end
show("two", epoll_wait(ep, 2, 0))
eventfd_write(e[5], 1)
show("two", epoll_wait(ep, 2, 0))
show("two", epoll_wait(ep, 2, 0))
show("none", epoll_wait(ep, 2, 0))
