-- The data word comes back unchanged, all 64 bits; MOD replaces it (epoll_ctl(2), struct epoll_event).
local ep = epoll_create1()
local e = eventfd(1, 0)
for _, v in ipairs({0, -1, math.maxinteger, math.mininteger, 0x123456789abcdef0}) do
  local op = v == 0 and EPOLL_CTL_ADD or EPOLL_CTL_MOD
  epoll_ctl(ep, op, e, EPOLLIN, v)
  local list = epoll_wait(ep, 1, 0)
  print(list[1].data == v, string.format("%x", list[1].data))
end
epoll_ctl(ep, EPOLL_CTL_DEL, e)
epoll_ctl(ep, EPOLL_CTL_ADD, e, EPOLLIN)
local list = epoll_wait(ep, 1, 0)
print("default is the number", list[1].data == e)
