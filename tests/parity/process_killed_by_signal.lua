-- A process ended by a signal gives 128 + its number; a zombie may still be signalled, a reaped one not (wait(2), kill(2)).
local r, w = pipe()
for _, sig in ipairs({SIGTERM, SIGKILL}) do
  local pid = process(function() write(w, "x"); read(r, 0); nanosleep(s(30)) end)
  read(r, 1)
  print("exists", kill(pid, 0))
  print("kill", kill(pid, sig))
  print("status", waitpid(pid) - 128 == sig)
  print("gone", kill(pid, 0))
end
local pid = process(function() end)
nanosleep(ms(30))
print("a zombie", kill(pid, 0), kill(pid, SIGKILL))
print("its own code", waitpid(pid))
print("bad signal", kill(getpid(), 999))
