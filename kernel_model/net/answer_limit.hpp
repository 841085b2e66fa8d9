#pragma once
// How often a connection answers segments that it cannot use: twice a second at most, or two ends that disagree would answer
// each other for ever.
//
// Linux: net/ipv4/tcp_input.c __tcp_oow_rate_limited(), tcp_oow_rate_limited(); net.ipv4.tcp_invalid_ratelimit, at its
//        default of 500 ms

#include "kernel_model/net/environment.hpp"
#include "kernel_model/net/packet.hpp"
#include "kernel_model/timers/jiffies.hpp"

namespace stackscope {

class AnswerLimit {
 public:
  /// Whether an answer may go now; then it counts as sent.
  bool allows(NetEnvironment& env);
  /// The same for an answer to this segment: text and FINs always get theirs.
  bool allows(NetEnvironment& env, const Packet& bad) {
    const bool takes_space = bad.seq != bad.end_seq() && !bad.has(tcp_flag::kSyn);
    return takes_space || allows(env);
  }

 private:
  Jiffies last_;
};

}  // namespace stackscope
