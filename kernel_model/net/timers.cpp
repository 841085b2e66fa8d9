// What happens when nothing happens: retransmission, probes into a closed window, delayed ACKs.
//
// Linux: net/ipv4/tcp_timer.c tcp_write_timer(), tcp_retransmit_timer(), tcp_probe_timer(),
// tcp_write_timeout(),
//        tcp_delack_timer(); net/ipv4/tcp_input.c tcp_rearm_rto(). A timer that is no longer wanted stays on
//        its wheel and finds nothing to do; only a socket that ends takes it off.

#include <algorithm>
#include <bit>
#include <cerrno>

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/net/sequence.hpp"
#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

namespace {

constexpr Duration kLongestRto = Duration::s(120);  // TCP_RTO_MAX

std::uint64_t longest_rto(const NetEnvironment& env) { return env.tick().from_duration(kLongestRto); }

/// How long so many retransmissions take that begin with `base_ms` and double, up to the longest timeout.
/// Linux: tcp_model_timeout()
std::uint64_t time_of_retransmissions(std::uint32_t count, std::uint64_t base_ms) {
  constexpr auto kLongest = static_cast<std::uint64_t>(kLongestRto / Duration::ms(1));
  const auto doublings = std::min(count, static_cast<std::uint32_t>(std::bit_width(kLongest / base_ms)) - 1);
  return ((std::uint64_t{2} << doublings) - 1) * base_ms + (count - doublings) * kLongest;
}

/// How often is tried for a program that has gone. Linux: tcp_orphan_retries()
std::uint32_t orphan_retries(bool is_alive) { return is_alive ? 8 : 0; }

}  // namespace

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
  pending_ = what;
  write_timeout_ = jiffies_now(env_) + std::min(jiffies, longest_rto(env_));
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
  stop_compression();
  if (keepalive_timer_ != nullptr) keepalive_timer_->disarm(env_, id_);
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

/// Whether what was sent again first has waited as long as so many retransmissions take, or as long as the program has patience.
/// Linux: retransmits_timed_out()
bool TcpSocket::has_timed_out(std::uint32_t retries, std::uint32_t user_timeout_ms) {
  constexpr std::uint64_t kFirstOfSyn = 1000, kLeast = 200;  // TCP_TIMEOUT_INIT, TCP_RTO_MIN
  if (rare().retransmits == 0) return false;
  const bool is_opening = state_ == TcpState::kSynSent || state_ == TcpState::kSynRecv;
  const std::uint64_t timeout = user_timeout_ms != 0
                                    ? user_timeout_ms
                                    : time_of_retransmissions(retries, is_opening ? kFirstOfSyn : kLeast);
  const auto waited = static_cast<std::int32_t>(stack_.timestamp() - rare_->retrans_stamp);
  return waited >= static_cast<std::int64_t>(timeout);
}

/// Linux: tcp_write_timeout()
bool TcpSocket::gave_up() {
  const Sysctls& sysctls = env_.sysctls();
  const auto patience = static_cast<std::uint32_t>(options().user_timeout);
  if (state_ == TcpState::kSynSent || state_ == TcpState::kSynRecv) {
    const bool is_set = options().syncnt != SocketOptions{}.syncnt;
    const std::uint32_t retries =
        is_set ? static_cast<std::uint32_t>(options().syncnt) : sysctls.tcp_syn_retries;
    const std::uint32_t linear = state_ == TcpState::kSynSent ? sysctls.tcp_syn_linear_timeouts : 0;
    return rare().retransmits >= retries + linear || has_timed_out(retries, patience);
  }
  std::uint32_t retries = sysctls.tcp_retries2;
  if (is_orphan_) retries = orphan_retries(rtt_.rto < longest_rto(env_));
  return has_timed_out(retries, patience);
}

/// Linux: tcp_clamp_rto_to_user_timeout()
std::uint64_t TcpSocket::rto_within_user_timeout() {
  if (options().user_timeout == 0) return rtt_.rto;
  const std::uint32_t elapsed = stack_.timestamp() - rare().retrans_stamp;
  const std::int64_t left = static_cast<std::int64_t>(options().user_timeout) - elapsed;
  if (left <= 0) return 1;
  return std::min<std::uint64_t>(rtt_.rto, env_.tick().from_duration(Duration::ms(left)));
}

