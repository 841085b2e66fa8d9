-- close() with SO_LINGER {1, 0} counts TcpExtTCPAbortOnData whether or not there is anybody to reset: also in SYN-SENT, where no RST
-- goes out (tcp_close(), tcp_disconnect(), tcp_need_reset()).
local l = socket(AF_INET, SOCK_STREAM)
bind(l, "127.0.0.1:0"); listen(l, 0)
local function client()
  local c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK)
  connect(c, getsockname(l))
  setsockopt(c, SOL_SOCKET, SO_LINGER, {1, 0})
  return c
end
local function counts() return nstat("TcpExtTCPAbortOnData"), nstat("TcpOutRsts") end
local first, waits = client(), client()
print("begin", counts())
close(waits)
print("in SYN-SENT", counts())
close(first)
print("established", counts())
local fresh = socket(AF_INET, SOCK_STREAM)
setsockopt(fresh, SOL_SOCKET, SO_LINGER, {1, 0})
close(fresh)
print("in CLOSE", counts())
