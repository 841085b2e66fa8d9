-- A client that asks args.requests times, args.every after each other, by a new connection for each request, or by one that it
-- keeps. It closes first, so it is at its end that connections wait.

local fd
for i = 1, args.requests do
  if not fd then
    fd = socket(AF_INET, SOCK_STREAM)
    local ok, why = connect(fd, args.to)
    if not ok then
      print(why)
      close(fd)
      fd = nil
    end
  end
  if fd then
    mark_begin("request")
    write(fd, string.rep("x", args.request))
    read(fd, 100)
    mark_end("request")
    if not args.keeps then
      close(fd)
      fd = nil
    end
  end
  nanosleep(args.every)
end
