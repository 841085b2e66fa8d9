-- A server on one epoll instance that answers each request with a short line. How it asks for events and how it reads is told
-- by the scenario: args.edge, args.read (bytes a read), args.until_eagain.

local listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK)
bind(listener, "0.0.0.0:" .. args.port)
listen(listener, 128)

local ep = epoll_create1()
epoll_ctl(ep, EPOLL_CTL_ADD, listener, EPOLLIN)
local trigger = args.edge and EPOLLET or 0
local missing = {} -- by descriptor: how many bytes of its request have not come yet

local function serve(fd)
  repeat
    local data, why = read(fd, args.read)
    if not data and why == "EAGAIN" then return end
    if not data or data == "" then return close(fd) end
    missing[fd] = missing[fd] - #data
    if missing[fd] == 0 then
      write(fd, "thank you\n")
      missing[fd] = args.request
    end
  until not args.until_eagain
end

while true do
  for _, event in ipairs(epoll_wait(ep, 64, -1)) do
    if event.data == listener then
      local fd = accept4(listener, SOCK_NONBLOCK)
      missing[fd] = args.request
      epoll_ctl(ep, EPOLL_CTL_ADD, fd, EPOLLIN | trigger)
    else
      serve(event.data)
    end
  end
end
