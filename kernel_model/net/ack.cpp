// When to acknowledge: at once, with the answer, or when the delayed-ACK timer says so.
//
// Linux: net/ipv4/tcp_input.c __tcp_ack_snd_check(), tcp_event_data_recv(), tcp_measure_rcv_mss(),
//        tcp_enter_quickack_mode(); net/ipv4/tcp_output.c tcp_send_delayed_ack(), tcp_event_ack_sent();
//        net/ipv4/tcp.c
//        __tcp_cleanup_rbuf(); net/ipv4/tcp_timer.c tcp_delack_timer_handler()

#include <algorithm>

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/net/sequence.hpp"
#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

namespace {

// TCP_ATO_MIN and TCP_DELACK_MIN, TCP_DELACK_MAX: fractions of a second in whole jiffies.
std::uint32_t ato_min(const NetEnvironment& env) { return env.tick().hz().value / 25; }
std::uint32_t delack_max(const NetEnvironment& env) {
  const std::uint64_t least_rto = env.tick().from_duration(Duration::us(env.sysctls().tcp_rto_min_us));
  const auto below_rto = static_cast<std::uint32_t>(std::max<std::uint64_t>(least_rto, 2) - 1);
  return std::min(env.tick().hz().value / 5, below_rto);
}

}  // namespace

bool TcpSocket::in_pingpong() const { return ack_.pingpong >= env_.sysctls().tcp_pingpong_thresh; }

/// Linux: tcp_incr_quickack()
void TcpSocket::incr_quickack(std::uint32_t most) {
  std::uint32_t quick = rcv_.rcv_wnd / (2 * ack_.rcv_mss);
  if (quick == 0) quick = 2;
  quick = std::min(quick, most);
  if (quick > ack_.quick) set_ack_mode(quick, ack_.pingpong, ack_.ato);
}

void TcpSocket::enter_quickack_mode(std::uint32_t most) {
  incr_quickack(most);
  set_ack_mode(ack_.quick, 0, ato_min(env_));
}

/// What the peer's full segments look like, and how much memory payload takes. Linux: tcp_measure_rcv_mss()
void TcpSocket::measure_rcv_mss(const Packet& packet) {
  const std::uint32_t last = ack_.last_seg_size;
  ack_.last_seg_size = 0;
  std::uint32_t length = packet.gso_size != 0 ? packet.gso_size : packet.payload_bytes;
  if (length >= ack_.rcv_mss) {
    if (length != ack_.rcv_mss) {
      const std::uint64_t ratio = (std::uint64_t{packet.payload_bytes} << 8) / packet.truesize;
      const auto before_ratio = rcv_.scaling_ratio;
      rcv_.scaling_ratio = static_cast<std::uint8_t>(std::clamp<std::uint64_t>(ratio, 1, 255));
      if (before_ratio != rcv_.scaling_ratio) {
        move_window_clamp(win_from_space(rcv_.rcvbuf));
        if (tuning_ != nullptr) tuning_->space = std::min(tuning_->space, rcv_.window_clamp);
      }
    }
    ack_.rcv_mss = std::min(length, rcv_.advmss);
    // Exactly one full segment with PSH is likely the end of what the program wrote.
    if (packet.has(tcp_flag::kPsh)) ack_.pending |= ack_pending::kPushed;
    return;
  }
  // A small segment: the end of a write, or a peer whose segments are small.
  const std::uint32_t header = packet.header_bytes();
  length += header;
  const bool unpushed = !packet.has(tcp_flag::kPsh) && !packet.has(tcp_flag::kFin);
  if (length >= kTcpMssDefault + 20 || (length >= kTcpMinMss + 20 && unpushed)) {
    length -= rcv_.has_timestamps ? 32 : 20;
    ack_.last_seg_size = length;
    if (length == last) {
      ack_.rcv_mss = length;
      return;
    }
  }
  if ((ack_.pending & ack_pending::kPushed) != 0) ack_.pending |= ack_pending::kPushed2;
  ack_.pending |= ack_pending::kPushed;
}

