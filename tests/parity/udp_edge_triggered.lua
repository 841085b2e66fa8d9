-- Edge-triggered: each datagram is an event, each sent one is one for OUT, as the device frees it at once on loopback (sock_def_readable, sock_wfree).
local ep, a, b = epoll_create1(0), socket(AF_INET, SOCK_DGRAM), socket(AF_INET, SOCK_DGRAM)
bind(a, "127.0.0.1:0"); bind(b, "127.0.0.1:0")
local function events(title)
  local shown = {title}
  for _, e in ipairs(epoll_wait(ep, 8, 0)) do shown[#shown + 1] = string.format("%d:%x", e.data, e.events) end
  print(table.concat(shown, " "))
end
epoll_ctl(ep, EPOLL_CTL_ADD, a, EPOLLIN | EPOLLOUT | EPOLLET, 1)
epoll_ctl(ep, EPOLL_CTL_ADD, b, EPOLLIN | EPOLLOUT | EPOLLET, 2)
events("added"); events("again")
sendto(b, "x", 0, getsockname(a)); events("sent: sender and receiver")
sendto(b, "y", 0, getsockname(a)); sendto(b, "z", 0, getsockname(a)); events("two more")
recv(a, 1); events("one read")
sendto(b, "w", 0, getsockname(a)); events("one more")
recv(a, 1); recv(a, 1); recv(a, 1); events("all read")
sendto(a, "back", 0, getsockname(b)); events("back")
setsockopt(b, IPPROTO_UDP, UDP_CORK, 1)
sendto(b, "corked", 0, getsockname(a)); events("corked")
setsockopt(b, IPPROTO_UDP, UDP_CORK, 0); events("uncorked")
shutdown(a, SHUT_WR); events("shut")
shutdown(a, SHUT_RD); events("both")
setsockopt(a, SOL_SOCKET, SO_SNDBUF, 10000); events("other buffer")
