-- A port with a connection in TIME_WAIT: bind is EADDRINUSE, unless SO_REUSEADDR was set on the old and the new listener (inet_bind_conflict).
local function try(old, new)
  local l = socket(AF_INET, SOCK_STREAM)
  setsockopt(l, SOL_SOCKET, SO_REUSEADDR, old)
  bind(l, "127.0.0.1:0"); listen(l, 1)
  local address = getsockname(l)
  local c = socket(AF_INET, SOCK_STREAM)
  connect(c, address)
  local s = accept(l)
  close(s); read(c, 1); close(c); close(l)
  local again = socket(AF_INET, SOCK_STREAM)
  setsockopt(again, SOL_SOCKET, SO_REUSEADDR, new)
  local ok, err = bind(again, address)
  return ok or err
end
for old = 0, 1 do for new = 0, 1 do print("old", old, "new", new, try(old, new)) end end
