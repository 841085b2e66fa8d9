-- EPOLLEXCLUSIVE: allowed with IN, OUT, ERR, HUP, ET only, never by MOD, never MODified, not on an epoll (do_epoll_ctl, EPOLLEXCLUSIVE_OK_BITS).
local ep, inner = epoll_create1(), epoll_create1()
local e, f = eventfd(0, 0), eventfd(0, 0)
local function add(tag, fd, events) print(tag, epoll_ctl(ep, EPOLL_CTL_ADD, fd, events)) end
add("with ONESHOT", e, EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT)
add("with RDHUP", e, EPOLLIN | EPOLLEXCLUSIVE | EPOLLRDHUP)
add("with PRI", e, EPOLLPRI | EPOLLEXCLUSIVE)
add("on an epoll", inner, EPOLLIN | EPOLLEXCLUSIVE)
add("IN OUT ET", e, EPOLLIN | EPOLLOUT | EPOLLET | EPOLLEXCLUSIVE)
print("mod an exclusive", epoll_ctl(ep, EPOLL_CTL_MOD, e, EPOLLIN))
add("plain", f, EPOLLIN)
print("mod to exclusive", epoll_ctl(ep, EPOLL_CTL_MOD, f, EPOLLIN | EPOLLEXCLUSIVE))
print("mod plain", epoll_ctl(ep, EPOLL_CTL_MOD, f, EPOLLIN | EPOLLOUT))
print("del", epoll_ctl(ep, EPOLL_CTL_DEL, e))
