-- A stream's urgent byte ends a read and is left out by the next, whose count of unread bytes keeps it; peeks walk past it (manage_oob, unix_inq_len).
local a, b = socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0)
print("send", send(a, "abc", MSG_OOB), ioctl(b, FIONREAD))
local list = {{fd = b, events = POLLIN | POLLPRI}}
print("poll", poll(list, 0), string.format("%x", list[1].revents))
print("taken", recv(b, 1, MSG_OOB), ioctl(b, FIONREAD), recv(b, 1, MSG_OOB))
print("rest", recv(b, 10, 0), ioctl(b, SIOCATMARK), recv(b, 10, 0))
send(a, "xyz", MSG_OOB)
print("up to it", recv(b, 10, 0), ioctl(b, SIOCATMARK), ioctl(b, FIONREAD))
print("left out", recv(b, 10, 0), ioctl(b, FIONREAD))
send(a, "12", MSG_OOB)
print("peek", recv(b, 10, MSG_PEEK), recv(b, 0, MSG_PEEK))
setsockopt(b, SOL_SOCKET, SO_OOBINLINE, 1)
print("in line", recv(b, 10, 0), recv(b, 10, 0), recv(b, 1, MSG_OOB))
