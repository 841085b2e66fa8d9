-- Readers of one UDP socket by epoll: plain instances are all woken by a datagram, exclusive ones one at a time (sock_def_readable, __wake_up_common).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local function run(title, flags)
  local a, b = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK), socket(AF_INET, SOCK_DGRAM)
  bind(a, "127.0.0.1:0")
  local log, t, before = {}, {}, {}
  for i = 1, 3 do
    t[i] = thread(function()
      local ep = epoll_create1(0)
      epoll_ctl(ep, EPOLL_CTL_ADD, a, EPOLLIN | flags)
      for _ = 1, 2 do
        local got = epoll_wait(ep, 1, 100)
        log[#log + 1] = i .. (#got > 0 and (recv(a, 10) or "-") or ".")
      end
    end)
    wait_until_blocked(t[i])
  end
  for i = 1, 3 do before[i] = wakeups(t[i]) end
  sendto(b, "x", 0, getsockname(a))
  wait_until_blocked(t[1], t[2], t[3])
  print(title, table.concat(log, " "), wakeups(t[1]) - before[1], wakeups(t[2]) - before[2], wakeups(t[3]) - before[3])
  sendto(b, "y", 0, getsockname(a))
  for i = 1, 3 do join(t[i]) end
  table.sort(log)
  print(title, table.concat(log, " "))
end
run("plain", 0)
run("exclusive", EPOLLEXCLUSIVE)
run("edge", EPOLLET)
