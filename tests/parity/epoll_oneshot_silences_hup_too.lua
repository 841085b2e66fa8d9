-- A fired EPOLLONESHOT item keeps only its private bits: not even EPOLLHUP is reported (EP_PRIVATE_BITS in ep_poll_callback).
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
show("data", epoll_wait(ep, 8, 0))
close(w)
show("hang-up while disabled", epoll_wait(ep, 8, 0))
epoll_ctl(ep, EPOLL_CTL_MOD, r, EPOLLONESHOT, 1)
show("armed for nothing", epoll_wait(ep, 8, 0))
show("once", epoll_wait(ep, 8, 0))
