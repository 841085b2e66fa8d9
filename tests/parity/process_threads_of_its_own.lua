-- A child may make threads and epoll instances of its own and end with their result (fork(2)).
local pid = process(function()
  local r, w = pipe()
  local t = thread(function()
    local ep = epoll_create1()
    epoll_ctl(ep, EPOLL_CTL_ADD, r, EPOLLIN, 77)
    return epoll_wait(ep, 1, -1)[1].data
  end)
  wait_until_blocked(t)
  write(w, "x")
  return join(t)
end)
print("exit", waitpid(pid))
print("a Lua error", waitpid(process(function() error("on purpose", 0) end)))
print("signal ignored there too", waitpid(process(function()
  local r, w = pipe(); close(r)
  local ok, err = write(w, "x")
  return err == "EPIPE" and 1 or 2
end)))