/// Linux: tcp_clamp_probe0_to_user_timeout()
std::uint64_t TcpSocket::probe_within_user_timeout(std::uint64_t jiffies) {
  if (options().user_timeout == 0 || rare().probes_tstamp == Jiffies{}) return jiffies;
  const auto elapsed =
      static_cast<std::uint64_t>(std::max<std::int64_t>(jiffies_now(env_) - rare_->probes_tstamp, 0));
  const std::uint64_t patience = env_.tick().from_duration(Duration::ms(options().user_timeout));
  return std::min(std::max(patience - std::min(elapsed, patience), kTimeoutMin), jiffies);
}

/// Linux: tcp_write_err()
void TcpSocket::write_error() {
  const int soft = take_soft_error();
  const int error = soft != 0 ? soft : ETIMEDOUT;
  error_ = error;
  purge_write_queue();
  hold();
  if (!is_orphan_) error_report(error);
  done(TcpInput::kTimeout);
  env_.counters().add(Counter::kAbortOnTimeout);
  put();
}

/// The oldest segment was not acknowledged in time. Linux: tcp_retransmit_timer()
void TcpSocket::retransmit_timer() {
  if (snd_.rtx_queue.is_empty()) return;
  const bool is_opening = state_ == TcpState::kSynSent || state_ == TcpState::kSynRecv;
  RareState& r = rare();
  if (snd_.snd_wnd == 0 && !is_orphan_ && !is_opening) {
    // The peer has taken its window back: what is under way is no more than a probe, for as long as it answers.
    if (has_probed_in_vain()) return write_error();
    enter_loss();
    retransmit(*snd_.rtx_queue.front(), 1);
  } else {
    env_.counters().add(Counter::kTimeouts);
    if (gave_up()) return write_error();
    is_opening ? env_.counters().add(Counter::kSynRetrans) : enter_loss();
    ++r.retransmits, ++r.total_rto;
    retransmit(*snd_.rtx_queue.front(), 1);
  }
  // A SYN is repeated every second a few times before the pause doubles.
  if (state_ != TcpState::kSynSent || r.total_rto > env_.sysctls().tcp_syn_linear_timeouts) {
    ++r.backoff;
    change_rto(std::min(std::uint64_t{rtt_.rto} * 2, longest_rto(env_)));
  }
  arm_write_timer(Pending::kRetransmit, rto_within_user_timeout());
}

/// A window that was taken back stays shut: nothing has come for twice the longest timeout, or for as long as the program has
/// patience. Linux: tcp_rtx_probe0_timed_out()
bool TcpSocket::has_probed_in_vain() {
  const std::uint32_t since =
      rare().retrans_stamp != 0 ? rare_->retrans_stamp : stack_.timestamp_of(snd_.rtx_queue.front()->stamp);
  const Duration tried = Duration::ms(stack_.timestamp() - since);
  const Duration patience = Duration::ms(options().user_timeout);
  if (patience && tried > patience) return true;
  const Duration most = patience ? std::min(2 * kLongestRto, patience) : 2 * kLongestRto;
  const std::uint64_t jiffies = env_.tick().from_duration(most);
  return write_timeout_ - snd_.rcv_tstamp > static_cast<std::int64_t>(jiffies) && tried > most;
}

/// Small segments behind it that have room join it. Linux: tcp_retrans_try_collapse(), tcp_collapse_retrans()
void TcpSocket::join_small(Packet& packet, std::uint32_t most_bytes) {
  if (!env_.sysctls().tcp_retrans_collapse || packet.has(tcp_flag::kSyn)) return;
  while (const Packet* next = packet.next) {
    const bool has_room = packet.payload_bytes + next->payload_bytes <= most_bytes &&
                          !after(next->end_seq(), snd_.snd_una + snd_.snd_wnd);
    if (packet.ends_record || next->segments() > 1 || !has_room) return;
    Packet& joined = snd_.rtx_queue.take_after(packet);
    packet.flags |= joined.flags;
    packet.ends_record = joined.ends_record;
    packet.payload_bytes += joined.payload_bytes, packet.truesize += joined.payload_bytes;
    joined.truesize -= joined.payload_bytes;
    --snd_.packets_out;
    free_sent(joined);
  }
}

