-- Edge-triggered: writes before a wait are one event, no read gives no new one, a further write does (epoll(7)).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local ep = epoll_create1()
local r, w = pipe()
epoll_ctl(ep, EPOLL_CTL_ADD, r, EPOLLIN | EPOLLET, 1)
write(w, "a"); write(w, "b")
show("two writes", epoll_wait(ep, 8, 0))
show("again", epoll_wait(ep, 8, 0))
print("partial read", read(r, 1))
show("after partial read", epoll_wait(ep, 8, 0))
write(w, "c")
show("one more write", epoll_wait(ep, 8, 0))
print("rest", read(r, 10))
show("after reading all", epoll_wait(ep, 8, 0))
