-- A client that writes requests, waits for each answer as long as args.patience says, and then complains.

local fd = socket(AF_INET, SOCK_STREAM)
assert(connect(fd, args.to))
for i = 1, args.requests do
  mark_begin("answer")
  write(fd, string.rep("x", args.request))
  if poll({ { fd = fd, events = POLLIN } }, args.patience // ms(1)) == 0 then
    print("no answer to request " .. i)
    break
  end
  read(fd, 100)
  mark_end("answer")
end
close(fd)
