-- TCP_DEFER_ACCEPT: the connection is not in the accept queue before data come (tcp(7)).
local function listener(backlog)
  local l = assert(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK))
  bind(l, "127.0.0.1:0"); listen(l, backlog)
  return l, getsockname(l)
end
local l, address = listener(5)
print("set", setsockopt(l, IPPROTO_TCP, TCP_DEFER_ACCEPT, 5))
local c = socket(AF_INET, SOCK_STREAM)
print("connect", connect(c, address))
local list = {{fd = l, events = POLLIN}}
print("poll", poll(list, 0), accept(l))
print("client thinks", getsockopt(c, IPPROTO_TCP, TCP_INFO).tcpi_state)
print("write", write(c, "hello"))
print("poll", poll(list, 0))
local s = accept(l)
print("accepted", s ~= nil, read(s, 10))
