#pragma once
// Quantities as people write them: "50us", "64KiB", "1Gbit/s". Always with a unit, always exact: a decimal
// fraction is taken apart into integers, and one that does not come out even in the base unit is an error,
// not a rounding.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/time.hpp"

namespace stackscope {

/// What is wrong with something a person wrote, and what to write instead ("" where there is nothing to
/// suggest).
struct Complaint {
  std::string message, help;
};

/// What is counted, and so which units are known and which is the base: nanoseconds, bytes, bits a second.
enum class Dimension : std::uint8_t { kDuration, kSize, kRate };

struct ParsedQuantity {
  std::int64_t value = 0;  // in the base unit
  std::optional<Complaint> complaint;
};

/// Reads "1.5ms", "10 s", "-3us", "64KiB", "1Gbit/s". K, M and G are powers of 1000; Ki, Mi and Gi of 1024.
ParsedQuantity parse_quantity(std::string_view text, Dimension dimension);

/// The shortest usual way to write it; parse_quantity() gives the value back exactly.
std::string print_quantity(std::int64_t value, Dimension dimension);

inline std::string print_duration(Duration d) { return print_quantity(d.count(), Dimension::kDuration); }

/// Reads a whole number in decimal; nothing where the text is not one or does not fit.
std::optional<std::int64_t> parse_integer(std::string_view text);

}  // namespace stackscope
