-- SO_REUSEPORT: each datagram goes to one of the group, those of one sender always to the same (udp4_lib_lookup2, reuseport_select_sock).
local group = {}
for i = 1, 3 do
  group[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK)
  setsockopt(group[i], SOL_SOCKET, SO_REUSEPORT, 1)
  print("bind", bind(group[i], i == 1 and "127.0.0.1:0" or getsockname(group[1])))
end
local to, total, steady = getsockname(group[1]), 0, true
for sender = 1, 20 do
  local s = socket(AF_INET, SOCK_DGRAM)
  for _ = 1, 3 do sendto(s, "x", 0, to) end
  for i = 1, 3 do
    local n = 0
    while recv(group[i], 1) do n = n + 1 end
    if n ~= 0 and n ~= 3 then steady = false end
    total = total + n
  end
  close(s)
end
print("received", total, "steady", steady)
