-- Two threads hand a byte to and fro; every read sleeps once (pipe(7)).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local ar, aw = pipe()
local br, bw = pipe()
local t = thread(function()
  while true do
    local d = read(ar, 1)
    if d == "." then return "stopped" end
    write(bw, string.char(d:byte() + 1))
  end
end)
wait_until_blocked(t)
local before, d = wakeups(t), "a"
for _ = 1, 10 do write(aw, d); d = read(br, 1) end
wait_until_blocked(t)
print("letter", d, "sleeps ended", wakeups(t) - before)
write(aw, ".")
print(join(t))
