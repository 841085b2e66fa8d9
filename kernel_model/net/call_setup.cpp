// bind(), listen(), options.
//
// Linux: net/ipv4/af_inet.c inet_bind(), inet_listen(); net/ipv4/inet_connection_sock.c inet_csk_get_port(),
//        inet_csk_listen_start(); net/core/sock.c sk_setsockopt(); net/ipv4/tcp.c do_tcp_setsockopt()

#include <algorithm>
#include <cerrno>
#include <climits>

#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/mutant.hpp"
#include "sim/trace.hpp"

namespace stackscope {

// --- the port --------------------------------------------------------------------------------------------------------

PortClaim TcpSocket::claim() const {
  return {tuple.local_address, reuse_address_, reuse_port_, is_listening(), is_by_connect_, reach()};
}

/// The port is this socket's from now on; or it holds it in another way than it did.
void TcpSocket::hold_port() {
  if (is_bound_ && held_ == claim()) return;
  release_port();
  held_ = claim();
  stack_.ports_.claim(tuple.local_port, held_);
  is_bound_ = true;
}

/// Linux: inet_put_port()
void TcpSocket::release_port() {
  if (is_bound_) stack_.ports_.release(tuple.local_port, held_);
  is_bound_ = false;
}

// Linux: __inet_bind()
int TcpSocket::bind(std::uint32_t address, std::uint16_t port, bool is_mapped) {
  if (!may_bind()) return -EINVAL;
  is_mapped_ = is_mapped;
  if (port != 0 || options().bind_address_no_port == 0) return take_port(address, port);
  named(address, 0);  // connect() chooses the port, when it knows for which peer
  return 0;
}

// Linux: inet_csk_get_port()
int TcpSocket::take_port(std::uint32_t address, std::uint16_t port) {
  const PortClaim wanted{address, reuse_address_, reuse_port_, false, false, reach_by(address)};
  const bool is_any = port == 0;
  if (is_any) {
    port = stack_.ports_.find_for_bind(local_port_range(env_.sysctls(), options().local_port_range), wanted);
  }
  if (port == 0 || (!is_any && !MUTANT("bind never conflicts") && stack_.ports_.conflicts(port, wanted))) {
    tuple.local_address = 0;  // of a connection that is over
    return -EADDRINUSE;
  }
  named(address, port);
  is_by_connect_ = false;
  hold_port();
  port_locked_ = !is_any;
  return 0;
}

void TcpSocket::named(std::uint32_t address, std::uint16_t port) {
  tuple = {address, 0, port, 0};
  address_locked_ = address != 0;
  port_locked_ = false;
  env_.trace().emit(SocketNamed{id_, address, 0, port, 0});
}

// Linux: inet_csk_listen_start(): as a listener it conflicts with more than it did
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
    if (!address_locked_) tuple.local_address = 0;
    const int result = take_port(tuple.local_address, 0);
    if (result != 0) return result;
  }
  const PortClaim own = held_;
  release_port();
  const bool conflicts = stack_.ports_.conflicts(tuple.local_port, own);
  if (conflicts) {
    if (port_locked_) hold_port();
    return -EADDRINUSE;
  }
  hold_port();
  listen_ = std::make_unique<ListenState>();
  listen_->backlog = most;
  move(TcpInput::kListen);
  hold_port();
  stack_.add_listener(*this);
  Listener(*this).queues_changed();
  return 0;
}

/// Linux: ipv6_only_sock(), ipv6_addr_v4mapped()
Reach TcpSocket::reach_by(std::uint32_t local_address) const {
  if (local_address != 0) return reach_of(local_address);
  if (!is_ipv6_ || is_mapped_) return Reach::kIpv4;
  return options().v6only != 0 ? Reach::kIpv6 : Reach::kBoth;
}

// --- options ---------------------------------------------------------------------------------------------------------

void TcpSocket::set_rcvbuf(int value, bool forced) {
  rcvbuf_locked_ = true;
  set_buffers(buffer_size(value, forced, env_.sysctls().rmem_max, kLeastRcvbuf), snd_.sndbuf);
}

void TcpSocket::set_sndbuf(int value, bool forced) {
  sndbuf_locked_ = true;
  set_buffers(rcv_.rcvbuf, buffer_size(value, forced, env_.sysctls().wmem_max, kLeastSndbuf));
  check_space();
}

void TcpSocket::set_window_clamp(int value) {
  if (value == 0) {
    change_options().window_clamp = 0, rcv_.window_clamp = 0;
    return;
  }
  move_window_clamp(static_cast<std::uint32_t>(value));
  change_options().window_clamp = static_cast<int>(rcv_.window_clamp);
}

/// Linux: tcp_set_rcvlowat()
void TcpSocket::set_rcvlowat(int value) {
  const std::int64_t most = rcvbuf_locked_ ? rcv_.rcvbuf >> 1 : env_.sysctls().tcp_rmem[2] >> 1;
  value = static_cast<int>(std::min<std::int64_t>(value < 0 ? INT_MAX : value, most));
  change_options().rcvlowat = std::max(value, 1);
  tcp_data_ready();
  if (rcvbuf_locked_) return;
  const std::int64_t space = space_from_win(value);
  if (space <= rcv_.rcvbuf) return;
  set_buffers(static_cast<std::int32_t>(space), snd_.sndbuf);
  rcv_.window_clamp = static_cast<std::uint32_t>(value);
}

int TcpSocket::set_option(TcpOption option, int value) {
  switch (option) {
    case TcpOption::kNoDelay:
      snd_.nodelay = value != 0;
      // What is queued goes now, a cork or not. Linux: __tcp_sock_set_nodelay()
      snd_.nagle_push = snd_.nagle_push || value != 0;
      if (value != 0 && may_send(state_)) push_pending_frames(current_mss(), false);
      return 0;
    case TcpOption::kCork:
      snd_.cork = value != 0;
      snd_.nagle_push = snd_.nagle_push || (value == 0 && snd_.nodelay);  // Linux: __tcp_sock_set_cork()
      if (value == 0 && may_send(state_)) push_pending_frames(current_mss(), false);
      return 0;
    case TcpOption::kQuickAck:
      set_quickack(value);
      return 0;
    case TcpOption::kRcvBuf:
      return set_rcvbuf(value, false), 0;
    case TcpOption::kSndBuf:
      return set_sndbuf(value, false), 0;
    case TcpOption::kReuseAddr:
    case TcpOption::kReusePort:
      (option == TcpOption::kReuseAddr ? reuse_address_ : reuse_port_) = value != 0;
      if (is_bound_) hold_port();
      return 0;
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
