-- The key of a watch is number and file: a dup may be added beside it and both report (epoll(7), question 1).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local ep = epoll_create1()
local r, w = pipe()
local d = dup(r)
print("add", epoll_ctl(ep, EPOLL_CTL_ADD, r, EPOLLIN, 1))
print("add the dup", epoll_ctl(ep, EPOLL_CTL_ADD, d, EPOLLIN | EPOLLET, 2))
write(w, "x")
show("both", epoll_wait(ep, 4, 0))
show("level only", epoll_wait(ep, 4, 0))
close(r)
show("the number closed, the file lives", epoll_wait(ep, 4, 0))
close(d)
show("the file is gone", epoll_wait(ep, 4, 0))
