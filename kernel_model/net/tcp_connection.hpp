#pragma once
// The state of one TCP connection: what every segment touches, and, apart from it, what few connections ever
// need.
//
// Linux: include/linux/tcp.h struct tcp_sock, include/net/inet_connection_sock.h. Names are the kernel's.
// Units: bytes and sequence numbers; jiffies where a field says so; microseconds where it ends in _us.

#include <cstdint>
#include <memory>

#include "kernel_model/net/answer_limit.hpp"
#include "kernel_model/net/packet.hpp"
#include "kernel_model/net/sack.hpp"
#include "kernel_model/timers/hrtimer.hpp"
#include "kernel_model/timers/jiffies.hpp"
#include "kernel_model/vocabulary/wait_reason.hpp"
#include "sim/time.hpp"

namespace stackscope {

inline constexpr std::uint32_t kMaxTcpHeader =
    256;  // MAX_TCP_HEADER, as measured on the kernel that is modelled
inline constexpr std::uint32_t kSkbOverhead =
    832;  // SKB_TRUESIZE(MAX_TCP_HEADER): sk_buff, head, shared info
inline constexpr std::uint32_t kPageSize = 4096;
inline constexpr std::uint32_t kTcpMssDefault = 536;  // TCP_MSS_DEFAULT, also TCP_MIN_RCVMSS
inline constexpr std::uint32_t kTcpMinMss = 88;       // TCP_MIN_MSS
inline constexpr std::uint8_t kMaxQuickAcks = 16;     // TCP_MAX_QUICKACKS
inline constexpr std::uint64_t kTimeoutMin = 2;       // jiffies: TCP_TIMEOUT_MIN
inline constexpr std::uint32_t kGsoMaxSize = 65536;   // GSO_LEGACY_MAX_SIZE

/// What a peer takes that does not say: over IPv6 it is IPV6_MIN_MTU without the headers.
/// Linux: tcp_request_sock_ipv4_ops and tcp_request_sock_ipv6_ops, mss_clamp
constexpr std::uint32_t default_mss(std::uint32_t remote_address) {
  return is_ipv6(remote_address) ? 1220 : kTcpMssDefault;
}

/// Bits of AckState::pending. Linux: enum inet_csk_ack_state_t
namespace ack_pending {
inline constexpr std::uint8_t kSched = 1, kTimer = 2, kPushed = 4, kPushed2 = 8, kNow = 16, kNoMem = 32;
}

/// When and how the next acknowledgement goes out. Linux: struct inet_connection_sock, icsk_ack
struct AckState {
  std::uint8_t pending = 0;
  std::uint8_t quick = 0;     // how many more are sent at once
  std::uint8_t pingpong = 0;  // how often this end answered within ato: it is interactive
  bool deferred = false;      // TCP_ACK_DEFERRED: one is due when the owner lets go
  std::uint32_t ato = 0;      // jiffies: how long a delayed one waits
  Jiffies lrcvtime;           // when data came last
  Jiffies timeout;            // when the delayed one is due
  AnswerLimit limit;          // of answers to bad segments
  Instant since;              // since when it waits
  std::uint32_t last_seg_size = 0;
  std::uint32_t rcv_mss = 0;  // the peer's segment size, as estimated
};

/// The sending half.
struct SendState {
  std::uint32_t iss = 0, snd_una = 0, snd_nxt = 0, snd_wnd = 0, snd_wl1 = 0, write_seq = 0;
  std::uint32_t pushed_seq = 0, snd_sml = 0, max_window = 0;
  std::uint64_t bytes_acked = 0;  // with our own SYN, where we began
  Jiffies rcv_tstamp;             // when an acknowledgement came last
  std::uint32_t mss_clamp = kTcpMssDefault, mss_cache = kTcpMssDefault;
  std::uint32_t packets_out = 0;  // in segments
  std::int32_t wmem_queued = 0, sndbuf = 0;
  std::uint16_t gso_segs = 0;
  std::uint8_t snd_wscale = 0;
  bool nodelay = false, cork = false, no_space = false;
  bool nagle_push = false;  // what is queued goes, however small. Linux: TCP_NAGLE_PUSH
  WaitReason held_by{};     // why the head of the queue waits, where held_since says that it does
  Instant held_since = Instant::never();
  std::uint32_t pmtu = 0;  // of the route, when the segment size was reckoned last. Linux: icsk_pmtu_cookie
  StreamId stream;
  PacketQueue write_queue, rtx_queue;

  /// What tcp_disconnect() leaves of it.
  SendState after_disconnect() const {
    SendState kept;
    kept.snd_una = snd_una, kept.snd_nxt = snd_nxt, kept.snd_wnd = snd_wnd, kept.write_seq = write_seq;
    kept.max_window = max_window, kept.mss_cache = mss_cache, kept.pmtu = pmtu;
    kept.rcv_tstamp = rcv_tstamp, kept.nodelay = nodelay, kept.cork = cork, kept.sndbuf = sndbuf;
    return kept;
  }
};

/// The receiving half.
struct ReceiveState {
  std::uint32_t irs = 0, rcv_nxt = 0, copied_seq = 0, rcv_wup = 0, rcv_wnd = 0;
  std::uint32_t window_clamp = 0, rcv_ssthresh = 0, advmss = 0;
  std::int32_t rmem_alloc = 0, rcvbuf = 0;
  std::uint32_t backlog_bytes = 0;
  std::uint8_t rcv_wscale = 0, scaling_ratio = 128;  // of 256: what part of memory is payload
  bool pred_flags = false;  // header prediction is on (the expected window is snd_wnd)
  bool has_timestamps = false, sack_ok = false, wscale_ok = false;  // until the peer is known: offered
  std::uint32_t ts_recent = 0;
  StreamId stream;  // the peer's, once it is known
  PacketQueue receive_queue;

