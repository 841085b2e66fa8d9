#include "runner/results/cells.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "runner/results/text.hpp"

namespace stackscope {
namespace {

constexpr std::uint64_t kNarrow = 8;
constexpr int kLongestCell = 18;

struct Scale {
  double size;
  std::string_view unit;
};
constexpr auto kTimes = std::to_array<Scale>({{1, "ns"}, {1e3, "us"}, {1e6, "ms"}, {1e9, "s"}});
constexpr auto kSizes =
    std::to_array<Scale>({{1, "B"}, {1024, "KiB"}, {1048576, "MiB"}, {1073741824, "GiB"}});

/// "1.50" is "1.5", and "2.00" is "2".
std::string without_zeros(std::string digits) {
  if (digits.find('.') == std::string::npos) return digits;
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') digits.pop_back();
  return digits;
}

/// Three digits that say something, none of them a closing zero.
std::string three_digits(double value) {
  const double size = std::abs(value);
  const int decimals = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return without_zeros(fmt::format("{:.{}f}", value, decimals));
}

template <class Scales>
std::string scaled(double value, const Scales& scales) {
  const double size = std::abs(value);
  const Scale* fits = &scales.front();
  for (const Scale& scale : scales) {
    if (size >= scale.size) fits = &scale;
  }
  return fmt::format("{} {}", three_digits(value / fits->size), fits->unit);
}

std::string real(double value) {
  if (!std::isfinite(value)) return format_number(value);
  if (std::abs(value) >= 1e15) return fmt::format("{:.3g}", value);
  if (value == std::trunc(value)) return grouped(static_cast<std::int64_t>(value));
  if (std::abs(value) < 0.01) return fmt::format("{:.2g}", value);
  return without_zeros(fmt::format("{:.2f}", value));
}

std::string shown(double value, std::string_view unit) {
  if (unit == "ns") return scaled(value, kTimes);
  if (unit == "bytes") return scaled(value, kSizes);
  return real(value);
}

std::string range(double low, double high, std::string_view unit) {
  const std::string from = shown(low, unit), to = shown(high, unit);
  return from == to ? from : fmt::format("{}–{}", from, to);
}

std::string range(std::int64_t low, std::int64_t high, std::string_view unit) {
  return range(static_cast<double>(low), static_cast<double>(high), unit);
}

/// One number for what a key measured: of a distribution, its mean.
struct MeanOf {
  double operator()(std::int64_t value) const { return static_cast<double>(value); }
  double operator()(double value) const { return value; }
  double operator()(const Distribution& all) const { return all.is_empty() ? 0 : all.mean(); }
};

struct CellOf {
  std::string_view unit;

  Cell operator()(std::int64_t value) const {
    const bool is_plain = unit != "ns" && unit != "bytes";
    return {is_plain ? grouped(value) : shown(static_cast<double>(value), unit), ""};
  }
  Cell operator()(double value) const { return {shown(value, unit), ""}; }
  Cell operator()(const Distribution& all) const {
    if (all.is_empty()) return {"none", ""};
    const std::int64_t least = all.min(), most = all.max();
    if (least == most) return (*this)(least);
    const bool is_narrow = static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(least) <= kNarrow;
    if (is_narrow) return {shown(all.mean(), unit), fmt::format("({})", range(least, most, unit))};
    return {shown(all.mean(), unit),
            fmt::format("[{}]", range(all.percentile(500), all.percentile(990), unit))};
  }
  Cell operator()(const PerKey& by_name) const {
    std::vector<double> used;
    for (const auto& [name, metric] : by_name) {
      if (const double value = std::visit(MeanOf{}, metric); value != 0) used.push_back(value);
    }
    if (used.empty()) return {"0", ""};
    const auto [least, most] = std::minmax_element(used.begin(), used.end());
    return {range(*least, *most, unit), fmt::format("×{}", used.size())};
  }
};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

}  // namespace

Cell cell_of(const Metric& metric, std::string_view unit) {
  Cell cell = std::visit(CellOf{unit}, metric);
  return {elide_end(cell.number, kLongestCell), elide_end(cell.spread, kLongestCell)};
}

std::string column_label(std::string_view metric) {
  std::string label(metric);
  replace_all(label, "_per_", "/");
  replace_all(label, "connection", "conn");
  replace_all(label, "_", " ");
  return label;
}

std::string grouped(std::int64_t value) {
  std::string digits = std::to_string(value);
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string short_duration(std::int64_t ns) { return scaled(static_cast<double>(ns), kTimes); }

}  // namespace stackscope
