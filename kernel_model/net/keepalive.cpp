// Whether the peer is still there: asked after a long silence, and again, until it answers or is given up.
//
// Linux: net/ipv4/tcp_timer.c tcp_keepalive_timer(), tcp_set_keepalive(); include/net/tcp.h keepalive_time_elapsed();
//        net/ipv4/tcp.c tcp_sock_set_keepidle_locked()

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

void TcpSocket::arm_keepalive(std::uint64_t jiffies) {
  if (keepalive_timer_ == nullptr) {
    keepalive_timer_ = std::make_unique<SocketTimer>(TimerFunction::kTcpKeepalive, this,
                                                     &call_method<&TcpSocket::on_keepalive_timer, TcpSocket>);
  }
  keepalive_timer_->arm(env_, id_, jiffies_now(env_) + jiffies);
}

/// A connection has been established, and its socket asks for it.
void TcpSocket::start_keepalive() {
  if (options().keepalive != 0) arm_keepalive(seconds(options().keepidle));
}

void TcpSocket::set_keepalive(bool on) {
  if (is_over(state_) || is_listening()) return;
  if (on && options().keepalive == 0) arm_keepalive(seconds(options().keepidle));
  if (!on && keepalive_timer_ != nullptr) keepalive_timer_->disarm(env_, id_);
}

void TcpSocket::restart_keepalive() {
  if (options().keepalive == 0 || is_over(state_) || is_listening()) return;
  const std::uint64_t idle = seconds(options().keepidle), passed = silence();
  arm_keepalive(idle > passed ? idle - passed : 0);
}

/// Jiffies since the peer was heard of last: by data, or by an acknowledgement.
std::uint64_t TcpSocket::silence() const {
  const Jiffies now = jiffies_now(env_);
  return static_cast<std::uint64_t>(std::min(now - ack_.lrcvtime, now - snd_.rcv_tstamp));
}

void TcpSocket::on_keepalive_timer() {
  hold();
  env_.trace().emit(TimerExpire{TimerFunction::kTcpKeepalive, id_});
  env_.lock(lock_);
  env_.charge(env_.tcp_costs().timer);
  if (is_owned_) {
    arm_keepalive(env_.tick().hz().value / 20);
  } else {
    keepalive_timer_handler();
  }
  env_.unlock(lock_);
  put();
}

/// A program does not hold the socket, and the peer's FIN has not come. Linux: tcp_keepalive_timer(), in TCP_FIN_WAIT2
void TcpSocket::fin_wait2_is_over() {
  const std::uint64_t length = fin_time(), most = env_.tick().from_duration(kTimeWaitLength);
  if (options().linger2 >= 0 && length > most) return time_wait(TcpState::kFinWait2, length - most);
  send_reset();
  done(TcpInput::kTimeout);
}

void TcpSocket::keepalive_timer_handler() {
  if (state_ == TcpState::kFinWait2 && is_orphan_) return fin_wait2_is_over();
  const SocketOptions& asked = options();
  if (asked.keepalive == 0 || is_over(state_) || state_ == TcpState::kSynSent) return;
  const std::uint64_t idle = seconds(asked.keepidle);
  // What is under way or waits keeps the connection alive, or ends it, without this timer.
  if (snd_.packets_out > 0 || !snd_.write_queue.is_empty()) return arm_keepalive(idle);
  const std::uint64_t passed = silence();
  if (passed < idle) return arm_keepalive(idle - passed);

  const std::uint32_t probes = rare_ != nullptr ? rare_->probes_out : 0;
  const std::uint64_t user_timeout = env_.tick().from_duration(Duration::ms(asked.user_timeout));
  const bool is_given_up = asked.user_timeout != 0 ? passed >= user_timeout && probes > 0
                                                   : probes >= static_cast<std::uint32_t>(asked.keepcnt);
  if (is_given_up) {
    send_reset();
    return write_error();
  }
  write_wakeup(Counter::kKeepalive);
  ++rare().probes_out;
  arm_keepalive(seconds(asked.keepintvl));
}

}  // namespace stackscope
