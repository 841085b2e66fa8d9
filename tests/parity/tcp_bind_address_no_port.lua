-- IP_BIND_ADDRESS_NO_PORT: bind() to port 0 takes the address alone, connect() the port; listen() takes one as ever (__inet_bind).
local listener = socket(AF_INET, SOCK_STREAM)
listen(listener, 4)
local function bound()
  local fd = socket(AF_INET, SOCK_STREAM)
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
  print("bind", bind(fd, "127.0.0.2:0"), getsockname(fd))
  return fd
end
local function shape(fd)
  local address, port = getsockname(fd):match("(.*):(%d+)")
  return address, port ~= "0"
end
local fd = bound()
print("again", bind(fd, "127.0.0.3:0"), getsockname(fd))
print("connect", connect(fd, getsockname(listener)), shape(fd))
local other = bound()
print("listen", listen(other, 1), shape(other))
local named = socket(AF_INET, SOCK_STREAM)
setsockopt(named, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
print("a port that is named", bind(named, "127.0.0.2:4444"), getsockname(named))
