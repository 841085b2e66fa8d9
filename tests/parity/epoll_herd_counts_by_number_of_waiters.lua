-- Level-triggered, one instance, n waiters, the event consumed at once: one returns and, if there is another, one is woken in vain, however many wait (ep_send_events).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
for _, n in ipairs({1, 2, 3, 5, 8}) do
  local ep = epoll_create1()
  local e, stop = eventfd(0, EFD_NONBLOCK), false
  epoll_ctl(ep, EPOLL_CTL_ADD, e, EPOLLIN, 1)
  local returned, t, before = 0, {}, {}
  for i = 1, n do
    t[i] = thread(function()
      repeat
        epoll_wait(ep, 1, -1)
        if stop then return end
        eventfd_read(e)
        returned = returned + 1
      until false
    end)
    wait_until_blocked(t[i])
  end
  for i = 1, n do before[i] = wakeups(t[i]) end
  for _ = 1, 4 do eventfd_write(e, 1); wait_until_blocked(table.unpack(t)) end
  local sum = 0
  for i = 1, n do local k = wakeups(t[i]); sum = sum + k - before[i] end
  print("waiters", n, "returned", returned, "woken", sum)
  stop = true
  eventfd_write(e, 1)
  for i = 1, n do join(t[i]) end
end
