-- A UDP socket: writable at once, readable with a datagram, POLLERR after an ICMP error until it is taken (datagram_poll).
local function mask(fd, events)
  local list = {{fd = fd, events = events}}
  local n, err = poll(list, 0)
  return n and string.format("%x", list[1].revents) or err
end
local a, b = socket(AF_INET, SOCK_DGRAM), socket(AF_INET, SOCK_DGRAM)
bind(a, "127.0.0.1:0"); bind(b, "127.0.0.1:0")
local all = POLLIN | POLLOUT | POLLRDHUP | POLLPRI
print("idle", mask(a, all))
sendto(b, "x", 0, getsockname(a))
print("datagram", mask(a, all))
recv(a, 1)
local to_nowhere = getsockname(b)
close(b)
connect(a, to_nowhere)
print("send", send(a, "y"))
print("refused", mask(a, all), mask(a, 0))
print("taken", getsockopt(a, SOL_SOCKET, SO_ERROR), mask(a, all))
shutdown(a, SHUT_RDWR)
print("shut", mask(a, all))
