-- Writable while less than half of the send buffer is taken; on loopback only corked data take it (sock_writeable, SIOCOUTQ).
local function writable(fd)
  local list = {{fd = fd, events = POLLOUT}}
  return poll(list, 0), string.format("%x", list[1].revents)
end
local a, s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK), socket(AF_INET, SOCK_DGRAM)
bind(a, "127.0.0.1:0")
connect(s, getsockname(a))
print("smallest", setsockopt(s, SOL_SOCKET, SO_SNDBUF, 1), getsockopt(s, SOL_SOCKET, SO_SNDBUF))
print("idle", writable(s))
for _, n in ipairs({1, 200, 1000, 500, 500}) do
  print("corked", send(s, string.rep("x", n), MSG_MORE), ioctl(s, SIOCOUTQ), writable(s))
end
print("larger than the buffer", send(s, string.rep("x", 30000), MSG_MORE), ioctl(s, SIOCOUTQ))
print("sent", send(s, ""), ioctl(s, SIOCOUTQ), writable(s))
print("came", #(recv(a, 70000) or ""))
print("whole", send(s, string.rep("x", 30000)), #(recv(a, 70000) or ""))
for _, n in ipairs({4096, 1000000000, -1, 0, 100000}) do
  setsockopt(s, SOL_SOCKET, SO_SNDBUF, n); setsockopt(s, SOL_SOCKET, SO_RCVBUF, n)
  print(n, getsockopt(s, SOL_SOCKET, SO_SNDBUF), getsockopt(s, SOL_SOCKET, SO_RCVBUF))
end
for _, n in ipairs({10000000, -1}) do
  setsockopt(s, SOL_SOCKET, SO_SNDBUFFORCE, n); setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, n)
  print("forced", n, getsockopt(s, SOL_SOCKET, SO_SNDBUF), getsockopt(s, SOL_SOCKET, SO_RCVBUF))
end