/// As much of it as fits into `most_segments` and the peer's window; where that is shut, one segment all the same.
/// Linux: __tcp_retransmit_skb()
void TcpSocket::retransmit(Packet& packet, std::uint32_t most_segments) {
  const std::uint32_t mss = current_mss(), segments_before = packet.segments();
  const std::uint32_t end = snd_.snd_una + snd_.snd_wnd;
  const std::uint32_t room = after(end, packet.seq) ? end - packet.seq : mss;
  std::uint32_t most = mss * most_segments;
  if (most > room) most = room < mss ? room : room / mss * mss;
  const auto set_segments = [mss](Packet& p) { p.gso_size = p.payload_bytes > mss ? mss : 0; };
  if (packet.payload_bytes > most) {
    Packet& rest = split(snd_.rtx_queue, packet, most);
    set_segments(rest);
    snd_.packets_out += rest.segments();
  } else if (packet.payload_bytes < std::min(room, mss)) {
    join_small(packet, std::min(room, mss));
  }
  set_segments(packet);
  snd_.packets_out += packet.segments() - segments_before;
  env_.counters().add(Counter::kTcpRetransSegs, packet.segments());
  counts_.total_retrans += packet.segments();
  counts_.bytes_retrans += packet.payload_bytes;
  packet.retransmitted = true;
  packet.lost = false;
  // Of a SYN the time runs from the first one, of data from the first that is sent again. Linux: tcp_connect()
  const Instant now = env_.engine().now();
  if (rare().retrans_stamp == 0)
    rare_->retrans_stamp = stack_.timestamp_of(packet.has(tcp_flag::kSyn) ? packet.stamp : now);
  packet.stamp = now;
  transmit(packet);
}

/// After a timeout, what is still missing goes again as the window grows. Linux: tcp_xmit_retransmit_queue()
void TcpSocket::retransmit_lost(std::uint32_t most) {
  const std::uint32_t max_segs = tso_segs(current_mss());
  for (Packet* p = snd_.rtx_queue.front(); p != nullptr && packets_in_flight() < most; p = p->next) {
    if (p->lost) retransmit(*p, std::min(most - packets_in_flight(), max_segs));
  }
}

/// The peer's window is closed, or an ACK that opened it was lost. Linux: tcp_probe_timer()
void TcpSocket::probe_timer() {
  pending_ = Pending::kNone;
  if (snd_.packets_out > 0 || snd_.write_queue.is_empty()) {
    if (rare_ != nullptr) rare_->probes_out = 0, rare_->probes_tstamp = {};
    return;
  }
  RareState& r = rare();
  const Jiffies now = jiffies_now(env_);
  if (r.probes_tstamp == Jiffies{}) r.probes_tstamp = now;
  const std::uint64_t patience = env_.tick().from_duration(Duration::ms(options().user_timeout));
  if (patience > 0 && static_cast<std::uint64_t>(now - r.probes_tstamp) >= patience) return write_error();
  std::uint32_t most = env_.sysctls().tcp_retries2;
  if (is_orphan_) {
    const bool is_alive = std::uint64_t{rtt_.rto} << r.backoff < longest_rto(env_);
    most = orphan_retries(is_alive);
    if (!is_alive && r.backoff >= most) return write_error();
  }
  if (r.probes_out >= most) return write_error();
  send_probe();
}

/// Linux: tcp_send_probe0()
void TcpSocket::send_probe() {
  RareState& r = rare();
  write_wakeup(Counter::kWinProbe);
  if (snd_.packets_out > 0 ||
      snd_.write_queue.is_empty()) {  // it fitted: the retransmission timer has it now
    r.probes_out = r.backoff = 0, r.probes_tstamp = {};
    return;
  }
  ++r.probes_out;
  if (r.backoff < env_.sysctls().tcp_retries2) ++r.backoff;
  arm_write_timer(Pending::kProbe, probe_within_user_timeout(std::uint64_t{rtt_.rto} << r.backoff));
}

}  // namespace stackscope
