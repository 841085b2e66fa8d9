-- A descriptor added by another thread while one sleeps in epoll_wait is reported to the sleeper (epoll_wait(2), notes).
local ep = epoll_create1()
local t = thread(function()
  local seen = {}
  while true do
    local list = epoll_wait(ep, 1, -1)
    seen[#seen + 1] = list[1].data
    if list[1].data == 3 then return table.concat(seen, " ") end
  end
end)
wait_until_blocked(t)
local e = eventfd(0, 0)
epoll_ctl(ep, EPOLL_CTL_ADD, e, EPOLLIN | EPOLLET, 1)
wait_until_blocked(t)
eventfd_write(e, 1); wait_until_blocked(t)
epoll_ctl(ep, EPOLL_CTL_MOD, e, EPOLLIN | EPOLLET, 2); wait_until_blocked(t)
local ready = eventfd(9, 0)
epoll_ctl(ep, EPOLL_CTL_ADD, ready, EPOLLIN, 3)
print(join(t))
