-- EPOLLHUP and EPOLLERR are reported though not asked for (epoll_ctl(2): "not necessary to set it").
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local ep = epoll_create1()
local r, w = pipe()
epoll_ctl(ep, EPOLL_CTL_ADD, r, 0, 1)
write(w, "data")
show("data unasked", epoll_wait(ep, 4, 0))
close(w)
show("hang-up", epoll_wait(ep, 4, 0))
read(r, 10)
show("and stays", epoll_wait(ep, 4, 0))
local r2, w2 = pipe()
epoll_ctl(ep, EPOLL_CTL_ADD, w2, 0, 2)
close(r2)
show("error of the other pipe", epoll_wait(ep, 4, 0))
print("write", write(w2, "x"))
