-- A full receive buffer drops datagrams silently: the sender is told nothing, the counters are (udp_queue_rcv_skb, UdpRcvbufErrors).
local a, b = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK), socket(AF_INET, SOCK_DGRAM)
setsockopt(a, SOL_SOCKET, SO_RCVBUF, 1)
bind(a, "127.0.0.1:0")
connect(b, getsockname(a))
local sent = 0
for i = 1, 50 do if send(b, "datagram " .. i) then sent = sent + 1 end end
print("sent", sent)
local got, first = 0
while true do
  local d = recv(a, 100)
  if not d then break end
  first = first or d
  got = got + 1
end
print("some lost", got < 50, "the first kept", first)
print("counted", nstat("UdpRcvbufErrors") == 50 - got, nstat("UdpInErrors") == 50 - got)
print("room again", send(b, "later"), recv(a, 100))
