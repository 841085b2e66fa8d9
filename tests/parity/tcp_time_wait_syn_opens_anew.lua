-- A client whose port is free again may connect by it while the server's end is in TIME_WAIT: its SYN's newer timestamp opens a new connection (TCP_TW_SYN).
local listener = socket(AF_INET, SOCK_STREAM)
listen(listener, 4)
local address = getsockname(listener)
for i = 1, 3 do
  local client = socket(AF_INET, SOCK_STREAM)
  print("bind", bind(client, "127.0.0.1:4200"), "connect", connect(client, address))
  local server = accept4(listener, 0)
  write(client, "ping") print(read(server, 10))
  close(server) read(client, 1) close(client)
  print("in TIME_WAIT", nstat("TcpExtTW"), "taken", nstat("TcpExtTWRecycled"), "resets", nstat("TcpOutRsts"))
  nanosleep(ms(3)) -- the clock of timestamps goes on
end
