#include "kernel_model/net/counters.hpp"

#include <iterator>

namespace stackscope {

namespace {

constexpr std::string_view kNames[] = {"TcpActiveOpens",
                                       "TcpPassiveOpens",
                                       "TcpAttemptFails",
                                       "TcpEstabResets",
                                       "TcpCurrEstab",
                                       "TcpInSegs",
                                       "TcpOutSegs",
                                       "TcpRetransSegs",
                                       "TcpOutRsts",
                                       "TcpExtListenOverflows",
                                       "TcpExtListenDrops",
                                       "TcpExtTCPReqQFullDrop",
                                       "TcpExtTCPReqQFullDoCookies",
                                       "TcpExtSyncookiesSent",
                                       "TcpExtSyncookiesRecv",
                                       "TcpExtSyncookiesFailed",
                                       "TcpExtDelayedACKs",
                                       "TcpExtDelayedACKLocked",
                                       "TcpExtDelayedACKLost",
                                       "TcpExtTCPHPHits",
                                       "TcpExtTCPPureAcks",
                                       "TcpExtTCPHPAcks",
                                       "TcpExtTW",
                                       "TcpExtTWRecycled",
                                       "TcpExtTWKilled",
                                       "TcpExtTCPTimeWaitOverflow",
                                       "TcpExtTCPTimeouts",
                                       "TcpExtTCPSynRetrans",
                                       "TcpExtTCPAbortOnClose",
                                       "TcpExtTCPAbortOnData",
                                       "TcpExtTCPAbortOnTimeout",
                                       "TcpExtTCPAbortOnLinger",
                                       "TcpExtTCPBacklogDrop",
                                       "TcpExtTCPRcvCoalesce",
                                       "TcpExtTCPRcvQDrop",
                                       "TcpExtTCPZeroWindowDrop",
                                       "TcpExtTCPToZeroWindowAdv",
                                       "TcpExtTCPFromZeroWindowAdv",
                                       "TcpExtTCPWantZeroWindowAdv",
                                       "TcpExtPruneCalled",
                                       "TcpExtRcvPruned",
                                       "TcpExtOfoPruned",
                                       "TcpExtTCPRcvCollapsed",
                                       "TcpExtTCPOFOQueue",
                                       "TcpExtTCPOFODrop",
                                       "TcpExtTCPOFOMerge",
                                       "TcpExtTCPDSACKOldSent",
                                       "TcpExtTCPDSACKOfoSent",
                                       "TcpExtTCPAckCompressed",
                                       "TcpExtBeyondWindow",
                                       "TcpExtTCPChallengeACK",
                                       "TcpExtTCPSYNChallenge",
                                       "TcpExtTCPWinProbe",
                                       "TcpExtTCPKeepAlive",
                                       "TcpExtPAWSEstab",
                                       "TcpExtPAWSActive",
                                       "TcpExtPAWSOldAck",
                                       "TcpExtPAWSTimewait",
                                       "TcpExtTCPACKSkippedFinWait2",
                                       "TcpExtTCPACKSkippedTimeWait",
                                       "TcpExtTSEcrRejected",
                                       "TcpExtEmbryonicRsts",
                                       "TcpExtOutOfWindowIcmps",
                                       "TcpExtLockDroppedIcmps",
                                       "TcpExtTCPDeferAcceptDrop",
                                       "UdpInDatagrams",
                                       "UdpNoPorts",
                                       "UdpInErrors",
                                       "UdpOutDatagrams",
                                       "UdpRcvbufErrors",
                                       "UdpSndbufErrors",
                                       "UdpIgnoredMulti",
                                       "IcmpInMsgs",
                                       "IcmpInErrors",
                                       "IcmpInDestUnreachs",
                                       "IcmpInTimeExcds",
                                       "IcmpInParmProbs",
                                       "IcmpOutMsgs",
                                       "IcmpOutDestUnreachs",
                                       "Udp6InDatagrams",
                                       "Udp6NoPorts",
                                       "Udp6InErrors",
                                       "Udp6OutDatagrams",
                                       "Udp6RcvbufErrors",
                                       "Udp6SndbufErrors",
                                       "Icmp6InMsgs",
                                       "Icmp6InErrors",
                                       "Icmp6InDestUnreachs",
                                       "Icmp6InPktTooBigs",
                                       "Icmp6InTimeExcds",
                                       "Icmp6InParmProblems",
                                       "Icmp6OutMsgs",
                                       "Icmp6OutDestUnreachs"};
static_assert(std::size(kNames) == static_cast<std::size_t>(Counter::kCount));

}  // namespace

std::string_view name_of(Counter counter) {
  const auto index = static_cast<std::size_t>(counter);
  return index < std::size(kNames) ? kNames[index] : std::string_view{};
}

std::optional<Counter> counter_named(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    if (kNames[i] == name) return static_cast<Counter>(i);
  }
  return std::nullopt;
}

}  // namespace stackscope
