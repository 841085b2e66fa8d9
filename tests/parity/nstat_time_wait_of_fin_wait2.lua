-- close() before the peer's end: what waits in FIN_WAIT2 counts as TW, and as TWKilled where TCP_LINGER2 lets it wait for 4 s at most (inet_twsk_schedule).
local listener = socket(AF_INET, SOCK_STREAM)
listen(listener, 4)
local function leave(linger2)
  local client = socket(AF_INET, SOCK_STREAM)
  if linger2 then setsockopt(client, IPPROTO_TCP, TCP_LINGER2, linger2) end
  connect(client, getsockname(listener))
  local server = accept4(listener, 0)
  close(client)
  nanosleep(ms(60)) -- the ACK of a FIN is delayed
  print(linger2, "TW", nstat("TcpExtTW"), "TWKilled", nstat("TcpExtTWKilled"), "resets", nstat("TcpOutRsts"))
  print("the server's", read(server, 1), write(server, "x"))
  nanosleep(ms(5))
  print("resets", nstat("TcpOutRsts"), write(server, "x"))
end
leave(nil) leave(5) leave(4) leave(-1)
