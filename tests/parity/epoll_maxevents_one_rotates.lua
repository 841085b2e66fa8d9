-- A level-triggered item goes to the tail when reported, so maxevents 1 goes round (ep_send_events).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local ep = epoll_create1()
local e = {}
for i = 0, 4 do
  e[i] = eventfd(0, EFD_NONBLOCK)
  epoll_ctl(ep, EPOLL_CTL_ADD, e[i], EPOLLIN, i)
end
for _, i in ipairs({3, 0, 4, 1}) do eventfd_write(e[i], 1) end
for turn = 1, 6 do show("turn " .. turn, epoll_wait(ep, 1, 0)) end
eventfd_write(e[2], 1)
show("three", epoll_wait(ep, 3, 0))
show("three", epoll_wait(ep, 3, 0))
eventfd_read(e[3])
for turn = 1, 5 do show("without 3", epoll_wait(ep, 1, 0)) end
