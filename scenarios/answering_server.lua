-- A server for one connection: it answers, waits for the end of what the client says, and after args.thinks closes its own end.
-- With args.closes_too it does not wait for the client's end.

local listener = socket(AF_INET, SOCK_STREAM)
bind(listener, "0.0.0.0:" .. args.port)
listen(listener, 8)
local fd = accept(listener)
read(fd, 100)
write(fd, "an answer\n")
if args.closes_too then
  nanosleep(args.thinks)
  close(fd)
else
  print(read(fd, 100) == "" and "end of file" or "?")
  nanosleep(args.thinks)
  close(fd)
end
