-- poll waits are not exclusive: every poller of a pipe is woken and returns, last come first (add_wait_queue in __pollwait).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local r, w = pipe()
local order, t = {}, {}
for i = 1, 4 do
  t[i] = thread(function()
    local n = poll({{fd = r, events = POLLIN}}, -1)
    order[#order + 1] = i
    return n
  end)
  wait_until_blocked(t[i])
end
write(w, "x")
local sum = 0
for i = 1, 4 do local n = join(t[i]); sum = sum + n end
print("returned", sum, "order", table.concat(order, " "))
print("byte still there", read(r, 5))
