#pragma once
// What the socket layer costs above TCP.

#include "kernel_model/costs/cost.hpp"

namespace stackscope {

struct SocketCosts {
  Cost create, bind, listen, accept, shutdown, option, poll, send, receive, wait;
  Cost unix_create, unix_send, unix_receive, unix_message;
  CostPerByte unix_copy;

  void describe(auto&& field) {
    field("create", create, "socket(): inode, file and sock");
    field("bind", bind, "bind(): finding and taking the port");
    field("listen", listen, "listen(): entering the table of listeners");
    field("accept", accept, "accept4(): inode and file of the new connection, whether there is one or not");
    field("shutdown", shutdown, "shutdown(), without what TCP sends");
    field("option", option, "setsockopt() and getsockopt()");
    field("poll", poll, "tcp_poll(): asking a socket what is ready");
    field("send", send, "from write() to tcp_sendmsg(): file, security and locking");
    field("receive", receive, "from read() to tcp_recvmsg(): file, security and locking");
    field("wait", wait, "to begin or end to wait for a socket");
    field("unix_create", unix_create, "to make an end of a pair of Unix sockets");
    field("unix_send", unix_send, "to send on a Unix socket, without its messages, copying and waking");
    field("unix_receive", unix_receive, "to receive from a Unix socket, without its messages and copying");
    field("unix_message", unix_message, "to make, or to free, a message of a Unix socket");
    field("unix_copy", unix_copy, "to copy a byte into a Unix socket or out of it");
  }
};

}  // namespace stackscope
