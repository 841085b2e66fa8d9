-- A read on a stream takes plain bytes before those that carry descriptors with them, and stops after (unix_stream_read_generic: "if (scm.fp) break").
local a, b = socketpair(AF_UNIX, SOCK_STREAM)
local e = eventfd(0, 0)
write(a, "before ")
sendfds(a, "with", {e})
write(a, " after")
sendfds(a, " twice", {e, e})
for _ = 1, 2 do
  local data, fds = recvfds(b, 100)
  print(data, #fds)
end
print("nothing left", recv(b, 1, MSG_DONTWAIT))
print("bad number", sendfds(a, "x", {e, 400}))
print("nothing sent", recv(b, 1, MSG_DONTWAIT))
print("an end of its own", sendfds(a, "b", {b}))
local _, fds = recvfds(b, 10)
write(a, "via the copy")
print(read(fds[1], 100))
