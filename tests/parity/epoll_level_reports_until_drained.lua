-- Level-triggered: an item is reported by every wait until what it holds is read (epoll(7)).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local ep = epoll_create1()
local r, w = pipe()
epoll_ctl(ep, EPOLL_CTL_ADD, r, EPOLLIN, 7)
show("empty", epoll_wait(ep, 8, 0))
write(w, "abc")
show("first", epoll_wait(ep, 8, 0))
show("again", epoll_wait(ep, 8, 0))
print("read", read(r, 2))
show("one byte left", epoll_wait(ep, 8, 0))
print("read", read(r, 2))
show("drained", epoll_wait(ep, 8, 0))
write(w, "z")
show("refilled", epoll_wait(ep, 8, -1))
