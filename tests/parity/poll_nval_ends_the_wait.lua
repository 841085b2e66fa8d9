-- A descriptor that is not open gives POLLNVAL at once, without error (poll(2)).
local r, w = pipe()
local list = {{fd = r, events = POLLIN}, {fd = 777, events = POLLIN}}
print("n", poll(list, 5000), string.format("%x %x", list[1].revents, list[2].revents))
close(r)
print("both", poll(list, 5000), string.format("%x %x", list[1].revents, list[2].revents))
list[1].fd, list[2].fd = w, -1
print("other end", poll(list, 5000), string.format("%x %x", list[1].revents, list[2].revents))
print("alone, without events", poll({{fd = r, events = 0}}, 5000))
list[1].fd = 777
print("by ppoll", ppoll(list, nil), string.format("%x", list[1].revents))