  /// The peer's SYN has come.
  bool knows_peer() const { return rcv_nxt != irs; }
  /// Its FIN counts. Linux: tcp_sock bytes_received
  std::uint32_t bytes_received() const { return knows_peer() ? rcv_nxt - irs - 1 : 0; }

  /// What tcp_disconnect() leaves of it.
  ReceiveState after_disconnect() const {
    ReceiveState kept;
    kept.irs = knows_peer() ? rcv_nxt - 1 : rcv_nxt;
    kept.rcv_nxt = rcv_nxt, kept.copied_seq = copied_seq, kept.rcv_wup = rcv_wup, kept.rcv_wnd = rcv_wnd;
    kept.rcv_ssthresh = rcv_ssthresh, kept.advmss = advmss, kept.rcvbuf = rcvbuf;
    kept.scaling_ratio = scaling_ratio;
    return kept;
  }
};

/// The round trip and what follows from it. Linux: tcp_rtt_estimator()
struct RttState {
  std::uint32_t srtt_us = 0, mdev_us = 0, mdev_max_us = 0, rttvar_us = 0, rtt_seq = 0;
  std::uint32_t min_rtt_us = ~std::uint32_t{0};
  std::uint32_t rto = 0;  // jiffies
};

struct CongestionState {
  std::uint32_t snd_cwnd = kInitialWindow, snd_ssthresh = kInfiniteSsthresh, snd_cwnd_cnt = 0;
  std::uint64_t pacing_rate = ~std::uint64_t{0};  // bytes a second
  std::uint32_t max_packets_out = 0, cwnd_usage_seq = 0;
  bool is_cwnd_limited = false;
  Jiffies lsndtime;
  Instant last_write;  // when a segment left last
};

/// Duplicate acknowledgements that are held back. Linux: tcp_sock compressed_ack, dup_ack_counter
struct AckCompression {
  std::uint32_t held = 0;     // so many
  std::uint32_t sent = 0;     // at once, before the first was held back
  std::uint32_t rcv_nxt = 0;  // for this number
  Instant since;              // when the first was held back
  std::unique_ptr<Hrtimer> timer;
};

/// What TCP_INFO counts of a connection. Linux: tcp_sock segs_in, segs_out, data_segs_in, data_segs_out, delivered,
/// total_retrans, bytes_sent, bytes_retrans
struct SegmentCounts {
  std::uint32_t segs_in = 0, segs_out = 0, data_segs_in = 0, data_segs_out = 0;
  std::uint32_t delivered = 0;      // segments of ours that have arrived, with the SYN
  std::uint32_t total_retrans = 0;  // segments
  std::uint64_t bytes_sent = 0, bytes_retrans = 0;
  void count_in(const Packet& packet) {
    segs_in += packet.segments();
    if (packet.payload_bytes > 0) data_segs_in += packet.segments();
  }
};

/// Where the peer's urgent byte stands, and ours. Linux: tcp_sock urg_data, urg_seq, snd_up
struct UrgentState {
  enum class Byte : std::uint8_t { kNone, kNotYet, kValid, kRead };
  Byte byte = Byte::kNone;
  bool sends = false;                     // snd_up lies after snd_una. Linux: tcp_urg_mode()
  std::byte data{};                       // the byte itself, where it is valid
  std::uint32_t urg_seq = 0, snd_up = 0;  // of the urgent byte; after our last one
};

/// Allocated when something was lost or came out of order, when a window closed, when urgent data are under way, or when a segment came while a task
/// owned the socket.
struct RareState {
  PacketQueue out_of_order;  // sorted by seq; neighbours may overlap
  ReceivedBlocks blocks;     // what the peer is told of these
  AckCompression compressed;
  PacketQueue backlog;  // what came while a task owned the socket
  std::uint8_t retransmits = 0, backoff = 0, probes_out = 0;
  std::uint32_t retrans_stamp = 0;  // ms: since when something has been sent again and again; 0: nothing is
  Jiffies probes_tstamp;            // since when a shut window has been probed; 0: it is not
  std::uint32_t total_rto = 0;
  bool in_loss = false;        // between a retransmission timeout and the acknowledgement of all sent before
  std::uint32_t high_seq = 0;  // … which is here
  UrgentState urgent;
  int soft_error = 0;          // what ICMP said; an acknowledgement proves it wrong. Linux: sk_err_soft
  std::uint32_t mtu_info = 0;  // what a router said that the owner has yet to act upon
};

/// Receive-buffer tuning. Linux: tcp_sock rcv_rtt_est and rcvq_space
struct TuningState {
  std::uint32_t rtt_us = 0, rtt_seq = 0, last_tsecr = 0, space = 0, space_seq = 0;
  Instant rtt_since, space_since;
};

}  // namespace stackscope
