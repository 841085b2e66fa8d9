-- EPOLLONESHOT on a shared instance: one of four returns, the others sleep on though the data stay; MOD hands it to the next (epoll(7)).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local ep = epoll_create1()
local r, w = pipe()
epoll_ctl(ep, EPOLL_CTL_ADD, r, EPOLLIN | EPOLLONESHOT, 1)
local order, t, before = {}, {}, {}
for i = 1, 4 do
  t[i] = thread(function()
    epoll_wait(ep, 1, -1)
    order[#order + 1] = i
  end)
  wait_until_blocked(t[i])
end
for i = 1, 4 do before[i] = wakeups(t[i]) end
write(w, "x")
wait_until_blocked(table.unpack(t))
print("returned", table.concat(order, " "))
for i = 1, 3 do print("worker", i, "woken", wakeups(t[i]) - before[i]) end
for turn = 1, 3 do
  epoll_ctl(ep, EPOLL_CTL_MOD, r, EPOLLIN | EPOLLONESHOT, 1)
  wait_until_blocked(table.unpack(t))
  print("after mod", turn, table.concat(order, " "))
end
