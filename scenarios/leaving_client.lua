-- A client that asks once and leaves: by shutdown(), so that it can still read ("shutdown"); by close(), after which nobody reads
-- ("close"); or by a reset ("abort"). Each step is args.pause after the one before; at the end it stays for args.stays.

local fd = socket(AF_INET, SOCK_STREAM)
local ok, why = connect(fd, args.to)
if not ok then
  print(why)
  return
end
nanosleep(args.pause)
write(fd, "a question\n")
print((read(fd, 100):gsub("\n", "")))
nanosleep(args.pause)
if args.leaves == "shutdown" then
  shutdown(fd, SHUT_WR)
  read(fd, 100)
elseif args.leaves == "abort" then
  setsockopt(fd, SOL_SOCKET, SO_LINGER, { 1, 0 })
end
close(fd)
nanosleep(args.stays)
