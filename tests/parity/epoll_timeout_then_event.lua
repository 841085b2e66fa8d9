-- A wait that timed out leaves nothing behind; the event that comes later is for the next wait (epoll_wait(2)).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local ep = epoll_create1()
local r, w = pipe()
epoll_ctl(ep, EPOLL_CTL_ADD, r, EPOLLIN | EPOLLET, 3)
show("timed out", epoll_wait(ep, 2, 20))
local t = thread(function() return #epoll_wait(ep, 2, 30) end)
wait_until_blocked(t)
print("thread timed out", join(t))
write(w, "x")
show("event", epoll_wait(ep, 2, 1000))
show("no more", epoll_wait(ep, 2, 0))
