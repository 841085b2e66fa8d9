-- eventfd readers are all woken by a write, one takes the count, the rest sleep on (eventfd_read: wait_event, not exclusive).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local e = eventfd(0, 0)
local order, t, before = {}, {}, {}
for i = 1, 4 do
  t[i] = thread(function() local n = eventfd_read(e); order[#order + 1] = i; return n end)
  wait_until_blocked(t[i])
end
for i = 1, 4 do before[i] = wakeups(t[i]) end
eventfd_write(e, 9)
wait_until_blocked(table.unpack(t))
print("returned", #order, "with", join(t[order[1]]))
local woken = 0
for i = 1, 4 do if i ~= order[1] then local k = wakeups(t[i]); woken = woken + k - before[i] end end
print("woken in vain", woken)
for _ = 1, 3 do eventfd_write(e, 1); wait_until_blocked(table.unpack(t)) end
print("all", #order)
