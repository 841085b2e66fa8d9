-- EPOLLONESHOT disables the item after one report; only EPOLL_CTL_MOD arms it again (epoll_ctl(2), ep_send_events).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local ep = epoll_create1()
local r, w = pipe()
epoll_ctl(ep, EPOLL_CTL_ADD, r, EPOLLIN | EPOLLONESHOT, 1)
write(w, "x")
show("first", epoll_wait(ep, 8, 0))
write(w, "y")
show("disabled", epoll_wait(ep, 8, 0))
print("add again", epoll_ctl(ep, EPOLL_CTL_ADD, r, EPOLLIN, 2))
print("mod", epoll_ctl(ep, EPOLL_CTL_MOD, r, EPOLLIN | EPOLLONESHOT, 3))
show("armed, still full", epoll_wait(ep, 8, 0))
read(r, 10)
epoll_ctl(ep, EPOLL_CTL_MOD, r, EPOLLIN, 4)
show("armed, empty", epoll_wait(ep, 8, 0))
write(w, "z")
show("now level", epoll_wait(ep, 8, 0))
show("and again", epoll_wait(ep, 8, 0))
