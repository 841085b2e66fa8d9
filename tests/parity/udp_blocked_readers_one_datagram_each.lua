-- Threads blocked in recv on one socket wait exclusively: a datagram wakes one, in order of arrival (__skb_wait_for_more_packets).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local a, b = socket(AF_INET, SOCK_DGRAM), socket(AF_INET, SOCK_DGRAM)
bind(a, "127.0.0.1:0")
local got, t, before = {}, {}, {}
for i = 1, 3 do
  t[i] = thread(function() local d = recv(a, 10); got[#got + 1] = i .. d end)
  wait_until_blocked(t[i])
end
for i = 1, 3 do before[i] = wakeups(t[i]) end
for turn, d in ipairs({"a", "b", "c"}) do
  sendto(b, d, 0, getsockname(a))
  wait_until_blocked(table.unpack(t))
  print(table.concat(got, " "))
  for i = turn + 1, 3 do print("sleeper", i, "woken", wakeups(t[i]) - before[i]) end
end
