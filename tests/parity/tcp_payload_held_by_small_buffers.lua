-- SO_RCVBUF counts memory, not payload, and is doubled: how many bytes of full segments a connection that nobody reads holds once
-- its window is shut (tcp(7), socket(7), __tcp_select_window).
local held = {}
for _, size in ipairs{4096, 16384, 65536} do
  local l = socket(AF_INET, SOCK_STREAM)
  setsockopt(l, SOL_SOCKET, SO_RCVBUF, size)
  bind(l, "127.0.0.1:0"); listen(l, 1)
  local c = socket(AF_INET, SOCK_STREAM)
  setsockopt(c, IPPROTO_TCP, TCP_MAXSEG, 1460)
  connect(c, getsockname(l))
  held[#held + 1] = {size, accept(l), c}
  for _ = 1, 200 do send(c, string.rep("x", 1448), MSG_DONTWAIT) end
end
nanosleep(1500000000)
for _, one in ipairs(held) do print(one[1], ioctl(one[2], FIONREAD)) end
