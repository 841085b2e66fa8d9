-- Eight instances without EPOLLEXCLUSIVE on one listener: all are woken by a connection, one accepts, all return to the program only if they look before (non-exclusive wait queue entries, LIFO).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local function listener(backlog)
  local l = assert(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK))
  bind(l, "127.0.0.1:0"); listen(l, backlog)
  return l, getsockname(l)
end
local l, address = listener(16)
local accepted, empty, t, before = {}, 0, {}, {}
for i = 1, 8 do
  t[i] = thread(function()
    local ep = epoll_create1()
    epoll_ctl(ep, EPOLL_CTL_ADD, l, EPOLLIN, i)
    local list = epoll_wait(ep, 1, -1)
    local fd = accept4(l)
    if fd then accepted[#accepted + 1] = i else local n = empty; empty = n + 1 end
  end)
  wait_until_blocked(t[i])
end
for i = 1, 8 do before[i] = wakeups(t[i]) end
local c = socket(AF_INET, SOCK_STREAM)
print("connect", connect(c, address))
wait_until_blocked(table.unpack(t))
print("accepted by", table.concat(accepted, " "), "in vain", empty)
for i = 1, 8 do
  if i ~= accepted[1] then print("worker", i, "woken", wakeups(t[i]) - before[i]) end
end
for _ = 1, 7 do connect(socket(AF_INET, SOCK_STREAM), address); wait_until_blocked(table.unpack(t)) end
print("all", table.concat(accepted, " "), "in vain", empty)
