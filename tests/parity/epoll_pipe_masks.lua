-- Masks of both ends of a pipe: IN, OUT, HUP when no writer, ERR when no reader (pipe_poll).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local ep = epoll_create1()
local r, w = pipe2(O_NONBLOCK)
local all = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLRDNORM | EPOLLWRNORM
epoll_ctl(ep, EPOLL_CTL_ADD, r, all, 1)
epoll_ctl(ep, EPOLL_CTL_ADD, w, all, 2)
show("empty", epoll_wait(ep, 4, 0))
write(w, string.rep("x", 65536))
show("full", epoll_wait(ep, 4, 0))
read(r, 65536)
close(w)
show("writer gone", epoll_wait(ep, 4, 0))
local r2, w2 = pipe()
epoll_ctl(ep, EPOLL_CTL_DEL, r)
epoll_ctl(ep, EPOLL_CTL_ADD, w2, all, 3)
epoll_ctl(ep, EPOLL_CTL_ADD, r2, 0, 4)
close(r2)
show("reader gone", epoll_wait(ep, 4, 0))
