-- Of FIFO threads on one CPU that become runnable together the highest priority goes first (sched(7)).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local order, t = {}, {}
local r, w = pipe()
for i, priority in ipairs({5, 9, 7}) do
  t[i] = thread(function()
    sched_setscheduler(SCHED_FIFO, priority)
    poll({{fd = r, events = POLLIN}}, -1)
    order[#order + 1] = priority
  end)
  wait_until_blocked(t[i])
end
write(w, "x")
for i = 1, 3 do join(t[i]) end
print(table.concat(order, " "))
