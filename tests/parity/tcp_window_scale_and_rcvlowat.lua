-- The window's scale follows from tcp_rmem's largest value (tcp_select_initial_window), and so does the most that SO_RCVLOWAT takes (tcp_set_rcvlowat).
local l = socket(AF_INET, SOCK_STREAM)
bind(l, "127.0.0.1:0") listen(l, 1)
local c = socket(AF_INET, SOCK_STREAM)
connect(c, getsockname(l))
local s = accept4(l, 0)
for _, fd in ipairs({c, s}) do
  local i = getsockopt(fd, IPPROTO_TCP, TCP_INFO)
  print(i.tcpi_snd_wscale, i.tcpi_rcv_wscale, i.tcpi_rcv_ssthresh, i.tcpi_snd_wnd)
end
setsockopt(c, SOL_SOCKET, SO_RCVLOWAT, 2147483647)
print(getsockopt(c, SOL_SOCKET, SO_RCVLOWAT), getsockopt(c, SOL_SOCKET, SO_RCVBUF))
