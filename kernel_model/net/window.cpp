// How much the peer may send: the window out of memory, and memory out of how fast the program reads.
//
// Linux: net/ipv4/tcp_output.c __tcp_select_window(), tcp_select_window(), tcp_select_initial_window();
//        net/ipv4/tcp_input.c tcp_grow_window(), tcp_init_buffer_space(), tcp_rcv_space_adjust(),
//        tcp_rcvbuf_grow()
// Differs: no global memory pressure.

#include <algorithm>
#include <bit>
#include <utility>

#include "kernel_model/net/sequence.hpp"
#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

namespace {

constexpr std::int64_t align_up(std::int64_t value, std::int64_t to) { return (value + to - 1) / to * to; }

constexpr std::uint32_t from_space(std::int64_t space, std::uint8_t ratio) {
  return static_cast<std::uint32_t>(std::max<std::int64_t>(space * ratio >> 8, 0));
}

}  // namespace

InitialWindow select_initial_window(const Sysctls& sysctls, std::int64_t space, std::uint32_t mss,
                                    std::uint32_t clamp, bool scaling) {
  if (clamp == 0) clamp = 65535u << 14;
  space = std::min<std::int64_t>(space, clamp);
  if (space > mss) space = space / mss * mss;
  InitialWindow result{static_cast<std::uint32_t>(space), clamp, 0};
  if (scaling) {
    std::int64_t most = std::max<std::int64_t>({space, sysctls.tcp_rmem[2], sysctls.rmem_max});
    most = std::min<std::int64_t>(most, clamp);
    const int log = std::bit_width(static_cast<std::uint64_t>(most)) - 1;
    result.rcv_wscale = static_cast<std::uint8_t>(std::clamp(log - 15, 0, 14));
  }
  result.window_clamp = std::min(65535u << result.rcv_wscale, clamp);
  // The window of a SYN is never scaled.
  result.rcv_wnd = std::min(result.rcv_wnd, 65535u);
  return result;
}

std::uint32_t TcpSocket::win_from_space(std::int64_t space) const {
  return from_space(space, rcv_.scaling_ratio);
}
std::int64_t TcpSocket::space_from_win(std::int64_t window) const {
  return (window << 8) / rcv_.scaling_ratio;
}
std::int64_t TcpSocket::full_space() const { return win_from_space(rcv_.rcvbuf); }
std::int64_t TcpSocket::free_space() const {
  const std::int64_t space = std::int64_t{rcv_.rcvbuf} - rcv_.backlog_bytes - rcv_.rmem_alloc;
  return space * rcv_.scaling_ratio >> 8;
}

/// A receive buffer that the program has chosen bounds the window from the start, and with it the scale.
/// Linux: tcp_openreq_init_rwin(), tcp_connect_init()
std::uint32_t TcpSocket::initial_clamp() const {
  const auto most = static_cast<std::uint32_t>(full_space());
  const bool is_above = rcv_.window_clamp == 0 || rcv_.window_clamp > most;
  return rcvbuf_locked_ && is_above ? most : rcv_.window_clamp;
}

/// What the peer may still send of what it was promised. Linux: tcp_receive_window()
std::uint32_t TcpSocket::receive_window() const {
  const auto left = static_cast<std::int32_t>(rcv_.rcv_wup + rcv_.rcv_wnd - rcv_.rcv_nxt);
  return left < 0 ? 0 : static_cast<std::uint32_t>(left);
}

/// RFC 9293 3.8.6.2.2: avoid silly windows. Linux: __tcp_select_window()
std::uint32_t TcpSocket::choose_window() {
  std::int64_t mss = ack_.rcv_mss, space = free_space();
  const std::int64_t allowed = full_space();
  const std::int64_t full = std::min<std::int64_t>(rcv_.window_clamp, allowed);
  const std::int64_t unit = std::int64_t{1} << rcv_.rcv_wscale;
  mss = std::min(mss, full);
  if (mss <= 0) return 0;
  if (space < full / 2) {
    set_ack_mode(0, ack_.pingpong, ack_.ato);
    space = std::max<std::int64_t>(space, 0) / unit * unit;
    if (space < allowed / 16 || space < mss) return 0;
  }
  space = std::min<std::int64_t>(space, rcv_.rcv_ssthresh);
  if (rcv_.rcv_wscale > 0) return static_cast<std::uint32_t>(align_up(space, unit));
  std::int64_t window = rcv_.rcv_wnd;
  if (window <= space - mss || window > space) {
    window = space / mss * mss;
  } else if (mss == full && space > window + full / 2) {
    window = space;
  }
  return static_cast<std::uint32_t>(window);
}

