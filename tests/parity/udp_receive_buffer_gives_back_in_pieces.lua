-- What a reader frees is given back when a quarter of the buffer has come together, or its own queue is empty (udp_rmem_release, forward_deficit).
local a, b = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK), socket(AF_INET, SOCK_DGRAM)
setsockopt(a, SOL_SOCKET, SO_RCVBUF, 8320)
bind(a, "127.0.0.1:0")
connect(b, getsockname(a))
local sent = 0
local function fill(n) for _ = 1, n do sent = sent + 1; send(b, tostring(sent)) end end
local function take(n)
  local got = {}
  for i = 1, n do got[i] = recv(a, 9) or "-" end
  return table.concat(got, " ")
end
fill(25)
for round = 1, 8 do
  print("take", take(round), "then send 3")
  fill(3)
end
print("the rest", take(40))
print("lost", nstat("UdpRcvbufErrors"))
