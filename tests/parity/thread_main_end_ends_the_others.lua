-- When the main chunk ends, threads that still sleep are ended with it (exit_group(2)).
local r, w = pipe()
local t = thread(function() read(r, 1); print("never printed") end)
local u = thread(function() nanosleep(s(30)); print("nor this") end)
local e = eventfd(0, 0)
local v = thread(function() join(t); eventfd_read(e); print("nor that") end)
wait_until_blocked(t, u, v)
print("main ends")
