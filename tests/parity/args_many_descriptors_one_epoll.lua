-- Three hundred descriptors in one instance: the order of arrival is kept over several waits (epoll(7)).
local ep = epoll_create1()
local e = {}
for i = 1, 300 do
  e[i] = eventfd(0, 0)
  epoll_ctl(ep, EPOLL_CTL_ADD, e[i], EPOLLIN | EPOLLET, i)
end
for k = 0, 299 do eventfd_write(e[(k * 7) % 300 + 1], 1) end
local seen, waits, inorder = 0, 0, true
while true do
  local list = epoll_wait(ep, 64, 0)
  if #list == 0 then break end
  waits = waits + 1
  for _, v in ipairs(list) do
    if v.data ~= (seen * 7) % 300 + 1 then inorder = false end
    seen = seen + 1
  end
end
print("events", seen, "waits", waits, "in order", inorder)
for i = 1, 300 do close(e[i]) end
print("all closed", #epoll_wait(ep, 64, 0))
