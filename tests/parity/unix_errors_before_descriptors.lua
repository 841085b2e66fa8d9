-- A packet socket tells its own error before it looks at descriptors, others look at these first (unix_seqpacket_sendmsg, scm_send).
for _, kind in ipairs({SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET}) do
  local a, b = socketpair(AF_UNIX, kind | SOCK_NONBLOCK, 0)
  send(a, "unread", 0)
  close(b)
  print(sendfds(a, "f", {77}))
  print(sendfds(a, "f", {}))
end
