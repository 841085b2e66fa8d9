-- Chains of epoll instances may be a few deep (EP_MAX_NESTS 4); one more is ELOOP, wherever the link is put (ep_loop_check).
local function chain(n)
  local ep = {}
  for i = 1, n do ep[i] = epoll_create1() end
  local results = {}
  for i = 1, n - 1 do
    local ok, err = epoll_ctl(ep[i], EPOLL_CTL_ADD, ep[i + 1], EPOLLIN)
    results[i] = ok and "ok" or err
  end
  for i = 1, n do close(ep[i]) end
  return table.concat(results, " ")
end
local function upwards(n)
  local ep = {}
  for i = 1, n do ep[i] = epoll_create1() end
  local results = {}
  for i = n - 1, 1, -1 do
    local ok, err = epoll_ctl(ep[i], EPOLL_CTL_ADD, ep[i + 1], EPOLLIN)
    results[#results + 1] = ok and "ok" or err
  end
  for i = 1, n do close(ep[i]) end
  return table.concat(results, " ")
end
print("outermost first", chain(8))
print("innermost first", upwards(8))
