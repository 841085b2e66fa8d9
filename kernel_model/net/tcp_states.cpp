#include "kernel_model/net/tcp_states.hpp"

#include <iterator>

namespace stackscope {

std::string_view name_of(TcpInput input) {
  constexpr std::string_view kNames[] = {"listen",     "connect",    "close", "abort", "syn",    "syn+ack",
                                         "ack of syn", "ack of fin", "fin",   "reset", "timeout"};
  static_assert(std::size(kNames) == kTcpInputs);
  const auto index = static_cast<std::size_t>(input);
  return index < std::size(kNames) ? kNames[index] : std::string_view{};
}

std::optional<TcpState> next_state(TcpState from, TcpInput input) {
  for (const Transition& arrow : kTransitions) {
    if (arrow.from == from && arrow.input == input) return arrow.to;
  }
  return std::nullopt;
}

}  // namespace stackscope
