-- listen again on a listening socket only changes the backlog (inet_listen).
local function listener(backlog)
  local l = assert(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK))
  bind(l, "127.0.0.1:0"); listen(l, backlog)
  return l, getsockname(l)
end
local l, address = listener(0)
local function try()
  local c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK)
  connect(c, address)
  local state = getsockopt(c, IPPROTO_TCP, TCP_INFO).tcpi_state
  return state == TCP_ESTABLISHED and "established" or state
end
print(try(), try())
print("listen", listen(l, 2))
print(try(), try(), try())
print("smaller than held", listen(l, 1))
accept(l)
print("two held, room for two only", try())
accept(l)
print("one held", try())
