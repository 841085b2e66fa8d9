-- O_DIRECT: each write is a packet, each read takes one and loses what does not fit; over PIPE_BUF it is split (pipe(2)).
local r, w = pipe2(O_DIRECT | O_NONBLOCK)
write(w, "first"); write(w, "second"); write(w, "third")
print("held", ioctl(r, FIONREAD))
print(read(r, 100))
print(read(r, 3))
print(read(r, 100))
print(read(r, 100))
print("5000", write(w, string.rep("a", 5000)))
print(#read(r, 10000), #read(r, 10000))
for _ = 1, 20 do write(w, "p") end
print("slots", #read(r, 100), ioctl(r, FIONREAD))
local n = 0
while read(r, 100) do n = n + 1 end
print("packets left", n)
