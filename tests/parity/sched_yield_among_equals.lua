-- sched_yield puts a FIFO thread behind its equals; lower ones do not run (sched_yield(2)).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local order, t = {}, {}
local r, w = pipe()
for i = 1, 3 do
  t[i] = thread(function()
    sched_setscheduler(SCHED_FIFO, i == 3 and 4 or 8)
    poll({{fd = r, events = POLLIN}}, -1)
    for turn = 1, 2 do
      order[#order + 1] = i .. "." .. turn
      sched_yield()
    end
  end)
  wait_until_blocked(t[i])
end
write(w, "x")
for i = 1, 3 do join(t[i]) end
print(table.concat(order, " "))
