#pragma once
// Why a packet was dropped, as skb:kfree_skb tells it.
//
// Linux: include/net/dropreason-core.h enum skb_drop_reason, whose names these are

#include <cstdint>
#include <iterator>
#include <string_view>

namespace stackscope {

enum class DropReason : std::uint8_t {
  kRxRingFull,
  kBacklogFull,
  kNoSocket,
  kListenOverflow,
  kSynQueueFull,
  kOutOfWindow,
  kOldAck,
  kSocketBacklogFull,
  kReceiveBuffer,
  kTransmitQueueFull,
  kLinkCut,   // the model's own: a cable that somebody cut
  kOtherHost  // its address is another one's
};
constexpr std::string_view name_of(DropReason reason) {
  constexpr std::string_view kNames[] = {"RX_RING_FULL",    "CPU_BACKLOG",    "NO_SOCKET",
                                         "LISTEN_OVERFLOW", "SYN_QUEUE_FULL", "TCP_INVALID_SEQUENCE",
                                         "TCP_OLD_ACK",     "SOCKET_BACKLOG", "SOCKET_RCVBUFF",
                                         "QDISC_DROP",      "LINK_CUT",       "OTHERHOST"};
  return static_cast<std::size_t>(reason) < std::size(kNames) ? kNames[static_cast<std::size_t>(reason)]
                                                              : std::string_view{};
}

}  // namespace stackscope
