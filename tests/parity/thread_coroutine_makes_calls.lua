-- Calls may be made inside a coroutine; its thread sleeps in them (docs/lua.md).
local r, w = pipe()
local t = thread(function()
  local co = coroutine.wrap(function()
    for _ = 1, 3 do coroutine.yield(read(r, 1)) end
    return "end"
  end)
  return co(), co(), co(), co()
end)
wait_until_blocked(t)
write(w, "a"); wait_until_blocked(t)
write(w, "b"); wait_until_blocked(t)
write(w, "c")
print(join(t))
