-- Connections are accepted in order of their completion (reqsk_queue_remove); the address told is the client's.
local function listener(backlog)
  local l = assert(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK))
  bind(l, "127.0.0.1:0"); listen(l, backlog)
  return l, getsockname(l)
end
local l, address = listener(10)
local c = {}
for i = 1, 5 do
  c[i] = socket(AF_INET, SOCK_STREAM)
  connect(c[i], address)
end
write(c[4], "four")
close(c[2])
for i = 1, 5 do
  local s, from = accept(l)
  print(i, i == 2 or from == getsockname(c[i]), getsockname(s) == address, recv(s, 10, MSG_DONTWAIT))
end
print(accept(l))
