-- POLLIN above zero, POLLOUT while at least 1 may be added, POLLERR never by overflow through write (eventfd_poll).
local e = eventfd(0, EFD_NONBLOCK)
local list = {{fd = e, events = POLLIN | POLLOUT | POLLERR | POLLPRI}}
local function show(tag) print(tag, poll(list, 0), string.format("%x", list[1].revents)) end
show("zero")
eventfd_write(e, 1); show("one")
eventfd_write(e, -4); show("limit less one")
eventfd_write(e, 1); show("limit")
eventfd_read(e); show("zero")
print("select", (select({e}, {e}, {e}, 0)))
