-- A port in TIME_WAIT and a new listener: SO_REUSEADDR on both, or SO_REUSEPORT on both, lets it pass; one of each does not (inet_bind_conflict).
local function listener_at(address, reuseaddr, reuseport)
  local fd = socket(AF_INET, SOCK_STREAM)
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, reuseaddr)
  setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, reuseport)
  local ok, why = bind(fd, address)
  if ok then ok, why = listen(fd, 1) end
  return fd, ok or why
end
local port = 4300
local function try(old, new)
  port = port + 1
  local address = "127.0.0.1:" .. port
  local before = listener_at(address, old & 1, old >> 1)
  local client = socket(AF_INET, SOCK_STREAM)
  connect(client, address)
  local server = accept(before)
  close(server) read(client, 1) close(client) close(before)
  local after, result = listener_at(address, new & 1, new >> 1)
  close(after)
  return result
end
for old = 0, 3 do
  for new = 0, 3 do print("reuseaddr, reuseport of the old", old & 1, old >> 1, "of the new", new & 1, new >> 1, try(old, new)) end
end
