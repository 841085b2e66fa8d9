-- Which protocols a datagram socket may have: UDP; ICMP only for those in net.ipv4.ping_group_range, which is nobody (inet_create, ping_init_sock).
for _, protocol in ipairs({0, IPPROTO_UDP, IPPROTO_TCP, IPPROTO_ICMP, 2, 99, 262, 263, -1}) do
  print(protocol, select(2, socket(AF_INET, SOCK_DGRAM, protocol)) or "opened")
end
local s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP)
print("flags", fcntl(s, F_GETFD) == FD_CLOEXEC, fcntl(s, F_GETFL) == O_RDWR | O_NONBLOCK)
