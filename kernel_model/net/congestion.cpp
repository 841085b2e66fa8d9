// How much may be under way: slow start, and Reno's growth above the threshold.
//
// Linux: net/ipv4/tcp_cong.c tcp_slow_start(), tcp_cong_avoid_ai(); net/ipv4/tcp_output.c
// tcp_cwnd_validate(),
//        tcp_cwnd_restart(); net/ipv4/tcp_input.c tcp_enter_loss(), tcp_update_pacing_rate()
// Differs: CUBIC's growth, hystart and every form of recovery are missing; the threshold after a loss is
// CUBIC's 0.7.

#include <algorithm>

#include "kernel_model/net/sequence.hpp"
#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

/// The one place where the congestion window changes.
void TcpSocket::set_cwnd(std::uint32_t cwnd, std::uint32_t ssthresh) {
  if (cwnd == cong_.snd_cwnd && ssthresh == cong_.snd_ssthresh) return;
  cong_.snd_cwnd = cwnd, cong_.snd_ssthresh = ssthresh;
  env_.trace().emit(TcpCongestion{id_, cwnd, ssthresh});
}

std::uint32_t TcpSocket::packets_in_flight() const {
  if (rare_ == nullptr || !rare_->in_loss) return snd_.packets_out;
  std::uint32_t lost = 0;
  for (const Packet* p = snd_.rtx_queue.front(); p != nullptr; p = p->next)
    lost += p->lost ? p->segments() : 0;
  return snd_.packets_out - lost;
}

/// Whether the window was what held sending back, so that it may grow. Linux: tcp_cwnd_validate()
void TcpSocket::cwnd_validate() {
  const bool limited = snd_.held_since != Instant::never() && snd_.held_by == WaitReason::kCongestionWindow;
  if (!before(snd_.snd_una, cong_.cwnd_usage_seq) || limited ||
      (!cong_.is_cwnd_limited && snd_.packets_out > cong_.max_packets_out)) {
    cong_.is_cwnd_limited = limited;
    cong_.max_packets_out = snd_.packets_out;
    cong_.cwnd_usage_seq = snd_.snd_nxt;
  }
}

/// `acked` segments were acknowledged. Linux: tcp_reno_cong_avoid()
void TcpSocket::cong_avoid(std::uint32_t acked) {
  const bool slow_start = cong_.snd_cwnd < cong_.snd_ssthresh;
  const bool used = cong_.is_cwnd_limited || (slow_start && cong_.snd_cwnd < 2 * cong_.max_packets_out);
  if (!used || acked == 0) return;
  std::uint32_t cwnd = cong_.snd_cwnd;
  if (slow_start) {
    cwnd = std::min(cwnd + acked, cong_.snd_ssthresh);
    acked -= cwnd - cong_.snd_cwnd;
  }
  cong_.snd_cwnd_cnt += acked;
  if (acked > 0 && cong_.snd_cwnd_cnt >= cwnd) {
    cong_.snd_cwnd_cnt -= cwnd;
    ++cwnd;
  }
  set_cwnd(cwnd, cong_.snd_ssthresh);
}

/// The retransmission timer fired: everything that is under way counts as lost. Linux: tcp_enter_loss()
void TcpSocket::enter_loss() {
  RareState& r = rare();
  set_cwnd(1, r.in_loss ? cong_.snd_ssthresh : std::max(cong_.snd_cwnd * 717 / 1024, 2u));
  r.in_loss = true;
  r.high_seq = snd_.snd_nxt;
  for (Packet* p = snd_.rtx_queue.front(); p != nullptr; p = p->next) p->lost = true;
  cong_.snd_cwnd_cnt = 0;
}

/// Linux: tcp_current_ssthresh()
std::uint32_t TcpSocket::threshold_for_restart() const {
  return std::max(cong_.snd_ssthresh, (cong_.snd_cwnd >> 1) + (cong_.snd_cwnd >> 2));
}

/// After a pause longer than the timeout, nothing is known of the path any more. RFC 2861.
/// Linux: tcp_slow_start_after_idle_check(), tcp_cwnd_restart()
void TcpSocket::cwnd_after_idle() {
  if (!env_.sysctls().tcp_slow_start_after_idle || snd_.packets_out > 0 || cong_.lsndtime == Jiffies{})
    return;
  std::int64_t idle = jiffies_now(env_) - cong_.lsndtime;
  if (idle <= static_cast<std::int64_t>(rtt_.rto)) return;
  std::uint32_t cwnd = cong_.snd_cwnd;
  const std::uint32_t ssthresh = threshold_for_restart();
  const std::uint32_t restart = std::min(kInitialWindow, cwnd);
  while ((idle -= rtt_.rto) > 0 && cwnd > restart) cwnd >>= 1;
  set_cwnd(std::max(cwnd, restart), ssthresh);
}

/// As of the last acknowledgement. Here it only sizes super-packets. Linux: tcp_update_pacing_rate()
void TcpSocket::update_pacing_rate() {
  if (rtt_.srtt_us == 0) return;
  const std::uint64_t ratio = cong_.snd_cwnd < cong_.snd_ssthresh / 2 ? 200 : 120;
  const std::uint64_t segments = std::max(cong_.snd_cwnd, snd_.packets_out);
  cong_.pacing_rate = snd_.mss_cache * segments * ratio * (1'000'000 / 100 * 8) / rtt_.srtt_us;
}

}  // namespace stackscope
