#pragma once
// Sequence numbers wrap around: comparing them is a question of distance (RFC 9293 3.4).

#include <cstdint>

namespace stackscope {

/// Linux: include/net/tcp.h before(), after()
constexpr bool before(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) < 0; }
constexpr bool after(std::uint32_t a, std::uint32_t b) { return before(b, a); }

}  // namespace stackscope
