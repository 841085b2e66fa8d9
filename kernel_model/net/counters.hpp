#pragma once
// What the kernel counts, under the names by which nstat prints it.
//
// Linux: include/uapi/linux/snmp.h, net/ipv4/proc.c. One set a host; the sum over its CPUs.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace stackscope {

enum class Counter : std::uint8_t {
  kTcpActiveOpens,
  kTcpPassiveOpens,
  kTcpAttemptFails,
  kTcpEstabResets,
  kTcpCurrEstab,
  kTcpInSegs,
  kTcpOutSegs,
  kTcpRetransSegs,
  kTcpOutRsts,
  kListenOverflows,
  kListenDrops,
  kReqQFullDrop,
  kReqQFullDoCookies,
  kSyncookiesSent,
  kSyncookiesRecv,
  kSyncookiesFailed,
  kDelayedAcks,
  kDelayedAckLocked,
  kDelayedAckLost,
  kHpHits,
  kPureAcks,
  kHpAcks,
  kTimeWait,
  kTimeWaitRecycled,
  kTimeWaitKilled,
  kTimeWaitOverflow,
  kTimeouts,
  kSynRetrans,
  kAbortOnClose,
  kAbortOnData,
  kAbortOnTimeout,
  kAbortOnLinger,
  kBacklogDrop,
  kRcvCoalesce,
  kRcvQDrop,
  kZeroWindowDrop,
  kToZeroWindowAdv,
  kFromZeroWindowAdv,
  kWantZeroWindowAdv,
  kPruneCalled,
  kRcvPruned,
  kOfoPruned,
  kRcvCollapsed,
  kOfoQueue,
  kOfoDrop,
  kOfoMerge,
  kDsackOldSent,
  kDsackOfoSent,
  kAckCompressed,
  kBeyondWindow,
  kChallengeAck,
  kSynChallenge,
  kWinProbe,
  kKeepalive,
  kPawsEstab,
  kPawsActive,
  kPawsOldAck,
  kPawsTimeWait,
  kAckSkippedFinWait2,
  kAckSkippedTimeWait,
  kTsEcrRejected,
  kEmbryonicRsts,
  kOutOfWindowIcmps,
  kLockDroppedIcmps,
  kDeferAcceptDrop,
  kUdpInDatagrams,
  kUdpNoPorts,
  kUdpInErrors,
  kUdpOutDatagrams,
  kUdpRcvbufErrors,
  kUdpSndbufErrors,
  kUdpIgnoredMulti,
  kIcmpInMsgs,
  kIcmpInErrors,
  kIcmpInDestUnreachs,
  kIcmpInTimeExcds,
  kIcmpInParmProbs,
  kIcmpOutMsgs,
  kIcmpOutDestUnreachs,
  kUdp6InDatagrams,
  kUdp6NoPorts,
  kUdp6InErrors,
  kUdp6OutDatagrams,
  kUdp6RcvbufErrors,
  kUdp6SndbufErrors,
  kIcmp6InMsgs,
  kIcmp6InErrors,
  kIcmp6InDestUnreachs,
  kIcmp6InPktTooBigs,
  kIcmp6InTimeExcds,
  kIcmp6InParmProblems,
  kIcmp6OutMsgs,
  kIcmp6OutDestUnreachs,
  kCount
};

std::string_view name_of(Counter counter);
std::optional<Counter> counter_named(std::string_view name);

class NetCounters {
 public:
  void add(Counter counter, std::int64_t n = 1) { values_[static_cast<std::size_t>(counter)] += n; }
  std::int64_t operator[](Counter counter) const { return values_[static_cast<std::size_t>(counter)]; }

  /// All of them in a fixed order: `visit(name, value)`.
  void for_each(auto&& visit) const {
    for (std::size_t i = 0; i < values_.size(); ++i) visit(name_of(static_cast<Counter>(i)), values_[i]);
  }

 private:
  std::array<std::int64_t, static_cast<std::size_t>(Counter::kCount)> values_{};
};

}  // namespace stackscope
