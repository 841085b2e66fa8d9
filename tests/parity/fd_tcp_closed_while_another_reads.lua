-- On TCP likewise: no FIN goes out while a thread sleeps in read on the closed number (close(2), __fput at the last reference).
local function tcp_pair()
  local l = socket(AF_INET, SOCK_STREAM)
  bind(l, "127.0.0.1:0"); listen(l, 8)
  local c = socket(AF_INET, SOCK_STREAM)
  assert(connect(c, getsockname(l)))
  local s = assert(accept(l))
  close(l)
  return c, s
end
local c, s = tcp_pair()
local t = thread(function() return read(s, 10) end)
wait_until_blocked(t)
print("close", close(s))
wait_until_blocked(t)
print("no FIN", recv(c, 1, MSG_DONTWAIT))
print("write", write(c, "hello"))
print("read", join(t))
print("FIN after it", #recv(c, 1))
