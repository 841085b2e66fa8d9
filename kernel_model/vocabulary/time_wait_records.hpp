#pragma once
// What the kernel tells of connections in TIME_WAIT. It has no tracepoint for them: inet_sock_set_state shows a socket that goes
// to CLOSE. The end of such an object is told as a socket's (SocketDestroyed), its timer as any.

#include <string_view>

#include "kernel_model/vocabulary/ids.hpp"
#include "kernel_model/vocabulary/tcp_state.hpp"
#include "sim/record.hpp"

namespace stackscope {

/// Linux: net/ipv4/tcp_minisocks.c tcp_time_wait(), which has no tracepoint
struct TimeWaitBegan {
  static constexpr std::string_view kName = "tcp:time_wait";
  static constexpr std::string_view kSentence =
      "A smaller object waits for the connection's late segments; its socket is done.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId time_wait, socket;
  TcpState
      substate;  // TIME_WAIT, or FIN_WAIT2 where nobody holds the socket and the peer has not sent its FIN
  void describe(auto&& field) const {
    field("time_wait", time_wait), field("socket", socket), field("substate", substate);
  }
};

struct TimeWaitSubstate {
  static constexpr std::string_view kName = "tcp:time_wait_substate";
  static constexpr std::string_view kSentence =
      "The FIN came that an object in place of a socket waited for.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId time_wait;
  TcpState substate;
  void describe(auto&& field) const { field("time_wait", time_wait), field("substate", substate); }
};

}  // namespace stackscope
