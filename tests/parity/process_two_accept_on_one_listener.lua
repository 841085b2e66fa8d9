-- Children blocked in accept on an inherited listener: each connection goes to one, in the order of their sleep (prefork; inet_csk_wait_for_connect).
sched_setaffinity({0})
assert(sched_setscheduler(SCHED_FIFO, 10))
local l = socket(AF_INET, SOCK_STREAM)
bind(l, "127.0.0.1:0"); listen(l, 8)
local address = getsockname(l)
local r, w = pipe()
local pids = {}
for i = 1, 3 do
  pids[i] = process(function()
    write(w, "r")
    local s = accept(l)
    write(s, "child " .. i)
    return i
  end)
  read(r, 1)
  nanosleep(ms(20))
end
for i = 1, 3 do
  local c = socket(AF_INET, SOCK_STREAM)
  connect(c, address)
  print(read(c, 100), #read(c, 100))
end
print(waitpid(pids[1]), waitpid(pids[2]), waitpid(pids[3]))
