-- Edge-triggered, one instance, four waiters: one is woken, the others sleep on undisturbed (epoll(7), ep_poll_callback).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local ep = epoll_create1()
local e = eventfd(0, EFD_NONBLOCK)
epoll_ctl(ep, EPOLL_CTL_ADD, e, EPOLLIN | EPOLLET, 1)
local who, t, before = {}, {}, {}
for i = 1, 4 do
  t[i] = thread(function()
    epoll_wait(ep, 1, -1)
    who[#who + 1] = i
  end)
  wait_until_blocked(t[i])
end
for i = 1, 4 do before[i] = wakeups(t[i]) end
eventfd_write(e, 1)
wait_until_blocked(table.unpack(t))
print("first to return", who[1], "so many", #who)
for i = 1, 3 do print("worker", i, "woken", wakeups(t[i]) - before[i]) end
for _ = 1, 3 do eventfd_write(e, 1); wait_until_blocked(table.unpack(t)) end
print("order", table.concat(who, " "))
