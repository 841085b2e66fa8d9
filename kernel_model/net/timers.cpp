// What happens when nothing happens: retransmission, probes into a closed window, delayed ACKs.
//
// Linux: net/ipv4/tcp_timer.c tcp_write_timer(), tcp_retransmit_timer(), tcp_probe_timer(),
// tcp_write_timeout(),
//        tcp_delack_timer(); net/ipv4/tcp_input.c tcp_rearm_rto(). A timer that is no longer wanted stays on
//        its wheel and finds nothing to do; only a socket that ends takes it off.
// Differs: giving up counts retransmissions where Linux compares the time since the first
// (retransmits_timed_out()).

#include <algorithm>
#include <cerrno>

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/net/sequence.hpp"
#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

void TcpSocket::on_delack_timer() {
  hold();
  env_.trace().emit(TimerExpire{TimerFunction::kTcpDelack, id_});
  env_.lock(lock_);
  env_.charge(env_.tcp_costs().timer);
  if (is_owned_) {
    env_.counters().add(Counter::kDelayedAckLocked);
    delack_deferred_ = true;
  } else {
    delack_timer_handler();
  }
  env_.unlock(lock_);
  put();
}

void TcpSocket::on_write_timer() {
  hold();
  env_.trace().emit(TimerExpire{TimerFunction::kTcpWrite, id_});
  env_.lock(lock_);
  env_.charge(env_.tcp_costs().timer);
  if (is_owned_) {
    write_timer_deferred_ = true;
  } else {
    write_timer_handler();
  }
  env_.unlock(lock_);
  put();
}

/// Linux: tcp_reset_xmit_timer()
void TcpSocket::arm_write_timer(Pending what, std::uint64_t jiffies) {
  const std::uint64_t most = env_.tick().from_duration(Duration::s(120));  // TCP_RTO_MAX
  pending_ = what;
  write_timeout_ = jiffies_now(env_) + std::min(jiffies, most);
  write_timer_.arm(env_, id_, write_timeout_);
}

void TcpSocket::rearm_rto() {
  if (snd_.packets_out == 0) {
    pending_ = Pending::kNone;
  } else {
    arm_write_timer(Pending::kRetransmit, rtt_.rto);
  }
}

/// Linux: tcp_clear_xmit_timers()
void TcpSocket::clear_timers() {
  pending_ = Pending::kNone;
  ack_.pending = 0;
  write_timer_.disarm(env_, id_);
  delack_timer_.disarm(env_, id_);
}

/// Linux: tcp_check_probe_timer()
void TcpSocket::check_probe_timer() {
  if (snd_.packets_out == 0 && pending_ == Pending::kNone) arm_write_timer(Pending::kProbe, rtt_.rto);
}

void TcpSocket::write_timer_handler() {
  if (is_over(state_) || is_listening() || pending_ == Pending::kNone) return;
  if (write_timeout_ > jiffies_now(env_)) return write_timer_.arm(env_, id_, write_timeout_);
  const Pending what = pending_;
  if (what == Pending::kProbe) return probe_timer();
  pending_ = Pending::kNone;
  retransmit_timer();
}

/// Linux: tcp_write_timeout()
bool TcpSocket::gave_up() {
  const Sysctls& sysctls = env_.sysctls();
  std::uint32_t most = sysctls.tcp_retries2;
  if (state_ == TcpState::kSynSent)
    most = (options().syncnt != SocketOptions{}.syncnt ? static_cast<std::uint32_t>(options().syncnt)
                                                       : std::uint32_t{sysctls.tcp_syn_retries}) +
           std::uint32_t{sysctls.tcp_syn_linear_timeouts};
  if (state_ == TcpState::kSynRecv) most = sysctls.tcp_synack_retries;
  if (is_orphan_) most = std::min(most, 8u);  // tcp_orphan_retries
  return rare().retransmits >= most;
}

void TcpSocket::write_error() {
  env_.counters().add(Counter::kAbortOnTimeout);
  error_ = ETIMEDOUT;
  purge_write_queue();
  hold();
  if (!is_orphan_) error_report(ETIMEDOUT);
  done(TcpInput::kTimeout);
  put();
}

/// The oldest segment was not acknowledged in time. Linux: tcp_retransmit_timer()
void TcpSocket::retransmit_timer() {
  if (snd_.rtx_queue.is_empty()) return;
  if (gave_up()) return write_error();
  RareState& r = rare();
  env_.counters().add(Counter::kTimeouts);
  if (state_ == TcpState::kSynSent || state_ == TcpState::kSynRecv) {
    env_.counters().add(Counter::kSynRetrans);
  } else {
    enter_loss();
  }
  ++r.retransmits;
  ++r.total_rto;
  retransmit(*snd_.rtx_queue.front());
  // A SYN is repeated every second a few times before the pause doubles.
  if (state_ != TcpState::kSynSent || r.total_rto > env_.sysctls().tcp_syn_linear_timeouts) {
    ++r.backoff;
    change_rto(std::uint64_t{rtt_.rto} * 2);
  }
  arm_write_timer(Pending::kRetransmit, rtt_.rto);
}

/// Linux: __tcp_retransmit_skb()
void TcpSocket::retransmit(Packet& packet) {
  env_.counters().add(Counter::kTcpRetransSegs, packet.segments());
  packet.retransmitted = true;
  packet.lost = false;
  packet.stamp = env_.engine().now();
  transmit(packet);
}

/// After a timeout, what is still missing goes again as the window grows. Linux: tcp_xmit_retransmit_queue()
void TcpSocket::retransmit_lost(std::uint32_t most) {
  for (Packet* p = snd_.rtx_queue.front(); p != nullptr && packets_in_flight() < most; p = p->next) {
    if (p->lost) retransmit(*p);
  }
}

/// The peer's window is closed, or an ACK that opened it was lost. Linux: tcp_probe_timer(),
/// tcp_send_probe0()
void TcpSocket::probe_timer() {
  if (snd_.packets_out > 0 || snd_.write_queue.is_empty()) {
    pending_ = Pending::kNone;
    return;
  }
  pending_ = Pending::kNone;
  RareState& r = rare();
  if (r.backoff >= env_.sysctls().tcp_retries2 && is_orphan_) return write_error();
  write_wakeup();
  if (snd_.packets_out > 0) return;  // it fitted: the retransmission timer has it now
  if (r.backoff < env_.sysctls().tcp_retries2) ++r.backoff;
  arm_write_timer(Pending::kProbe, std::uint64_t{rtt_.rto} << r.backoff);
}

}  // namespace stackscope
