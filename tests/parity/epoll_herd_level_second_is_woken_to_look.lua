-- Level-triggered, one instance: after the report the item is listed again and the next waiter is woken, finds nothing and sleeps on (ep_send_events, ep_done_scan).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local ep = epoll_create1()
local e = eventfd(0, EFD_NONBLOCK)
epoll_ctl(ep, EPOLL_CTL_ADD, e, EPOLLIN, 1)
local returned, t, before = 0, {}, {}
for i = 1, 4 do
  t[i] = thread(function()
    epoll_wait(ep, 1, -1)
    eventfd_read(e)
    local n = returned; returned = n + 1
  end)
  wait_until_blocked(t[i])
end
for i = 1, 3 do before[i] = wakeups(t[i]) end
eventfd_write(e, 1)
wait_until_blocked(table.unpack(t))
print("returned", returned)
for i = 1, 3 do print("worker", i, "woken", wakeups(t[i]) - before[i]) end
for i = 1, 3 do eventfd_write(e, 1); wait_until_blocked(table.unpack(t)) end
print("returned", returned)
