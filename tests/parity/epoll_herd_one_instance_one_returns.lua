-- Eight threads in one level-triggered instance: an event ends the wait of the last that came (exclusive, at the head of the queue: ep_poll).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local ep = epoll_create1()
local e = eventfd(0, EFD_NONBLOCK)
epoll_ctl(ep, EPOLL_CTL_ADD, e, EPOLLIN, 1)
local stop, order, t = false, {}, {}
for i = 1, 8 do
  t[i] = thread(function()
    local list = epoll_wait(ep, 1, -1)
    eventfd_read(e)
    order[#order + 1] = i
    return #list
  end)
  wait_until_blocked(t[i])
end
for turn = 1, 8 do
  eventfd_write(e, 1)
  wait_until_blocked(table.unpack(t))
  print("turn", turn, "returned", #order, "worker", order[#order])
end
for i = 1, 8 do if join(t[i]) ~= 1 then print("no event", i) end end
