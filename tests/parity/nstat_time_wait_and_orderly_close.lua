-- An orderly close counts no reset; the end that closed first goes to TIME_WAIT, counted at once (TcpExtTW, inet_twsk_schedule).
local function tcp_pair()
  local l = socket(AF_INET, SOCK_STREAM)
  bind(l, "127.0.0.1:0"); listen(l, 8)
  local c = socket(AF_INET, SOCK_STREAM)
  assert(connect(c, getsockname(l)))
  local s = assert(accept(l))
  close(l)
  return c, s
end
local c, s = tcp_pair()
print("established", nstat("TcpCurrEstab"))
shutdown(c, SHUT_WR)
print("CLOSE_WAIT still counts", nstat("TcpCurrEstab"))
close(s)
print("both gone", nstat("TcpCurrEstab"))
close(c)
print("resets", nstat("TcpEstabResets"), nstat("TcpOutRsts"), "in TIME_WAIT", nstat("TcpExtTW"))
print("retransmitted", nstat("TcpRetransSegs"))
