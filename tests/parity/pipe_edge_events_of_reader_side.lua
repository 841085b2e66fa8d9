-- Edge-triggered pipe: every write of data is an event even if the reader left some (pipe_write wakes for epoll: poll_usage).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local ep = epoll_create1()
local r, w = pipe2(O_NONBLOCK)
epoll_ctl(ep, EPOLL_CTL_ADD, r, EPOLLIN | EPOLLET, 1)
epoll_ctl(ep, EPOLL_CTL_ADD, w, EPOLLOUT | EPOLLET, 2)
show("start", epoll_wait(ep, 4, 0))
write(w, "a")
show("write", epoll_wait(ep, 4, 0))
write(w, "b")
show("write with data left", epoll_wait(ep, 4, 0))
write(w, string.rep("x", 70000))
show("filled", epoll_wait(ep, 4, 0))
read(r, 100)
show("a little read", epoll_wait(ep, 4, 0))
read(r, 65536)
show("all read", epoll_wait(ep, 4, 0))