/// Data came: an ACK is due, and the pause since the last data tells how long it may wait.
/// Linux: tcp_event_data_recv()
void TcpSocket::event_data_recv(const Packet& packet) {
  schedule_ack();
  measure_rcv_mss(packet);
  rcv_rtt_measure(packet);
  const Jiffies now = jiffies_now(env_);
  const std::uint32_t least = ato_min(env_);
  if (ack_.ato == 0) {
    incr_quickack(kMaxQuickAcks);  // the first data of a connection: help the peer out of slow start
    set_ack_mode(ack_.quick, ack_.pingpong, least);
  } else {
    const auto pause = static_cast<std::uint64_t>(now - ack_.lrcvtime);
    if (pause <= least / 2) {
      set_ack_mode(ack_.quick, ack_.pingpong, ack_.ato / 2 + least / 2);
    } else if (pause < ack_.ato) {
      const auto ato = ack_.ato / 2 + static_cast<std::uint32_t>(pause);
      set_ack_mode(ack_.quick, ack_.pingpong, std::min(ato, rtt_.rto));
    } else if (pause > rtt_.rto) {
      incr_quickack(kMaxQuickAcks);  // the peer has begun again with a small window
    }
  }
  ack_.lrcvtime = now;
  if (packet.payload_bytes >= 128) grow_window(packet, true);
}

/// Linux: tcp_ack_snd_check()
void TcpSocket::ack_snd_check() {
  if (ack_scheduled()) do_ack_snd_check();
}

/// Linux: __tcp_ack_snd_check()
void TcpSocket::do_ack_snd_check() {
  const bool two_segments = rcv_.rcv_nxt - rcv_.rcv_wup > ack_.rcv_mss;
  const bool waits_for_more = rcv_.rcv_nxt - rcv_.copied_seq < static_cast<std::uint32_t>(options().rcvlowat);
  const bool now = (two_segments && (waits_for_more || choose_window() >= rcv_.rcv_wnd)) ||
                   in_quickack_mode() || (ack_.pending & ack_pending::kNow) != 0;
  if (now && is_owned_ && env_.sysctls().tcp_backlog_ack_defer) {
    ack_.deferred = true;  // we are in the owner's release: one ACK for the whole backlog
    return;
  }
  if (now) return send_ack();
  if (!has_out_of_order()) return send_delayed_ack();
  if (!holds_back_ack()) send_ack();
}

/// Linux: tcp_send_delayed_ack()
void TcpSocket::send_delayed_ack() {
  const std::uint32_t least = ato_min(env_);
  std::uint64_t ato = ack_.ato;
  if (ato > least) {
    std::uint64_t most = env_.tick().hz().value / 2;
    if (in_pingpong() || (ack_.pending & ack_pending::kPushed) != 0) most = env_.tick().hz().value / 5;
    if (rtt_.srtt_us != 0) {
      most = std::min(
          most, std::max<std::uint64_t>(env_.tick().from_duration(Duration::us(rtt_.srtt_us >> 3)), least));
    }
    ato = std::min(ato, most);
  }
  ato = std::min<std::uint64_t>(ato, delack_max(env_));
  const Jiffies now = jiffies_now(env_);
  Jiffies timeout = now + ato;
  if ((ack_.pending & ack_pending::kTimer) != 0) {
    if (ack_.timeout <= now + (ato >> 2)) return send_ack();  // it would fire soon anyway
    timeout = std::min(timeout, ack_.timeout);
  } else {
    ack_.since = env_.engine().now();
  }
  ack_.pending |= ack_pending::kSched | ack_pending::kTimer;
  ack_.timeout = timeout;
  delack_timer_.arm(env_, id_, timeout);
}

