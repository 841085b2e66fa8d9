-- To 0.0.0.0 is to this host: to the sender's own address where it has one, else to 127.0.0.1 (ip_route_output_key_hash_rcu).
local function bound(address)
  local s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK)
  print(address, bind(s, address))
  return s
end
local one, two, sender = bound("127.0.0.1:4001"), bound("127.0.0.2:4001"), bound("127.0.0.2:4005")
print("from 127.0.0.2", sendto(sender, "x", 0, "0.0.0.0:4001"), recv(one, 9), recvfrom(two, 9))
local s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK)
print("from any", sendto(s, "y", 0, "0.0.0.0:4001"), recv(one, 9), recv(two, 9))
print("to 127.0.0.2", sendto(s, "z", 0, "127.0.0.2:4001"))
local data, from = recvfrom(two, 9)
print(data, from:match("^(.*):"))
print("unreachable", sendto(s, "x", 0, "192.0.2.1:9"), sendto(s, "x", 0, "224.0.0.9:9"), sendto(s, "x", 0, "255.255.255.255:9"))
print("with a source", sendto(sender, "x", 0, "192.0.2.1:9"), sendto(sender, "x", 0, "224.0.0.9:9"), sendto(sender, "x", 0, "255.255.255.255:9"))