/// The window field of a header that goes out now. Linux: tcp_select_window()
std::uint16_t TcpSocket::select_window() {
  const std::uint32_t old = rcv_.rcv_wnd;
  std::uint32_t window = 0;
  if ((ack_.pending & ack_pending::kNoMem) == 0) {
    window = choose_window();
    const std::uint32_t promised = receive_window();
    if (window < promised) {  // what was offered is never taken back (RFC 9293 3.8.6)
      if (window == 0) env_.counters().add(Counter::kWantZeroWindowAdv);
      window = static_cast<std::uint32_t>(align_up(promised, std::int64_t{1} << rcv_.rcv_wscale));
    }
  }
  move_receive(rcv_.rcv_nxt, rcv_.copied_seq, rcv_.rcv_nxt, window);
  const std::uint32_t field = std::min(window, 65535u << rcv_.rcv_wscale) >> rcv_.rcv_wscale;
  if (field == 0) {
    rcv_.pred_flags = false;
    if (old != 0) env_.counters().add(Counter::kToZeroWindowAdv);
  } else if (old == 0) {
    env_.counters().add(Counter::kFromZeroWindowAdv);
  }
  return static_cast<std::uint16_t>(field);
}

/// Down, it takes the threshold along; up, the threshold rises to what was promised already. Linux: tcp_set_window_clamp()
void TcpSocket::move_window_clamp(std::uint32_t clamp) {
  constexpr std::uint32_t kLeast = 2304 / 2;  // SOCK_MIN_RCVBUF / 2
  clamp = std::max(clamp, kLeast);
  const bool shrinks = clamp < rcv_.window_clamp;
  if (clamp == std::exchange(rcv_.window_clamp, clamp)) return;
  rcv_.rcv_ssthresh = shrinks ? std::min(rcv_.rcv_ssthresh, clamp)
                              : std::max(rcv_.rcv_ssthresh, std::min(rcv_.rcv_wnd, clamp));
}

/// The more of a segment is payload, the faster the window may grow. Linux: tcp_grow_window(),
/// __tcp_grow_window(), truesize_adjust()
///
/// `without_head`: the memory of its head, which whoever takes the payload over leaves behind, does not count.
void TcpSocket::grow_window(const Packet& packet, bool without_head) {
  const std::int64_t most = std::min<std::int64_t>(rcv_.window_clamp, free_space());
  const std::int64_t room = most - rcv_.rcv_ssthresh;
  if (room <= 0) return;
  const std::uint32_t length = packet.payload_bytes;
  std::uint32_t truesize = packet.truesize - (without_head && !packet.is_linear ? kSkbOverhead : 0);
  if (static_cast<std::int32_t>(truesize) < static_cast<std::int32_t>(length)) truesize = packet.truesize;
  std::int64_t more = 0;
  if (win_from_space(truesize) <= length) {
    more = 2 * std::int64_t{rcv_.advmss};
  } else {
    std::uint32_t cost = win_from_space(truesize) / 2;
    for (std::uint32_t window = win_from_space(env_.sysctls().tcp_rmem[2]) / 2; rcv_.rcv_ssthresh <= window;
         window /= 2, cost /= 2) {
      if (cost > length) continue;
      more = 2 * std::int64_t{ack_.rcv_mss};
      break;
    }
  }
  if (more == 0) return;
  more = std::max<std::int64_t>(more, 2 * std::int64_t{length});
  rcv_.rcv_ssthresh += static_cast<std::uint32_t>(std::min(room, more));
  set_ack_mode(ack_.quick | 1u, ack_.pingpong, ack_.ato);
}

/// Linux: tcp_sndbuf_expand(), for a congestion control that keeps two windows in the buffer
void TcpSocket::expand_sndbuf() {
  const std::uint32_t payload = std::max(snd_.mss_clamp, snd_.mss_cache);
  const std::int64_t per_mss = std::bit_ceil(payload + kMaxTcpHeader + 320u) + 256;
  const std::int64_t segments = std::max(kInitialWindow, cong_.snd_cwnd);
  const std::int64_t wanted = 2 * segments * per_mss;
  if (snd_.sndbuf < wanted) {
    set_buffers(rcv_.rcvbuf,
                static_cast<std::int32_t>(std::min<std::int64_t>(wanted, env_.sysctls().tcp_wmem[2])));
  }
}

/// When a connection is established. Linux: tcp_init_buffer_space()
void TcpSocket::init_buffer_space() {
  if (!sndbuf_locked_) expand_sndbuf();
  const auto most = static_cast<std::uint32_t>(full_space());
  const std::uint32_t mss = rcv_.advmss;
  if (rcv_.window_clamp >= most) {
    rcv_.window_clamp = most;
    if (most > 4 * mss) rcv_.window_clamp = std::max(most - (most >> env_.sysctls().tcp_app_win), 4 * mss);
  }
  if (rcv_.window_clamp > 2 * mss && rcv_.window_clamp + mss > most) {
    rcv_.window_clamp = std::max(2 * mss, most - std::min(most, mss));
  }
  rcv_.rcv_ssthresh = std::min(rcv_.rcv_ssthresh, rcv_.window_clamp);
}

