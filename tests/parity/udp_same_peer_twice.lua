-- Several sockets of one address with one peer: the one that was connected first last; a second connect() elsewhere leaves its place (udp_lib_hash4, udp4_lib_lookup4).
sched_setaffinity({0})
local function sock(address)
  local s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK)
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, 1)
  bind(s, address)
  return s
end
local s1, s2 = sock("127.0.0.1:0"), sock("127.0.0.1:0")
local own, any = {}, {}
for i = 1, 3 do own[i] = sock("127.0.0.1:4001"); any[i] = sock("0.0.0.0:4001") end
local function who(from)
  sendto(from, "x", 0, "127.0.0.1:4001")
  local r = ""
  for i = 1, 3 do
    if recv(own[i], 1) then r = r .. "own" .. i end
    if recv(any[i], 1) then r = r .. "any" .. i end
  end
  return r
end
local function step(title, s, to)
  connect(s, to)
  print(title, who(s1), who(s2), getsockopt(s, SOL_SOCKET, SO_INCOMING_CPU))
end
local to1, to2 = getsockname(s1), getsockname(s2)
step("own1 to s2", own[1], to2)
step("own1 to nobody", own[1], nil)
step("own2 to s2", own[2], to2)
step("own1 to s2", own[1], to2)
step("own3 to s2", own[3], to2)
step("own2 to s2 again", own[2], to2)
step("own2 to s1", own[2], to1)
step("own1 to s1", own[1], to1)
step("own3 to s1", own[3], to1)
step("any2 to s1", any[2], to1)
step("any1 to s1", any[1], to1)
step("any2 to s2", any[2], to2)
step("any2 to nobody", any[2], nil)
step("any2 to s1", any[2], to1)
step("own3 to nobody", own[3], nil)
step("own2 to nobody", own[2], nil)
step("own1 to nobody", own[1], nil)
step("any1 to nobody", any[1], nil)
