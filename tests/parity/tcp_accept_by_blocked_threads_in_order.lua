-- Threads blocked in accept wait exclusively: first come, first served, one woken a connection (inet_csk_wait_for_connect).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local l = socket(AF_INET, SOCK_STREAM)
bind(l, "127.0.0.1:0"); listen(l, 8)
local address, order, t, before = getsockname(l), {}, {}, {}
for i = 1, 4 do
  t[i] = thread(function() local s = accept(l); order[#order + 1] = i; return s ~= nil end)
  wait_until_blocked(t[i])
end
for i = 1, 4 do before[i] = wakeups(t[i]) end
for turn = 1, 4 do
  connect(socket(AF_INET, SOCK_STREAM), address)
  wait_until_blocked(table.unpack(t))
  print("turn", turn, "accepted by", table.concat(order, " "))
  for i = turn + 1, 4 do if wakeups(t[i]) ~= before[i] then print("woken in vain", i) end end
end
