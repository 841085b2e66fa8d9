// shutdown() and close(): how a connection ends, and who is left to see it.
//
// Linux: net/ipv4/tcp.c tcp_shutdown(), __tcp_close(), tcp_close_state(); net/ipv4/af_inet.c inet_shutdown()
// Differs: SO_LINGER is not here; the number of orphans is not limited.

#include <cerrno>
#include <sys/socket.h>

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/net/tcp_stack.hpp"

namespace stackscope {

/// Our half ends. Whether a FIN must follow. Linux: tcp_close_state()
bool TcpSocket::queue_fin() {
  const bool sends = state_ == TcpState::kSynRecv || may_send(state_);
  if (sends) move(TcpInput::kClose);
  return sends;
}

int TcpSocket::shutdown(int how) {
  if (how < SHUT_RD || how > SHUT_RDWR) return -EINVAL;
  if (state_ == TcpState::kClose && !is_done_ && !shutdown_.both()) return -ENOTCONN;
  if (is_over(state_)) return -ENOTCONN;
  if (is_listening()) {
    if (how == SHUT_WR) return 0;
    stack_.remove_listener(*this);  // tcp_disconnect()
    Listener(*this).stop();
    move(TcpInput::kClose);
    shutdown_ = {true, true};
    state_change();
    return 0;
  }
  if (state_ == TcpState::kSynSent) {
    if (how == SHUT_RD) return 0;
    done(TcpInput::kClose);
    return 0;
  }
  shutdown_.receive = shutdown_.receive || how != SHUT_WR;
  shutdown_.send = shutdown_.send || how != SHUT_RD;
  if (how != SHUT_RD && queue_fin()) send_fin();
  state_change();
  return 0;
}

void TcpSocket::close() {
  env_.charge(env_.tcp_costs().close);
  user_ = nullptr;
  if (is_listening()) {
    stack_.remove_listener(*this);
    Listener(*this).stop();
    move(TcpInput::kClose);
  }
  const bool unread = is_readable() && !rcv_.receive_queue.is_empty() &&
                      !(rcv_.receive_queue.front() == rcv_.receive_queue.back() &&
                        rcv_.receive_queue.front()->payload_bytes == 0);
  while (!rcv_.receive_queue.is_empty()) free_received(rcv_.receive_queue.pop());
  shutdown_ = {true, true};
  if (state_ == TcpState::kSynSent) {
    move(TcpInput::kClose);
    stack_.table_.remove(*this);
  } else if (!is_over(state_) && unread) {
    // The peer must learn that its bytes were not read (RFC 2525 2.17).
    env_.counters().add(Counter::kAbortOnClose);
    send_reset();
    move(TcpInput::kAbort);
  } else if (queue_fin()) {
    send_fin();
  }
  // sock_orphan(): what follows, a segment in the backlog too, finds nobody to tell
  is_orphan_ = true;
  env_.bh_disable();
  env_.lock(lock_);
  process_backlog();
  if (state_ == TcpState::kFinWait2) {
    time_wait(TcpState::kFinWait2, Duration::s(env_.sysctls().tcp_fin_timeout_s));
  } else {
    destroy_if_over();
  }
  env_.unlock(lock_);
  env_.bh_enable();
}

}  // namespace stackscope