/// Linux: tcp_send_ack()
void TcpSocket::send_ack() {
  if (is_over(state_)) return;
  env_.charge(env_.tcp_costs().send_ack);
  transmit_control(tcp_flag::kAck, snd_.snd_nxt);
}

/// A segment that acknowledges leaves: whatever was due is done. The timer stays on its wheel and finds
/// nothing to do. Linux: tcp_event_ack_sent(), tcp_dec_quickack_mode(), inet_csk_clear_xmit_timer()
void TcpSocket::event_ack_sent() {
  stop_compression();
  if (ack_.quick > 0 && ack_scheduled()) {
    const std::uint32_t left = ack_.quick - 1u;
    set_ack_mode(left, ack_.pingpong, left == 0 ? ato_min(env_) : ack_.ato);
  }
  ack_.pending = 0;
}

/// Data that answer what came less than an ATO ago: this is a conversation. Linux: tcp_event_data_sent()
void TcpSocket::event_data_sent() {
  const Jiffies now = jiffies_now(env_);
  cong_.lsndtime = now;
  if (static_cast<std::uint64_t>(now - ack_.lrcvtime) < ack_.ato) {
    set_ack_mode(ack_.quick, std::min(ack_.pingpong + 1u, 255u), ack_.ato);
  }
}

/// The program has read: is an ACK due that could not be sent before, or a window that has opened?
/// Linux: __tcp_cleanup_rbuf()
void TcpSocket::cleanup_rbuf(std::int64_t copied) {
  bool now = false;
  if (ack_scheduled()) {
    const bool pushed = (ack_.pending & ack_pending::kPushed2) != 0 ||
                        ((ack_.pending & ack_pending::kPushed) != 0 && !in_pingpong());
    now = rcv_.rcv_nxt - rcv_.rcv_wup > ack_.rcv_mss || (copied > 0 && pushed && rcv_.rmem_alloc == 0);
  }
  if (copied > 0 && !now && !shutdown_.receive) {
    const std::uint32_t promised = receive_window();
    if (2 * promised <= rcv_.window_clamp) {
      const std::uint32_t window = choose_window();
      now = window > 0 && window >= 2 * promised;
    }
  }
  if (now) send_ack();
}

/// Linux: tcp_delack_timer_handler()
void TcpSocket::delack_timer_handler() {
  if (rare_ != nullptr && rare_->compressed.held > 0) return send_compressed_ack();
  if (is_over(state_) || is_listening() || (ack_.pending & ack_pending::kTimer) == 0) return;
  if (ack_.timeout > jiffies_now(env_)) return delack_timer_.arm(env_, id_, ack_.timeout);
  ack_.pending &= static_cast<std::uint8_t>(~ack_pending::kTimer);
  if (!ack_scheduled()) return;
  if (!in_pingpong()) {
    set_ack_mode(ack_.quick, ack_.pingpong,
                 std::min(ack_.ato * 2, rtt_.rto));  // the answer came too late: wait longer
  } else {
    set_ack_mode(ack_.quick, 0, ato_min(env_));  // no answer came: this is no conversation
  }
  env_.trace().emit(Waited{WaitReason::kDelayedAck, ack_.since, TaskId{}, RecordId{}});
  send_ack();
  env_.counters().add(Counter::kDelayedAcks);
}

/// TCP_QUICKACK. Linux: __tcp_sock_set_quickack()
void TcpSocket::set_quickack(int value) {
  if (value == 0) return set_ack_mode(ack_.quick, env_.sysctls().tcp_pingpong_thresh, ack_.ato);
  set_ack_mode(ack_.quick, 0, ack_.ato);
  if (!may_send(state_) || !ack_scheduled()) return;
  ack_.pending |= ack_pending::kPushed;
  cleanup_rbuf(1);
  if ((value & 1) == 0) set_ack_mode(ack_.quick, env_.sysctls().tcp_pingpong_thresh, ack_.ato);
}

}  // namespace stackscope
