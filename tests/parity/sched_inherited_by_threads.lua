-- A new thread has the policy, priority and CPUs of its maker: equals on one CPU run in order of their making (sched(7)).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local order, t = {}, {}
for i = 1, 4 do
  t[i] = thread(function() order[#order + 1] = "begin " .. i; sched_yield(); order[#order + 1] = "end " .. i end)
  wait_until_blocked(t[i])
end
print(table.concat(order, ", "))
local r, w = pipe()
local seen = {}
for i = 1, 3 do
  t[i] = thread(function() poll({{fd = r, events = POLLIN}}, -1); seen[#seen + 1] = i; compute(ms(2)); seen[#seen + 1] = i end)
  wait_until_blocked(t[i])
end
write(w, "x")
for i = 1, 3 do join(t[i]) end
print(table.concat(seen, " "))
