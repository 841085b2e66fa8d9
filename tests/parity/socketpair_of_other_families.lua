-- Only Unix sockets come in pairs; what no family has is found first (__sys_socketpair, sock_no_socketpair).
for _, how in ipairs({{AF_INET, SOCK_STREAM, 0}, {AF_INET, SOCK_DGRAM, 0}, {AF_INET, SOCK_STREAM, 99}, {AF_INET, SOCK_SEQPACKET, 0}, {99, SOCK_STREAM, 0},
                      {AF_UNIX, SOCK_RDM, 0}, {AF_UNIX, SOCK_STREAM, 6}, {AF_UNIX, 99, 0}, {AF_INET6, SOCK_STREAM, 0}}) do
  print(socketpair(how[1], how[2], how[3]))
end
print(socketpair(AF_UNIX, SOCK_RAW, 1))
