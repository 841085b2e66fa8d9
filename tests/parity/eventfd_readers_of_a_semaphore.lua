-- Semaphore reads from several blocked threads: a write of n ends n of them, the sum is kept (eventfd(2)).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local s = eventfd(0, EFD_SEMAPHORE)
local order, t = {}, {}
for i = 1, 4 do
  t[i] = thread(function() local n = eventfd_read(s); order[#order + 1] = i; return n end)
  wait_until_blocked(t[i])
end
eventfd_write(s, 2)
wait_until_blocked(table.unpack(t))
print("after 2", #order)
eventfd_write(s, 3)
local sum = 0
for i = 1, 4 do local n = join(t[i]); sum = sum + n end
print("all", #order, "sum", sum)
print("left", eventfd_read(s))
