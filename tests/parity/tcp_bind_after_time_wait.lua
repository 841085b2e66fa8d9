-- A socket whose connection waits in TIME_WAIT may be bound anew, unless bind() had named its port; it cannot listen (tcp_time_wait, inet_put_port, __inet_bind).
local function go(own, is_client, address)
  local listener = socket(AF_INET, SOCK_STREAM)
  if own then bind(listener, own) end
  listen(listener, 1)
  local client = socket(AF_INET, SOCK_STREAM)
  connect(client, getsockname(listener))
  local server = accept4(listener, 0)
  local first, second = server, client
  if is_client then first, second = client, server end
  shutdown(first, SHUT_WR) close(second)
  print(own, is_client, address, bind(first, address))
  print((getsockname(first):gsub(":%d+$", "")), listen(first, 1))
  close(listener)
end
go(nil, false, "127.0.0.2:0") go("127.0.0.1:5001", false, "127.0.0.2:0") go(nil, true, "127.0.0.2:0")
go(nil, false, "127.0.0.2:4002") go("127.0.0.1:5002", false, "127.0.0.2:4002") go(nil, true, "127.0.0.2:4003")
