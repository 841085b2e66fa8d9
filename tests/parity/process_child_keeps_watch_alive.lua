-- A file watched, closed by the parent and held by a child only, goes on reporting to the parent (epoll(7), question 6).
local function show(tag, list, err)
  if not list then print(tag, "failed", err) return end
  local t = {}
  for i, e in ipairs(list) do t[i] = string.format("%d:%x", e.data, e.events) end
  print(tag, #list, table.concat(t, " "))
end
local ep = epoll_create1()
local r, w = pipe()
local gate_r, gate_w = pipe()
epoll_ctl(ep, EPOLL_CTL_ADD, r, EPOLLIN, 1)
local pid = process(function() close(gate_w); read(gate_r, 1) end)
close(r)
write(w, "x")
show("the child holds it", epoll_wait(ep, 4, 0))
print("cannot be removed", epoll_ctl(ep, EPOLL_CTL_DEL, r))
close(gate_w)
print("child ends", waitpid(pid))
show("gone with the child", epoll_wait(ep, 4, 0))
print("nobody reads", write(w, "y"))
