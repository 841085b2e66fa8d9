-- IP_LOCAL_PORT_RANGE: connect() and bind() to port 0 choose within it, until none is left; a port in TIME_WAIT is none (inet_sk_get_local_port_range).
local IP_LOCAL_PORT_RANGE = 51
local function range(first, last) return last << 16 | first end
local function of_range(value)
  local fd = socket(AF_INET, SOCK_STREAM)
  return fd, setsockopt(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE, value)
end
print("last before first", select(2, of_range(range(40003, 40000))))
print("one end open", select(2, of_range(range(40000, 0))), select(2, of_range(range(0, 40000))))
print("outside of the host's", select(2, of_range(range(100, 200))))
local listener = socket(AF_INET, SOCK_STREAM)
listen(listener, 16)
local address = getsockname(listener)
local ports, open = {}, {}
for i = 1, 5 do
  local fd = of_range(range(40000, 40003))
  local result, why = connect(fd, address)
  if result then
    ports[#ports + 1] = getsockname(fd)
    open[#open + 1] = fd
  else
    print("the " .. i .. "th", why)
  end
end
table.sort(ports)
print(table.concat(ports, " "))
close(open[1])
read(accept4(listener, 0), 1)
print("one in FIN_WAIT2", connect(of_range(range(40000, 40003)), address))
local bound = {}
for i = 1, 5 do
  local fd = of_range(range(41000, 41003))
  local result, why = bind(fd, "127.0.0.1:0")
  bound[i] = result and getsockname(fd) or why
end
table.sort(bound)
print(table.concat(bound, " "))
print(getsockopt(open[2], IPPROTO_IP, IP_LOCAL_PORT_RANGE) & 0xffffffff == range(40000, 40003))
