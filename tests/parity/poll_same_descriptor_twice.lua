-- poll(2): the same descriptor may stand in the list several times; each entry counts and has its own mask.
local a, b = socketpair(AF_UNIX, SOCK_STREAM)
write(b, "x")
local list = {{fd = a, events = POLLIN}, {fd = a, events = POLLOUT}, {fd = a, events = POLLIN | POLLOUT}, {fd = a, events = POLLPRI}}
print("n", poll(list, 100))
for i, p in ipairs(list) do print(i, string.format("%x", p.revents)) end
read(a, 1)
print("n", poll(list, 0))
for i, p in ipairs(list) do print(i, string.format("%x", p.revents)) end
print("empty list", poll({}, 0))
