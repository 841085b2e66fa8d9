-- Which of several sockets on a port gets a datagram: the peer's, then the exact address, then any; among equals one that this CPU served while connected, then the last (compute_score, udp4_lib_lookup2).
sched_setaffinity({0})
local names = {}
local function sock(name, address)
  local s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK)
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, 1)
  print("bind", name, bind(s, address))
  names[#names + 1] = {name, s}
  return s
end
local s1, s2 = socket(AF_INET, SOCK_DGRAM), socket(AF_INET, SOCK_DGRAM)
bind(s1, "127.0.0.1:0"); bind(s2, "127.0.0.1:0")
local function who(from, to)
  sendto(from, "x", 0, to)
  for _, n in ipairs(names) do if recv(n[2], 1) then return n[1] end end
  return "nobody"
end
local function all(title) print(title, who(s1, "127.0.0.1:4001"), who(s2, "127.0.0.1:4001"), who(s1, "127.0.0.2:4001")) end
local any1 = sock("any1", "0.0.0.0:4001"); all("one")
local any2 = sock("any2", "0.0.0.0:4001"); all("two")
local own1 = sock("own1", "127.0.0.1:4001"); all("own")
local own2 = sock("own2", "127.0.0.1:4001"); all("own two")
connect(own1, getsockname(s1)); all("own1 has s1")
connect(any1, getsockname(s2)); all("any1 has s2")
connect(own1, nil); all("own1 has nobody")
connect(any1, nil); all("any1 has nobody")
close(own2); all("own2 gone")
close(own1); all("own1 gone")
close(any1); all("any1 gone")
close(any2); all("all gone")
print("nobody", nstat("UdpNoPorts"))
