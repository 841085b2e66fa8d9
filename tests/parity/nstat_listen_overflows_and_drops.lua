-- A SYN to a full accept queue counts once in TcpExtListenOverflows and ListenDrops (tcp_conn_request).
local function listener(backlog)
  local l = assert(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK))
  bind(l, "127.0.0.1:0"); listen(l, backlog)
  return l, getsockname(l)
end
local l, address = listener(1)
for i = 1, 5 do
  connect(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK), address)
  print(i, nstat("TcpExtListenOverflows"), nstat("TcpExtListenDrops"), nstat("TcpPassiveOpens"))
end
close(accept(l))
connect(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK), address)
print("after accept", nstat("TcpExtListenOverflows"), nstat("TcpExtListenDrops"), nstat("TcpPassiveOpens"))
