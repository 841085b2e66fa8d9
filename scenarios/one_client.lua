-- A client that reads one answer and then the end, and closes; or, where the end does not come within args.patience, gives up.

nanosleep(ms(5))
local fd = socket(AF_INET, SOCK_STREAM)
connect(fd, args.to)
print((read(fd, 100):gsub("\n", "")))
poll({ { fd = fd, events = POLLIN } }, args.patience // ms(1))
close(fd)
