-- Two events, two sleepers in one instance: each takes one with maxevents 1 (ep_poll wakes again while the ready list is not empty).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local ep = epoll_create1()
local a, b = eventfd(0, EFD_NONBLOCK), eventfd(0, EFD_NONBLOCK)
epoll_ctl(ep, EPOLL_CTL_ADD, a, EPOLLIN | EPOLLET, 1)
epoll_ctl(ep, EPOLL_CTL_ADD, b, EPOLLIN | EPOLLET, 2)
local got, t = {}, {}
for i = 1, 3 do
  t[i] = thread(function()
    local list = epoll_wait(ep, 1, -1)
    got[#got + 1] = i .. " got " .. list[1].data
  end)
  wait_until_blocked(t[i])
end
eventfd_write(a, 1); eventfd_write(b, 1)
wait_until_blocked(table.unpack(t))
for _, line in ipairs(got) do print(line) end
print("still asleep", 3 - #got)
eventfd_write(b, 1)
print("last", join(t[1]), #got)
