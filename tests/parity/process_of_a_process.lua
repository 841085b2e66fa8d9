-- A grandchild is not a child: waitpid gives ECHILD; its exit code goes to its own parent (wait(2)).
local r, w = pipe()
local pid = process(function()
  local inner = process(function() return 9 end)
  write(w, string.pack("<I4", inner))
  return waitpid(inner) + 1
end)
local inner = string.unpack("<I4", read(r, 4))
print("grandchild", waitpid(inner))
print("child", waitpid(pid))
print("pids differ", inner ~= pid, pid ~= getpid())
print("parent's getpid is its own", waitpid(process(function(parent) return getpid() == parent and 1 or 0 end, getpid())))
