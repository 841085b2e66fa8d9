-- A FIFO thread that wakes one of equal or lower priority goes on; one of higher priority runs at once (sched(7)).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local log_lines = {}
local r, w = pipe()
local function run(priority)
  local t = thread(function()
    sched_setscheduler(SCHED_FIFO, priority)
    read(r, 1)
    log_lines[#log_lines + 1] = "woken " .. priority
  end)
  wait_until_blocked(t)
  write(w, "x")
  log_lines[#log_lines + 1] = "waker after " .. priority
  join(t)
end
run(10); run(5); run(20)
for _, line in ipairs(log_lines) do print(line) end
