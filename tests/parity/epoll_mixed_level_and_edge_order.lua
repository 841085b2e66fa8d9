-- Level items reported go to the tail, edge items leave: what the next wait sees (ep_send_events).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local ep = epoll_create1()
local e = {}
for i = 1, 4 do
  e[i] = eventfd(1, EFD_NONBLOCK)
  epoll_ctl(ep, EPOLL_CTL_ADD, e[i], i % 2 == 0 and EPOLLIN | EPOLLET or EPOLLIN, i)
end
show("three of four", epoll_wait(ep, 3, 0))
show("four first, then level", epoll_wait(ep, 8, 0))
eventfd_write(e[2], 1)
show("2 after the level ones", epoll_wait(ep, 8, 0))
epoll_ctl(ep, EPOLL_CTL_DEL, e[1])
show("deleted while listed", epoll_wait(ep, 8, 0))
