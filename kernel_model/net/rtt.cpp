// The round trip and the retransmission timeout.
//
// Linux: net/ipv4/tcp_input.c tcp_rtt_estimator(), tcp_set_rto(). RFC 6298, with a variance that falls more
// slowly
//        than it rises and is looked at once a round trip.

#include <algorithm>

#include "kernel_model/net/sequence.hpp"
#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

/// A round trip took `us`. srtt is kept eightfold, mdev fourfold.
void TcpSocket::rtt_estimator(std::int64_t us) {
  const std::uint32_t least = env_.sysctls().tcp_rto_min_us;
  const auto sample = std::max<std::int64_t>(us, 1);
  rtt_.min_rtt_us = std::min(rtt_.min_rtt_us, static_cast<std::uint32_t>(sample));
  if (rtt_.srtt_us == 0) {
    rtt_.srtt_us = static_cast<std::uint32_t>(sample << 3);
    rtt_.mdev_us = static_cast<std::uint32_t>(sample << 1);
    rtt_.rttvar_us = rtt_.mdev_max_us = std::max(rtt_.mdev_us, least);
    rtt_.rtt_seq = snd_.snd_nxt;
    return set_rto();
  }
  std::int64_t off = sample - (rtt_.srtt_us >> 3);
  rtt_.srtt_us = static_cast<std::uint32_t>(std::max<std::int64_t>(rtt_.srtt_us + off, 1));
  if (off < 0) {
    // A sample that is quicker than expected must not raise the variance as much as one that is slower.
    off = -off - (rtt_.mdev_us >> 2);
    if (off > 0) off >>= 3;
  } else {
    off -= rtt_.mdev_us >> 2;
  }
  rtt_.mdev_us = static_cast<std::uint32_t>(rtt_.mdev_us + off);
  if (rtt_.mdev_us > rtt_.mdev_max_us) {
    rtt_.mdev_max_us = rtt_.mdev_us;
    rtt_.rttvar_us = std::max(rtt_.rttvar_us, rtt_.mdev_max_us);
  }
  if (after(snd_.snd_una, rtt_.rtt_seq)) {
    if (rtt_.mdev_max_us < rtt_.rttvar_us) rtt_.rttvar_us -= (rtt_.rttvar_us - rtt_.mdev_max_us) >> 2;
    rtt_.rtt_seq = snd_.snd_nxt;
    rtt_.mdev_max_us = least;
  }
  set_rto();
}

/// Linux: __tcp_set_rto()
std::uint64_t TcpSocket::rto_by_rtt() const {
  return env_.tick().from_duration(Duration::us((rtt_.srtt_us >> 3) + rtt_.rttvar_us));
}

void TcpSocket::set_rto() { change_rto(rto_by_rtt()); }

/// The one place where the timeout changes. What a socket starts with, its creation tells.
void TcpSocket::change_rto(std::uint64_t jiffies) {
  const std::uint64_t most = env_.tick().from_duration(Duration::s(120));  // TCP_RTO_MAX
  rtt_.rto = static_cast<std::uint32_t>(std::min(jiffies, most));
  env_.trace().emit(TcpRtt{id_, rtt_.srtt_us, rtt_.rttvar_us, rtt_.rto});
}

}  // namespace stackscope
