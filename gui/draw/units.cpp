#include "gui/draw/units.hpp"

#include <array>
#include <fmt/format.h>

namespace stackscope::gui {
namespace {

// Three digits of `value / unit`, cut and not rounded, so that a number never runs ahead of what it measures.
std::string three_digits(std::uint64_t value, std::uint64_t unit) {
  const std::uint64_t whole = value / unit;
  const std::uint64_t hundredths = value % unit * 100 / unit;
  if (whole >= 100 || (hundredths == 0 && value % unit == 0)) return fmt::format("{}", whole);
  if (whole >= 10) return fmt::format("{}.{}", whole, hundredths / 10);
  return fmt::format("{}.{:02}", whole, hundredths);
}

}  // namespace

std::string short_time(Duration duration) {
  const bool is_negative = duration.count() < 0;
  const auto ns = static_cast<std::uint64_t>(is_negative ? -duration.count() : duration.count());
  const char* sign = is_negative ? "−" : "";
  if (ns < 1'000) return fmt::format("{}{} ns", sign, ns);
  if (ns < 1'000'000) return fmt::format("{}{} µs", sign, three_digits(ns, 1'000));
  if (ns < 1'000'000'000) return fmt::format("{}{} ms", sign, three_digits(ns, 1'000'000));
  return fmt::format("{}{} s", sign, three_digits(ns, 1'000'000'000));
}

std::string exact_time(Instant at) {
  const auto ns = static_cast<std::uint64_t>(at.count());
  if (ns < 1'000'000) return fmt::format("{}.{:03} µs", ns / 1'000, ns % 1'000);
  if (ns < 1'000'000'000) return fmt::format("{}.{:06} ms", ns / 1'000'000, ns % 1'000'000);
  return fmt::format("{}.{:09} s", ns / 1'000'000'000, ns % 1'000'000'000);
}

std::string tick_time(Instant at) {
  std::string time = exact_time(at);
  const std::size_t unit = time.find(' '), last = time.find_last_not_of('0', unit - 1);
  const std::size_t kept = time[last] == '.' ? last : last + 1;
  return time.erase(kept, unit - kept);
}

std::string short_bytes(std::uint64_t bytes) {
  if (bytes < 1'024) return fmt::format("{} B", bytes);
  if (bytes < 1'048'576) return fmt::format("{} KiB", three_digits(bytes, 1'024));
  if (bytes < 1'073'741'824) return fmt::format("{} MiB", three_digits(bytes, 1'048'576));
  return fmt::format("{} GiB", three_digits(bytes, 1'073'741'824));
}

std::string short_count(std::uint64_t number) {
  if (number < 1'000) return fmt::format("{}", number);
  if (number < 1'000'000) return three_digits(number, 1'000) + "k";
  return three_digits(number, 1'000'000) + "M";
}

}  // namespace stackscope::gui
