-- listen(n) completes n+1 connections; further SYNs are dropped and counted (inet_csk_listen_start, sk_acceptq_is_full).
for _, n in ipairs({0, 1, 4}) do
  local l = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK)
  bind(l, "127.0.0.1:0"); listen(l, n)
  local done, before = 0, nstat("TcpExtListenOverflows")
  local clients = {}
  for i = 1, n + 3 do
    local c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK)
    clients[i] = c
    connect(c, getsockname(l))
    if getsockopt(c, IPPROTO_TCP, TCP_INFO).tcpi_state == TCP_ESTABLISHED then done = done + 1 end
  end
  print("listen", n, "established", done, "dropped", nstat("TcpExtListenOverflows") - before)
  local accepted = 0
  while accept(l) do accepted = accepted + 1 end
  print("accepted", accepted)
  for _, c in ipairs(clients) do close(c) end
  close(l)
end
