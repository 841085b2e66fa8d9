-- connect() to AF_UNSPEC takes the peer's name away; the address stays where the listener was bound to one (bind(2) of it counts
-- for the sockets that it accepts), and the next connection begins without what the first one knew of the peer's window.
local function port_gone(name) return (name:gsub(":%d+$", "")) end

for _, bound_to in ipairs{"127.0.0.1:5000", "0.0.0.0:5001"} do
  local l = socket(AF_INET, SOCK_STREAM)
  bind(l, bound_to); listen(l, 4)
  local c = socket(AF_INET, SOCK_STREAM)
  connect(c, "127.0.0.1:" .. bound_to:match("%d+$"))
  local s = accept(l)
  print(connect(s, nil), port_gone(getsockname(s)), getpeername(s))
  print(getsockopt(s, SOL_SOCKET, SO_ERROR), recv(c, 10))
end

local l = socket(AF_INET, SOCK_STREAM)
bind(l, "127.0.0.1:5002"); listen(l, 4)
local c = socket(AF_INET, SOCK_STREAM)
connect(c, "127.0.0.1:5002")
local s = accept(l)
for _ = 1, 20 do
  send(c, string.rep("x", 30000))
  local n = 0
  while n < 30000 do n = n + #recv(s, 40000) end
end
local function segment_size() return getsockopt(c, IPPROTO_TCP, TCP_INFO).tcpi_snd_mss end
print(segment_size())
print(connect(c, nil), segment_size())
print(connect(c, "127.0.0.1:5002"), segment_size())
