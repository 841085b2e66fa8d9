-- A poll and exclusive epoll instances on one pipe: the poller is woken besides exactly one instance (__wake_up_common).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local r, w = pipe2(O_NONBLOCK)
local woken, t = {}, {}
local function worker(name, fn)
  local i = #t + 1
  t[i] = thread(function() fn(); woken[#woken + 1] = name end)
  wait_until_blocked(t[i])
end
for i = 1, 3 do
  worker("epoll" .. i, function()
    local ep = epoll_create1()
    epoll_ctl(ep, EPOLL_CTL_ADD, r, EPOLLIN | EPOLLET | EPOLLEXCLUSIVE, i)
    epoll_wait(ep, 1, -1)
  end)
end
worker("poll", function() poll({{fd = r, events = POLLIN}}, -1) end)
for turn = 1, 3 do
  write(w, "x")
  wait_until_blocked(table.unpack(t))
  print("write", turn, table.concat(woken, " "))
end
