-- The close of the last writer ends all blocked reads with end of file; of the last reader, blocked writes with EPIPE (pipe_release).
local r, w = pipe()
local t = {}
for i = 1, 3 do t[i] = thread(function() return #read(r, 10) end) end
wait_until_blocked(table.unpack(t))
close(w)
print("readers", join(t[1]), join(t[2]), join(t[3]))
local r2, w2 = pipe()
fcntl(w2, F_SETPIPE_SZ, 4096)
local u = thread(function() return write(w2, string.rep("x", 5000)) end)
local v = thread(function() wait_until_blocked(u); return write(w2, "y") end)
wait_until_blocked(u, v)
close(r2)
print("partial", join(u))
print("nothing written", join(v))