std::uint32_t TcpSocket::rcv_space() const {
  if (tuning_ != nullptr) return tuning_->space;
  return std::min({rcv_.rcv_ssthresh, rcv_.rcv_wnd, kInitialWindow * rcv_.advmss});
}

TuningState& TcpSocket::tuning() {
  if (tuning_ == nullptr) {
    const std::uint32_t space = rcv_space();
    tuning_ = std::make_unique<TuningState>();
    tuning_->space = space;
    tuning_->space_seq = rcv_.copied_seq;
    tuning_->space_since = env_.engine().now();
    tuning_->rtt_since = Instant::never();
  }
  return *tuning_;
}

/// The least that was seen, or, where the peer's timestamps tell it, an average that rises while the program keeps up.
/// Linux: tcp_rcv_rtt_update()
void TcpSocket::rcv_rtt_update(std::int64_t sample_us, bool by_window) {
  std::uint32_t& estimate = tuning().rtt_us;
  const auto sample = static_cast<std::uint32_t>(sample_us);
  if (estimate == 0 || sample << 3 < estimate) {
    estimate = sample << 3;
  } else if (!by_window && !is_readable()) {
    estimate += sample - (estimate >> 3);
  }
}

/// How long it takes until a window that was offered is filled. Linux: tcp_rcv_rtt_measure(),
/// tcp_rcv_rtt_measure_ts()
void TcpSocket::rcv_rtt_measure(const Packet& packet) {
  TuningState& t = tuning();
  if (t.rtt_since == Instant::never() || !before(rcv_.rcv_nxt, t.rtt_seq)) {
    if (t.rtt_since != Instant::never())
      rcv_rtt_update(std::max<std::int64_t>((env_.engine().now() - t.rtt_since) / Duration::us(1), 1), true);
    t.rtt_seq = rcv_.rcv_nxt + rcv_.rcv_wnd;
    t.rtt_since = env_.engine().now();
  }
  const std::uint32_t echo = packet.options.tsecr;
  if (!packet.options.has_timestamps || echo == 0 || echo == t.last_tsecr) return;
  t.last_tsecr = echo;
  if (packet.payload_bytes < ack_.rcv_mss) return;
  const auto passed = static_cast<std::int32_t>(stack_.timestamp() - echo);
  if (passed > 0) rcv_rtt_update(passed * std::int64_t{1000}, false);
}

/// The program reads `space` bytes a round trip: room for twice that, for what the sender may have doubled meanwhile, and for
/// what waits out of order. Linux: tcp_rcvbuf_grow()
void TcpSocket::grow_rcvbuf(std::uint32_t space) {
  const std::uint32_t before_it = std::max(std::exchange(tuning().space, space), 1u);
  if (!env_.sysctls().tcp_moderate_rcvbuf || rcvbuf_locked_) return;
  std::uint64_t window = std::uint64_t{space} * 2;
  window += window * (space - before_it) / before_it * 2;
  if (has_out_of_order()) window += rare_->out_of_order.back()->end_seq() - rcv_.rcv_nxt;
  const std::int64_t wanted = std::min<std::int64_t>(
      space_from_win(static_cast<std::int64_t>(std::min<std::uint64_t>(window, UINT32_MAX))),
      env_.sysctls().tcp_rmem[2]);
  if (wanted <= rcv_.rcvbuf) return;
  set_buffers(static_cast<std::int32_t>(wanted), snd_.sndbuf);
  rcv_.window_clamp = win_from_space(wanted);
}

/// The program has read. Linux: tcp_rcv_space_adjust()
void TcpSocket::rcv_space_adjust() {
  env_.trace().emit(TcpRcvSpaceAdjust{id_, static_cast<std::uint32_t>(rcv_.rcvbuf)});
  if (tuning_ == nullptr || tuning_->rtt_us == 0) return;
  TuningState& t = *tuning_;
  const Instant now = env_.engine().now();
  if ((now - t.space_since) / Duration::us(1) < t.rtt_us >> 3) return;
  const auto in_queue = static_cast<std::int32_t>(rcv_.rcv_nxt - rcv_.copied_seq);
  const auto copied = static_cast<std::int32_t>(rcv_.copied_seq - t.space_seq) - in_queue;
  if (copied > static_cast<std::int32_t>(t.space)) grow_rcvbuf(static_cast<std::uint32_t>(copied));
  t.space_seq = rcv_.copied_seq;
  t.space_since = now;
}

}  // namespace stackscope
