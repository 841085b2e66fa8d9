-- A wake-up whose key has none of the bits asked for does not touch the sleeper; sock_def_readable's key holds IN, PRI, RDNORM and RDBAND,
-- so a watch for PRI is woken by plain data, looks and sleeps on, one for RDHUP is not (ep_poll_callback, net/core/sock.c).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
for _, asked in ipairs({EPOLLRDHUP, EPOLLPRI}) do
  local ep = epoll_create1()
  local a, b = socketpair(AF_UNIX, SOCK_STREAM)
  epoll_ctl(ep, EPOLL_CTL_ADD, a, asked, 1)
  local t = thread(function()
    local list = epoll_wait(ep, 4, -1)
    return #list, string.format("%x", list[1].events)
  end)
  wait_until_blocked(t)
  local before = wakeups(t)
  write(b, "data nobody asked for")
  wait_until_blocked(t)
  print(string.format("asked for %x", asked), "woken", wakeups(t) - before)
  close(b)
  print("returned", join(t))
end
