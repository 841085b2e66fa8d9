-- Writers blocked on a full pipe go on in the order of arrival as room appears (pipe_write, exclusive waiters).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local r, w = pipe()
fcntl(w, F_SETPIPE_SZ, 4096)
write(w, string.rep(".", 4096))
local order, t = {}, {}
for i = 1, 3 do
  t[i] = thread(function()
    local n = write(w, string.rep(tostring(i), 4096))
    order[#order + 1] = i
    return n
  end)
  wait_until_blocked(t[i])
end
for turn = 0, 3 do
  local d = read(r, 4096)
  wait_until_blocked(table.unpack(t))
  print("turn", turn, #d, d:sub(1, 1), "returned", table.concat(order, " "))
end
