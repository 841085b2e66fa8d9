-- connect() moves a datagram that waits in a corked socket to the new peer, and a corked sendto() elsewhere takes what follows along: both write inet->cork.fl.
local function bound()
  local s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK)
  bind(s, "127.0.0.1:0")
  return s
end
local a, b, s = bound(), bound(), bound()
connect(s, getsockname(a))
print("more", send(s, "to a", MSG_MORE))
print("connect", connect(s, getsockname(b)), send(s, ", really"))
print("a", recv(a, 100))
print("b", recv(b, 100))
print("corked to a", sendto(s, "x", MSG_MORE, getsockname(a)), send(s, "y"))
print("a", recv(a, 100))
print("to the peer", send(s, "z"))
print("a", recv(a, 100))
print("b", recv(b, 100))
print("not by the cached route", send(s, "w", MSG_DONTROUTE), recv(b, 100))
print("peer", getpeername(s) == getsockname(b))
