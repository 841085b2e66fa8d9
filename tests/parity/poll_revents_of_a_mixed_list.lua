-- poll(2): revents of every entry is set, 0 included; the count is of entries with revents, negative descriptors are passed over.
local r, w = pipe()
local e = eventfd(1, 0)
local list = {
  {fd = r, events = POLLIN}, {fd = w, events = POLLOUT}, {fd = -1, events = POLLIN},
  {fd = e, events = POLLIN | POLLOUT}, {fd = 900, events = 0}, {fd = r, events = 0},
}
for i = 1, #list do list[i].revents = 99 end
print("n", poll(list, 0))
for i = 1, #list do print(i, string.format("%x", list[i].revents)) end
write(w, "x"); close(w)
print("n", poll(list, 0))
for i = 1, #list do print(i, string.format("%x", list[i].revents)) end
