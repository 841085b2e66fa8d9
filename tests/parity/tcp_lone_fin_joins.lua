-- A lone FIN joins the segment before it in the receive queue, once its sender has let go of that one (tcp_try_coalesce,
-- skb_try_coalesce); it is read as the end all the same.
local l = socket(AF_INET, SOCK_STREAM)
bind(l, "127.0.0.1:5000"); listen(l, 1)
local c = socket(AF_INET, SOCK_STREAM)
connect(c, "127.0.0.1:5000")
local s = accept(l)
local before = nstat("TcpExtTCPRcvCoalesce")
send(c, "hello")
nanosleep(50000000)  -- acknowledged
shutdown(c, SHUT_WR)
print(nstat("TcpExtTCPRcvCoalesce") - before)
print(recv(s, 3), recv(s, 10), recv(s, 10))
