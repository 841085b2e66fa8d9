-- The receive buffer counts memory, not bytes: heads come in the kernel's sizes, and a full buffer still takes one into an empty queue (__udp_enqueue_schedule_skb).
local b = socket(AF_INET, SOCK_DGRAM)
for _, buffer in ipairs({1, 20000, 100000}) do
  for _, size in ipairs({0, 1, 180, 197, 198, 500, 645, 646, 1000, 1669, 1670, 3717, 3718, 7813, 7814, 15000, 16004, 16005, 20000, 40000, 65507}) do
    local a = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK)
    setsockopt(a, SOL_SOCKET, SO_RCVBUF, buffer)
    bind(a, "127.0.0.1:0")
    local data, got = string.rep("x", size), 0
    for _ = 1, 300 do sendto(b, data, 0, getsockname(a)) end
    while recv(a, 1) do got = got + 1 end
    print(buffer, getsockopt(a, SOL_SOCKET, SO_RCVBUF), "of size", size, "kept", got)
    close(a)
  end
end
print("default", getsockopt(b, SOL_SOCKET, SO_RCVBUF), getsockopt(b, SOL_SOCKET, SO_SNDBUF))
print("lost", nstat("UdpRcvbufErrors"), nstat("UdpInErrors"), nstat("UdpInDatagrams"), nstat("UdpSndbufErrors"))
