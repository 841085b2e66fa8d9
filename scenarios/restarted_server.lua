-- A server that serves one connection, stops, and is started anew: args.reuse_before and args.reuse are SO_REUSEADDR of the old listener
-- and of the new one. Before it stops it closes the connection ("close"), or hands it to a worker that keeps it ("worker"), which
-- may have inherited the listener, too ("careless worker"). It tries to start args.tries times, a second after each other.

local function start(reuse)
  local listener = socket(AF_INET, SOCK_STREAM)
  if reuse then setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, 1) end
  local ok, why = bind(listener, "0.0.0.0:" .. args.port)
  if ok then ok, why = listen(listener, 16) end
  if ok then return listener end
  close(listener)
  return nil, why
end

local old = start(args.reuse_before)
local connection = accept(old)
write(connection, "welcome\n")
if args.stops ~= "close" then
  process(function()
    if args.stops == "worker" then close(old) end
    nanosleep(s(args.tries))
  end)
end
close(connection)
close(old)
nanosleep(ms(10))

for try = 1, args.tries do
  mark_begin("start")
  local listener, why = start(args.reuse)
  mark_end("start")
  print(listener and "listens" or why)
  if listener then break end
  nanosleep(s(1))
end
