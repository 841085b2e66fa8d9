// bind(), listen(), options.
//
// Linux: net/ipv4/af_inet.c inet_bind(), inet_listen(); net/ipv4/inet_connection_sock.c inet_csk_get_port(),
//        inet_csk_listen_start(); net/core/sock.c sk_setsockopt(); net/ipv4/tcp.c do_tcp_setsockopt()

#include <algorithm>
#include <cerrno>

#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

int TcpSocket::bind(std::uint32_t address, std::uint16_t port) {
  if (state_ != TcpState::kClose || is_bound_) return -EINVAL;
  const PortClaim claim{reuse_address_, reuse_port_, false};
  if (port == 0) port = stack_.ports_.find_for_bind(env_.sysctls(), claim);
  if (port == 0 || stack_.ports_.conflicts(port, claim)) return -EADDRINUSE;
  stack_.ports_.claim(port, claim);
  is_bound_ = true;
  tuple.local_address = address;
  tuple.local_port = port;
  env_.trace().emit(SocketNamed{id_, address, 0, port, 0});
  return 0;
}

int TcpSocket::listen(int backlog) {
  const auto limit = static_cast<std::uint32_t>(std::max(env_.sysctls().somaxconn, 0));
  const std::uint32_t most = std::min(static_cast<std::uint32_t>(backlog), limit);
  if (is_listening()) {
    listen_->backlog = most;
    Listener(*this).queues_changed();
    return 0;
  }
  if (state_ != TcpState::kClose || is_done_) return -EINVAL;
  if (!is_bound_) {
    const int result = bind(0, 0);
    if (result != 0) return result;
  }
  // As a listener it conflicts with more than it did: look again, without ourselves.
  const PortClaim old{reuse_address_, reuse_port_, false}, claim{reuse_address_, reuse_port_, true};
  stack_.ports_.release(tuple.local_port, old);
  if (stack_.ports_.conflicts(tuple.local_port, claim) && !reuse_address_) {
    stack_.ports_.claim(tuple.local_port, old);
    return -EADDRINUSE;
  }
  stack_.ports_.claim(tuple.local_port, claim);
  listen_ = std::make_unique<ListenState>();
  listen_->backlog = most;
  bound_listening_ = true;
  move(TcpInput::kListen);
  stack_.add_listener(*this);
  Listener(*this).queues_changed();
  return 0;
}

int TcpSocket::set_option(TcpOption option, int value) {
  const Sysctls& sysctls = env_.sysctls();
  switch (option) {
    case TcpOption::kNoDelay:
      snd_.nodelay = value != 0;
      // What Nagle held back goes now. Linux: __tcp_sock_set_nodelay()
      if (value != 0 && may_send(state_)) push_pending_frames(current_mss(), !snd_.cork);
      return 0;
    case TcpOption::kCork:
      snd_.cork = value != 0;
      if (value == 0 && may_send(state_)) push_pending_frames(current_mss(), snd_.nodelay);
      return 0;
    case TcpOption::kQuickAck:
      set_quickack(value);
      return 0;
    case TcpOption::kRcvBuf:
      rcvbuf_locked_ = true;
      set_buffers(std::max(2 * std::min(value, sysctls.rmem_max), 2304), snd_.sndbuf);  // SOCK_MIN_RCVBUF
      return 0;
    case TcpOption::kSndBuf:
      sndbuf_locked_ = true;
      set_buffers(rcv_.rcvbuf, std::max(2 * std::min(value, sysctls.wmem_max), 4608));  // SOCK_MIN_SNDBUF
      check_space();
      return 0;
    case TcpOption::kReuseAddr:
    case TcpOption::kReusePort: {
      bool& flag = option == TcpOption::kReuseAddr ? reuse_address_ : reuse_port_;
      const PortClaim old{reuse_address_, reuse_port_, bound_listening_};
      flag = value != 0;
      if (!is_bound_) return 0;
      stack_.ports_.release(tuple.local_port, old);
      stack_.ports_.claim(tuple.local_port, {reuse_address_, reuse_port_, bound_listening_});
      return 0;
    }
  }
  return -EINVAL;
}

int TcpSocket::get_option(TcpOption option) const {
  switch (option) {
    case TcpOption::kNoDelay:
      return snd_.nodelay;
    case TcpOption::kCork:
      return snd_.cork;
    case TcpOption::kQuickAck:
      return !in_pingpong();
    case TcpOption::kRcvBuf:
      return rcv_.rcvbuf;
    case TcpOption::kSndBuf:
      return snd_.sndbuf;
    case TcpOption::kReuseAddr:
      return reuse_address_;
    case TcpOption::kReusePort:
      return reuse_port_;
  }
  return -EINVAL;
}

}  // namespace stackscope
