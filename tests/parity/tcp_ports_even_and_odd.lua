-- connect() begins with ports of the range's own parity, bind() to port 0 with the others, with SO_REUSEADDR in the lower half (__inet_hash_connect, inet_csk_find_open_port).
local listener = socket(AF_INET, SOCK_STREAM)
listen(listener, 16)
local function parity(fd) return getsockname(fd):match(":(%d+)$") % 2 end
for i = 1, 4 do
  local client, bound = socket(AF_INET, SOCK_STREAM), socket(AF_INET, SOCK_STREAM)
  connect(client, getsockname(listener))
  bind(bound, "127.0.0.1:0")
  print("connect", parity(client), "bind", parity(bound))
end
for i = 1, 8 do
  local reusing = socket(AF_INET, SOCK_STREAM)
  setsockopt(reusing, SOL_SOCKET, SO_REUSEADDR, 1)
  bind(reusing, "127.0.0.1:0")
  print("lower half", parity(reusing), tonumber(getsockname(reusing):match(":(%d+)$")) < 32768 + (60999 - 32768 + 1) // 2)
end
