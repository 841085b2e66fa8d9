-- wakeups counts the sleeps that ended: one a byte for a blocked reader, none for calls that do not sleep (docs/lua.md).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local r, w = pipe()
local t = thread(function()
  for _ = 1, 3 do read(r, 1) end
  getpid(); eventfd_read(eventfd(3, 0))
  read(r, 2); read(r, 1)
  return "done"
end)
wait_until_blocked(t)
local before = wakeups(t)
for i = 1, 2 do
  write(w, "x"); wait_until_blocked(t)
  print("bytes", i, "woken", wakeups(t) - before)
end
write(w, "x"); wait_until_blocked(t)
print("woken", wakeups(t) - before)
write(w, "yz!"); print(join(t))
