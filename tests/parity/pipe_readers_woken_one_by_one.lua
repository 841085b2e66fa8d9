-- Blocked readers wait exclusively, first come first served; one write wakes one, and a reader that leaves data wakes the next (pipe_read).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local r, w = pipe()
local got, t, before = {}, {}, {}
for i = 1, 4 do
  t[i] = thread(function() local d = read(r, 1); got[#got + 1] = i .. d end)
  wait_until_blocked(t[i])
end
for i = 1, 4 do before[i] = wakeups(t[i]) end
write(w, "a")
wait_until_blocked(table.unpack(t))
print("one byte", table.concat(got, " "))
for i = 2, 4 do print("reader", i, "woken", wakeups(t[i]) - before[i]) end
write(w, "bcd")
for i = 1, 4 do join(t[i]) end
print("three bytes", table.concat(got, " "))
