-- One thread sends on a connected socket that another reads: order is kept, a peeker and a reader see the same first one, shutdown ends all readers (__skb_recv_udp, inet_shutdown).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local a, b = socket(AF_INET, SOCK_DGRAM), socket(AF_INET, SOCK_DGRAM)
bind(a, "127.0.0.1:0"); bind(b, "127.0.0.1:0")
connect(a, getsockname(b)); connect(b, getsockname(a))
local echo = thread(function()
  local n = 0
  while true do
    local d = recv(b, 100)
    if not d or d == "" then return n end
    n = n + 1
    send(b, d .. "!")
  end
end)
local answers = {}
for i = 1, 5 do send(a, "m" .. i) end
for i = 1, 5 do answers[i] = recv(a, 100) end
print(table.concat(answers, " "))
wait_until_blocked(echo)
local peeker = thread(function() return recv(a, 100, MSG_PEEK) end)
wait_until_blocked(peeker)
local reader = thread(function() return recv(a, 100) end)
wait_until_blocked(peeker, reader)
send(b, "first")
print("peeker", join(peeker))
wait_until_blocked(reader)
print("reader was woken", wakeups(reader) > 0)
send(b, "second")
print("reader", join(reader))
print("left", recv(a, 100, MSG_DONTWAIT), recv(a, 100, MSG_DONTWAIT))
local readers = {}
for i = 1, 3 do
  readers[i] = thread(function() local d, e = recv(a, 100); return d and #d or e end)
  wait_until_blocked(readers[i])
end
shutdown(a, SHUT_RD)
print("readers", join(readers[1]), join(readers[2]), join(readers[3]))
shutdown(b, SHUT_RD)
print("echoed", join(echo))
