-- Two threads blocked in read on one end: the bytes of one write end the read of one, the other sleeps on (unix_stream_read_generic).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local a, b = socketpair(AF_UNIX, SOCK_STREAM)
local got, t = {}, {}
for i = 1, 2 do
  t[i] = thread(function() local d = read(b, 10); got[#got + 1] = d end)
  wait_until_blocked(t[i])
end
write(a, "one")
wait_until_blocked(table.unpack(t))
print("after one write", #got, got[1])
write(a, "two")
for i = 1, 2 do join(t[i]) end
print("after two", #got, got[2])
