-- A watch belongs to the open file, not the number: after close(fd) a dup keeps it reporting, and it cannot be removed by the old number (epoll(7), question 6).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local ep = epoll_create1()
local r, w = pipe()
local d = dup(r)
epoll_ctl(ep, EPOLL_CTL_ADD, r, EPOLLIN, 1)
close(r)
write(w, "x")
show("still reports", epoll_wait(ep, 4, 0))
print("del by old number", epoll_ctl(ep, EPOLL_CTL_DEL, r))
print("del by the dup", epoll_ctl(ep, EPOLL_CTL_DEL, d))
print("same number again", dup2(d, r) == r)
print("del now", epoll_ctl(ep, EPOLL_CTL_DEL, r))
show("gone", epoll_wait(ep, 4, 0))
