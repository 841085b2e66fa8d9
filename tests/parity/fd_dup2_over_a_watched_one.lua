-- dup2 over a number watched by epoll closes the old file: the watch goes, the new file is not watched (eventpoll_release_file).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local ep = epoll_create1()
local a, b = eventfd(1, 0), eventfd(1, 0)
epoll_ctl(ep, EPOLL_CTL_ADD, a, EPOLLIN, 1)
show("a", epoll_wait(ep, 4, 0))
print("dup2", dup2(b, a) == a)
show("not the new file", epoll_wait(ep, 4, 0))
print("mod", epoll_ctl(ep, EPOLL_CTL_MOD, a, EPOLLIN, 2))
print("add", epoll_ctl(ep, EPOLL_CTL_ADD, a, EPOLLIN, 3), epoll_ctl(ep, EPOLL_CTL_ADD, b, EPOLLIN, 4))
show("twice", epoll_wait(ep, 4, 0))
print("dup2 onto itself keeps it", dup2(a, a) == a)
show("twice", epoll_wait(ep, 4, 0))
