-- Two threads blocked in read on one connection: a segment ends one read, the other finds nothing and sleeps on (tcp_recvmsg, sk_wait_data).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local function tcp_pair()
  local l = socket(AF_INET, SOCK_STREAM)
  bind(l, "127.0.0.1:0"); listen(l, 8)
  local c = socket(AF_INET, SOCK_STREAM)
  assert(connect(c, getsockname(l)))
  local s = assert(accept(l))
  close(l)
  return c, s
end
local c, s = tcp_pair()
local got, t = {}, {}
for i = 1, 2 do
  t[i] = thread(function() local d = read(s, 10); got[#got + 1] = d; return #d end)
  wait_until_blocked(t[i])
end
write(c, "first")
wait_until_blocked(table.unpack(t))
print("returned", #got, got[1])
write(c, "second")
wait_until_blocked(table.unpack(t))
print("returned", #got, got[2])
print(join(t[1]) + join(t[2]))
