-- A full stream pair: EAGAIN, no POLLOUT; reading makes room and wakes the blocked writer (unix_stream_sendmsg, unix_writable).
local a, b = socketpair(AF_UNIX, SOCK_STREAM)
fcntl(a, F_SETFL, O_NONBLOCK)
local total, chunk = 0, string.rep("x", 4096)
while true do
  local n, err = write(a, chunk)
  if not n then print("full", err) break end
  total = total + n
end
local list = {{fd = a, events = POLLOUT}}
print("poll", poll(list, 0))
fcntl(a, F_SETFL, 0)
local t = thread(function() return write(a, "last") end)
wait_until_blocked(t)
print("held", ioctl(b, FIONREAD) == total)
local got = 0
while got < total do got = got + #read(b, math.min(65536, total - got)) end
print("writer", join(t))
print("tail", read(b, 100))
print("poll", poll(list, 0), string.format("%x", list[1].revents))
