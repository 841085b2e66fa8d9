#pragma once
// SYN cookies: what a listener must know of a SYN, kept in the numbers of its answer instead of in memory. The peer's ACK
// brings them back.
//
//   initial sequence number   hash of the connection + the peer's own number, so that nobody can guess it; above bit 24 the
//                             minute, below it which of four segment sizes, both under a second hash
//   lowest bits of the time   window scale and SACK, where the peer takes part in timestamps; else both are lost
//
// Linux:     net/ipv4/syncookies.c, net/ipv6/syncookies.c
// Invariant: a cookie is good in the minute in which it was made, and in the next one.
// Differs:   the hash is an integer mix of the host's secret, not SipHash: whoever writes an attacker could break it. No ECN
//            bit, for there is no ECN.

#include <cstdint>
#include <optional>

#include "kernel_model/net/connection_table.hpp"
#include "kernel_model/net/packet.hpp"
#include "kernel_model/timers/jiffies.hpp"

namespace stackscope {

class SynCookies {
 public:
  explicit SynCookies(std::uint64_t secret) : secret_(secret) {}

  /// The minute, by which cookies grow old. Linux: tcp_cookie_time()
  static std::uint32_t minute_of(Jiffies now, Hz hz) {
    return static_cast<std::uint32_t>(now.value / (std::uint64_t{60} * hz.value));
  }

  /// Our initial sequence number for a SYN; `mss` is rounded down to one that it can keep. Linux: __cookie_v4_init_sequence()
  std::uint32_t make(const FourTuple& tuple, std::uint32_t peer_isn, std::uint32_t minute,
                     std::uint16_t& mss) const;
  /// The segment size that a cookie keeps; 0: it is none of ours, or too old. Linux: __cookie_v4_check()
  std::uint16_t check(const FourTuple& tuple, std::uint32_t peer_isn, std::uint32_t minute,
                      std::uint32_t cookie) const;

 private:
  /// The part that stays, and the one that a minute has.
  std::uint32_t base(const FourTuple& tuple) const { return hash_of(tuple, ~secret_); }
  std::uint32_t mask(const FourTuple& tuple, std::uint32_t minute) const;

  std::uint64_t secret_;
};

/// A timestamp with the SYN's options in its lowest bits, not after `now`. Linux: cookie_init_timestamp()
std::uint32_t cookie_timestamp(const TcpOptions& of_syn, std::uint32_t now);
/// The SYN's window scale and SACK, from the timestamp that came back. Linux: cookie_timestamp_decode()
void decode_cookie_timestamp(std::uint32_t tsecr, TcpOptions& of_syn);

/// When a listener's SYN queue was last full, to the second: only for two minutes after that may a segment be a cookie's ACK.
///
/// Linux: tcp_sock ts_recent_stamp, tcp_synq_overflow(), tcp_synq_no_recent_overflow()
class SynQueueOverflow {
 public:
  void note(Jiffies now, Hz hz);
  bool is_recent(Jiffies now, Hz hz) const;

 private:
  std::optional<Jiffies> last_;
};

}  // namespace stackscope
