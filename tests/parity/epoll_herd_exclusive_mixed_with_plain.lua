-- A wake-up passes all non-exclusive entries and one exclusive: two plain and three exclusive instances on an eventfd (__wake_up_common).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local e = eventfd(0, EFD_NONBLOCK)
local woken, t = {}, {}
for i = 1, 5 do
  t[i] = thread(function()
    local ep = epoll_create1()
    epoll_ctl(ep, EPOLL_CTL_ADD, e, i <= 3 and EPOLLIN | EPOLLEXCLUSIVE or EPOLLIN, i)
    epoll_wait(ep, 1, -1)
    woken[#woken + 1] = i
  end)
  wait_until_blocked(t[i])
end
eventfd_write(e, 1)
wait_until_blocked(table.unpack(t))
print("in order", table.concat(woken, " "))
eventfd_write(e, 1)
wait_until_blocked(table.unpack(t))
print("in order", table.concat(woken, " "))
