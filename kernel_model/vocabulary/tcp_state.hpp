#pragma once
// TCP's states, numbered as Linux numbers them (include/net/tcp_states.h).

#include <cstdint>
#include <string_view>

namespace stackscope {

enum class TcpState : std::uint8_t {
  kEstablished = 1,
  kSynSent,
  kSynRecv,
  kFinWait1,
  kFinWait2,
  kTimeWait,
  kClose,
  kCloseWait,
  kLastAck,
  kListen,
  kClosing,
  kNewSynRecv
};

constexpr std::string_view name_of(TcpState state) {
  constexpr std::string_view kNames[] = {"NONE",      "ESTABLISHED", "SYN_SENT",    "SYN_RECV",   "FIN_WAIT1",
                                         "FIN_WAIT2", "TIME_WAIT",   "CLOSE",       "CLOSE_WAIT", "LAST_ACK",
                                         "LISTEN",    "CLOSING",     "NEW_SYN_RECV"};
  return static_cast<std::size_t>(state) < 13 ? kNames[static_cast<std::size_t>(state)] : std::string_view{};
}

}  // namespace stackscope
