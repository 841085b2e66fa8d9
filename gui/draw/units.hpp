#pragma once
// Numbers as people read them: three digits and a unit.

#include <cstdint>
#include <string>

#include "sim/time.hpp"

namespace stackscope::gui {

/// "318 ns", "10.4 µs", "1.25 ms", "2 s".
std::string short_time(Duration duration);
/// To the nanosecond: "104.207 µs", "1,002.310400 ms" is "1.002310400 s".
std::string exact_time(Instant at);
/// The same without zeros at its end: "200 ms", "20.05 ms".
std::string tick_time(Instant at);
/// "74 B", "28 KiB", "1.5 MiB".
std::string short_bytes(std::uint64_t bytes);
/// "7", "950", "50.1k", "1.2M".
std::string short_count(std::uint64_t number);

}  // namespace stackscope::gui
