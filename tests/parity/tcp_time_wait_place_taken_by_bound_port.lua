-- A program that names the port of a connection in TIME_WAIT takes its place, whatever tcp_tw_reuse says and at once (tcp_twsk_unique without twp).
local listener = socket(AF_INET, SOCK_STREAM)
listen(listener, 4)
local address = getsockname(listener)
local function client_at(name, reuse)
  local fd = socket(AF_INET, SOCK_STREAM)
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, reuse)
  local ok, why = bind(fd, name)
  if not ok then
    close(fd)
    return nil, why
  end
  return fd, connect(fd, address)
end
local function leave(fd)
  local server = accept4(listener, 0)
  close(fd) read(server, 1) close(server)
end
local first = client_at("127.0.0.1:4100", 1)
leave(first)
print("without SO_REUSEADDR", client_at("127.0.0.1:4100", 0))
for i = 1, 3 do
  local fd, result = client_at("127.0.0.1:4100", 1)
  print("with it", result, nstat("TcpExtTW"), nstat("TcpExtTWRecycled"))
  leave(fd)
end
