-- A computing FIFO thread keeps its CPU from equals and lower ones until it sleeps (sched(7)).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local order = {}
local r, w = pipe()
local function worker(name, priority)
  local t = thread(function()
    sched_setscheduler(SCHED_FIFO, priority)
    poll({{fd = r, events = POLLIN}}, -1)
    order[#order + 1] = name .. " begins"
    compute(ms(8))
    order[#order + 1] = name .. " ends"
  end)
  wait_until_blocked(t)
  return t
end
local low, high = worker("low", 3), worker("high", 6)
write(w, "x")
join(low); join(high)
for _, line in ipairs(order) do print(line) end
