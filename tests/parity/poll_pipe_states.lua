-- revents of a pipe: POLLHUP without writers, POLLERR without readers, POLLOUT only with a free slot (pipe_poll).
local function mask(fd, events)
  local list = {{fd = fd, events = events}}
  local n, err = poll(list, 0)
  return n and string.format("%x", list[1].revents) or err
end
local r, w = pipe2(O_NONBLOCK)
print("empty", mask(r, POLLIN), mask(w, POLLOUT))
print("fill", write(w, string.rep("a", 70000)))
print("full", mask(r, POLLIN), mask(w, POLLOUT))
print("read", #read(r, 4095))
print("a page not quite free", mask(w, POLLOUT))
print("read", #read(r, 1))
print("a page free", mask(w, POLLOUT))
close(w)
print("writer gone, data left", mask(r, POLLIN))
while #read(r, 65536) > 0 do end
print("drained", mask(r, POLLIN), mask(r, 0))
local r2, w2 = pipe()
close(r2)
print("reader gone", mask(w2, POLLOUT), mask(w2, 0))
