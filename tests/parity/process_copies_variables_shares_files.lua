-- fork: variables are copied, open files shared, numbers from then on one's own (fork(2)).
local n = 1
local t = {text = "parent"}
local r, w = pipe()
local e = eventfd(5, EFD_NONBLOCK)
local pid = process(function()
  n = n + 1; t.text = "child"
  write(w, t.text .. n)
  eventfd_write(e, 10)
  close(r); close(e)
  return n
end)
print("exit", waitpid(pid))
print("mine", n, t.text)
print("written", read(r, 100))
print("eventfd shared", eventfd_read(e))
close(w)
print("end when all writers are gone", #read(r, 1))
