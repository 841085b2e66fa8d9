#include "kernel_model/vocabulary/quantity.hpp"

#include <charconv>
#include <fmt/core.h>
#include <span>
#include <vector>

#include "sim/suggest.hpp"

namespace stackscope {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t scale;
  bool decimal_fraction;  // printed with a fraction ("1.5ms"); otherwise only where it divides evenly
  bool printed = true;
};

// Each from the largest that is printed to the smallest; spellings that are only read stand behind.
constexpr Unit kDurations[] = {
    {"s", 1'000'000'000, true},
    {"ms", 1'000'000, true},
    {"us", 1'000, true},
    {"ns", 1, true},
    {"min", 60'000'000'000, false, false},
    {"h", 3'600'000'000'000, false, false},
    {"µs", 1'000, true, false},
};
constexpr Unit kSizes[] = {
    {"GiB", 1 << 30, false},  {"MiB", 1 << 20, false}, {"KiB", 1 << 10, false}, {"GB", 1'000'000'000, false},
    {"MB", 1'000'000, false}, {"KB", 1'000, false},    {"B", 1, false},         {"kB", 1'000, false, false},
};
constexpr Unit kRates[] = {
    {"Gbit/s", 1'000'000'000, true}, {"Mbit/s", 1'000'000, true}, {"Kbit/s", 1'000, true}, {"bit/s", 1, true},
    {"kbit/s", 1'000, true, false},
};

std::span<const Unit> units_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::kDuration:
      return kDurations;
    case Dimension::kSize:
      return kSizes;
    case Dimension::kRate:
      break;
  }
  return kRates;
}

std::string_view noun_of(Dimension dimension) {
  constexpr std::string_view kNouns[] = {"a duration", "a size", "a rate"};
  return kNouns[static_cast<std::size_t>(dimension)];
}

std::string_view example_of(Dimension dimension) {
  constexpr std::string_view kExamples[] = {"\"50us\", \"1.5ms\" or \"10s\"", "\"16B\", \"64KiB\" or \"1MB\"",
                                            "\"100Mbit/s\" or \"2.5Gbit/s\""};
  return kExamples[static_cast<std::size_t>(dimension)];
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& text) {
  std::size_t n = 0;
  while (n < text.size() && is_digit(text[n])) ++n;
  const std::string_view digits = text.substr(0, n);
  text.remove_prefix(n);
  return digits;
}

/// "-12.5 ms" taken apart; `unit` is what stands behind the number.
struct Written {
  bool negative = false;
  std::string_view whole, fraction, unit;
};

std::optional<Written> take_apart(std::string_view text) {
  Written w;
  if (text.starts_with('-')) w.negative = true, text.remove_prefix(1);
  w.whole = take_digits(text);
  if (w.whole.empty()) return std::nullopt;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    w.fraction = take_digits(text);
    if (w.fraction.empty()) return std::nullopt;
  }
  while (text.starts_with(' ')) text.remove_prefix(1);
  w.unit = text;
  return w;
}

const Unit* find_unit(std::string_view name, Dimension dimension) {
  for (const Unit& unit : units_of(dimension)) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

Complaint unknown_unit(std::string_view unit, std::string_view text, Dimension dimension) {
  if (unit.empty()) {
    return {fmt::format("'{}' has no unit", text), fmt::format("write {}", example_of(dimension))};
  }
  constexpr std::string_view kUnitsOf[] = {"time", "size", "rate"};
  std::vector<std::string> names;
  for (const Unit& known : units_of(dimension)) names.emplace_back(known.name);
  const std::string near = suggestion(unit, names);
  std::string help =
      near.empty() ? fmt::format("write {}", example_of(dimension)) : fmt::format("did you mean '{}'?", near);
  return {fmt::format("'{}' is not a unit of {}", unit, kUnitsOf[static_cast<std::size_t>(dimension)]),
          std::move(help)};
}

ParsedQuantity failed(Complaint complaint) { return {0, std::move(complaint)}; }

/// number × scale, exactly, or why not. The fraction's trailing zeros say nothing and are dropped first.
ParsedQuantity scaled(const Written& w, const Unit& unit, std::string_view text, Dimension dimension) {
  const Complaint too_large{fmt::format("'{}' is too large", text), ""};
  std::string_view fraction = w.fraction;
  while (fraction.ends_with('0')) fraction.remove_suffix(1);
  std::int64_t value = 0;
  for (const char digit : w.whole) {
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, digit - '0', &value)) {
      return failed(too_large);
    }
  }
  if (__builtin_mul_overflow(value, unit.scale, &value)) return failed(too_large);
  std::int64_t place = unit.scale;
  for (const char digit : fraction) {
    const std::int64_t part = place * (digit - '0');  // place <= 3.6e12, so this cannot overflow
    if (part % 10 != 0) {
      const std::string_view base = dimension == Dimension::kDuration ? "a nanosecond"
                                    : dimension == Dimension::kSize   ? "a byte"
                                                                      : "a bit a second";
      return failed({fmt::format("'{}' is finer than {}", text, base), "use fewer digits behind the point"});
    }
    if (__builtin_add_overflow(value, part / 10, &value)) return failed(too_large);
    place /= 10;
  }
  return {w.negative ? -value : value, std::nullopt};
}

/// `value` in units of `scale` as a decimal, without trailing zeros. REQUIRES scale is a power of ten, value
/// > 0.
std::string decimal(std::int64_t value, std::int64_t scale) {
  std::string digits = fmt::format("{}", value / scale);
  std::int64_t rest = value % scale;
  if (rest != 0) digits += '.';
  while (rest != 0) {
    scale /= 10;
    digits += static_cast<char>('0' + rest / scale);
    rest %= scale;
  }
  return digits;
}

}  // namespace

ParsedQuantity parse_quantity(std::string_view text, Dimension dimension) {
  const std::optional<Written> written = take_apart(text);
  if (!written) {
    return failed({fmt::format("'{}' is not {}", text, noun_of(dimension)),
                   fmt::format("write {}", example_of(dimension))});
  }
  const Unit* unit = find_unit(written->unit, dimension);
  if (!unit) return failed(unknown_unit(written->unit, text, dimension));
  return scaled(*written, *unit, text, dimension);
}

std::string print_quantity(std::int64_t value, Dimension dimension) {
  const Unit* base = nullptr;
  for (const Unit& unit : units_of(dimension)) {
    if (!unit.printed) continue;
    base = &unit;
    if (value <= 0) continue;
    if (unit.decimal_fraction && value >= unit.scale)
      return decimal(value, unit.scale) + std::string(unit.name);
    if (!unit.decimal_fraction && value % unit.scale == 0) {
      return fmt::format("{}{}", value / unit.scale, unit.name);
    }
  }
  if (value < 0 && value != INT64_MIN) return "-" + print_quantity(-value, dimension);
  return fmt::format("{}{}", value, base->name);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace stackscope
