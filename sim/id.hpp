#pragma once
// Identities: ordinals given out in order of creation, per host and kind, and never reused.

#include <compare>
#include <cstdint>

namespace stackscope {

/// `Id<struct SocketTag>` and `Id<struct ThreadTag>` do not mix. Zero is "none"; the first object is 1.
template <class Tag>
struct Id {
  std::uint32_t value = 0;

  constexpr explicit operator bool() const { return value != 0; }
  constexpr auto operator<=>(const Id&) const = default;
};

/// Hands out the next identity of a kind.
template <class IdType>
class Ordinals {
 public:
  IdType next() { return IdType{++last_}; }

 private:
  std::uint32_t last_ = 0;
};

}  // namespace stackscope
