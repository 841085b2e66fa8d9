-- MSG_PEEK | MSG_WAITALL waits for the whole count and leaves it there (recv(2)).
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
local t = thread(function() return recv(s, 6, MSG_PEEK | MSG_WAITALL) end)
write(c, "abc")
wait_until_blocked(t)
print("held", ioctl(s, FIONREAD))
write(c, "defgh")
print("peeked", join(t))
print("read", read(s, 100))
print("sent and acknowledged", ioctl(c, SIOCOUTQ))
