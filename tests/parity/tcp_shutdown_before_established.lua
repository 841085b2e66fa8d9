-- What was shut down before a connection is there is told to the peer as soon as it is: a FIN follows the last ACK of the handshake (tcp_rcv_state_process, TCP_SYN_RECV), in a simultaneous open and in what a listener accepts.
local function state(s) return getsockopt(s, IPPROTO_TCP, TCP_INFO).tcpi_state end
local function mask(s) local l = {{fd=s,events=POLLIN|POLLOUT|POLLPRI|POLLRDHUP}} poll(l,0) return l[1].revents end
local s = socket(AF_INET, SOCK_STREAM)
bind(s, "127.0.0.1:4002")
print("shut", shutdown(s, SHUT_WR))
print("to itself", connect(s, "127.0.0.1:4002"))
print("it is over", state(s), mask(s), recv(s, 10, MSG_DONTWAIT))
print("send", send(s, "x", MSG_NOSIGNAL))
print("names", getsockname(s), getpeername(s))
for _, how in ipairs{SHUT_RD, SHUT_WR, SHUT_RDWR} do
  local l = socket(AF_INET, SOCK_STREAM)
  bind(l, "127.0.0.1:0")
  print("shut", how, shutdown(l, how), listen(l, 5))
  local c = socket(AF_INET, SOCK_STREAM)
  print("connect", connect(c, getsockname(l)))
  print("recv at once", recv(c, 10, MSG_DONTWAIT))
  local a = accept4(l, 0)
  print("states", state(c), state(a), mask(c), mask(a))
  print("client sends", send(c, "hello", 0), recv(a, 10, 0))
  print("server sends", send(a, "x", MSG_NOSIGNAL))
  close(a) close(c) close(l)
end
