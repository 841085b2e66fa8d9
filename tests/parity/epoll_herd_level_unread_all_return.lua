-- Level-triggered, one instance, nobody reads: each that returns has listed the item again and woken the next, so all return, last come first (ep_done_scan).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local ep = epoll_create1()
local e = eventfd(0, 0)
epoll_ctl(ep, EPOLL_CTL_ADD, e, EPOLLIN, 1)
local order, t = {}, {}
for i = 1, 6 do
  t[i] = thread(function() epoll_wait(ep, 1, -1); order[#order + 1] = i end)
  wait_until_blocked(t[i])
end
eventfd_write(e, 1)
for i = 1, 6 do join(t[i]) end
print(table.concat(order, " "))
print("never read", eventfd_read(e))
