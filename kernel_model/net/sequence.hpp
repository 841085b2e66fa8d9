#pragma once
// Sequence numbers wrap around: comparing them is a question of distance (RFC 9293 3.4).

#include <cstdint>

namespace stackscope {

/// Linux: include/net/tcp.h before(), after()
constexpr bool before(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) < 0; }
constexpr bool after(std::uint32_t a, std::uint32_t b) { return before(b, a); }

/// A timestamp of the peer's that lies before the latest one, by more than `slack` ticks of its clock. One of 0 says nothing: some
/// send it in their SYN and mean nothing by it.
///
/// Linux:   include/net/tcp.h tcp_paws_check()
/// Differs: after 24 days of silence an old one is still old.
constexpr bool is_older_timestamp(std::uint32_t value, std::uint32_t recent, std::int32_t slack) {
  return recent != 0 && static_cast<std::int32_t>(recent - value) > slack;
}

}  // namespace stackscope
