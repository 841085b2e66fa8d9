#pragma once
// What the socket layer costs above TCP.

#include "kernel_model/costs/cost.hpp"

namespace stackscope {

struct SocketCosts {
  Cost create, bind, listen, accept, shutdown, option, poll, send, receive, wait;

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
  }
};

}  // namespace stackscope
