-- Closing the last descriptor of a watched file takes it out, also from the ready list (eventpoll_release_file).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local ep = epoll_create1()
local a, b = eventfd(1, 0), eventfd(1, 0)
epoll_ctl(ep, EPOLL_CTL_ADD, a, EPOLLIN, 1)
epoll_ctl(ep, EPOLL_CTL_ADD, b, EPOLLIN, 2)
show("both ready", epoll_wait(ep, 4, 0))
print("close", close(a))
show("one left", epoll_wait(ep, 4, 0))
local c = eventfd(0, 0)
print("number used again", c == a)
print("mod finds nothing", epoll_ctl(ep, EPOLL_CTL_MOD, c, EPOLLIN))
print("add", epoll_ctl(ep, EPOLL_CTL_ADD, c, EPOLLOUT, 3))
show("order", epoll_wait(ep, 4, 0))
