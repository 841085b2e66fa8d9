-- An epoll instance inherited over fork is the same: what the child adds the parent sees, by the child's open file (epoll(7)).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local ep = epoll_create1()
local a, b = eventfd(1, 0), eventfd(0, 0)
epoll_ctl(ep, EPOLL_CTL_ADD, a, EPOLLIN, 1)
waitpid(process(function()
  epoll_ctl(ep, EPOLL_CTL_MOD, a, EPOLLIN, 11)
  epoll_ctl(ep, EPOLL_CTL_ADD, b, EPOLLIN, 2)
  eventfd_write(b, 1)
  local own = eventfd(1, 0)
  epoll_ctl(ep, EPOLL_CTL_ADD, own, EPOLLIN, 3)
end))
show("parent sees", epoll_wait(ep, 8, 0))
local pid = process(function() close(a); close(b); return #epoll_wait(ep, 8, 0) end)
print("child, its numbers closed, still sees", waitpid(pid))
show("parent", epoll_wait(ep, 8, 0))
