-- EPOLLEXCLUSIVE: the entry goes to the tail of the listener's queue, so one worker is woken, the first that registered (ep_ptable_queue_proc, add_wait_queue_exclusive).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local function listener(backlog)
  local l = assert(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK))
  bind(l, "127.0.0.1:0"); listen(l, backlog)
  return l, getsockname(l)
end
local l, address = listener(16)
local accepted, t, before = {}, {}, {}
for i = 1, 6 do
  t[i] = thread(function()
    local ep = epoll_create1()
    epoll_ctl(ep, EPOLL_CTL_ADD, l, EPOLLIN | EPOLLEXCLUSIVE, i)
    for _ = 1, 2 do
      epoll_wait(ep, 1, -1)
      if accept4(l) then accepted[#accepted + 1] = i end
    end
  end)
  wait_until_blocked(t[i])
end
for i = 1, 6 do before[i] = wakeups(t[i]) end
local c = {}
for turn = 1, 4 do
  c[turn] = socket(AF_INET, SOCK_STREAM)
  connect(c[turn], address)
  wait_until_blocked(table.unpack(t))
  print("turn", turn, "accepted by", accepted[turn], "so far", #accepted)
end
for i = 3, 6 do print("worker", i, "woken", wakeups(t[i]) - before[i]) end
