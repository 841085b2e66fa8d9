-- fork copies the calling thread only: threads of the parent do not run in the child (fork(2)).
local r, w = pipe()
local n = 0
local t = thread(function() read(r, 1); n = n + 1; return n end)
wait_until_blocked(t)
local out_r, out_w = pipe()
local pid = process(function()
  nanosleep(ms(20))
  write(out_w, "n " .. n)
  return n
end)
write(w, "x")
print("parent's thread", join(t))
print("child's exit", waitpid(pid))
print("child's copy", read(out_r, 10))
