-- Closing a descriptor another thread polls does not wake it; the poller has its own reference (poll(2), close(2)).
local r, w = pipe()
local t = thread(function()
  local list = {{fd = r, events = POLLIN}}
  local n = poll(list, -1)
  return n, string.format("%x", list[1].revents), read(r, 1)
end)
wait_until_blocked(t)
print("close", close(r))
wait_until_blocked(t)
print("write finds a reader", write(w, "x"))
print("the poller", join(t))
print("now", write(w, "x"))
