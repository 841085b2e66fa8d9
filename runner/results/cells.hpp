#pragma once
// One value in the result table: short, exact where it is whole, and aligned with its neighbours.

#include <string>
#include <string_view>

#include "runner/results/run_result.hpp"

namespace stackscope {

/// A value in two parts: the numbers of a column stand right-aligned, and what belongs to them stands behind.
struct Cell {
  std::string number;  ///< "8", "1.83", "51.2 us"
  std::string spread;  ///< "(1–2)", "[1–9]", "×2"; empty where there is nothing more to say
};

/// How each kind of metric is shown:
///   - a whole number as it is, a real one with at most two decimals, or two digits when it is small;
///   - a distribution that never varies as its one value, otherwise as mean (least–most), and when those lie
///     more than eight apart as mean [p50–p99];
///   - a metric by key, such as accepts by worker, as the range of those that are not zero, × how many those
///     are; a distribution among them counts by its mean.
/// Units: "ns" and "bytes" are scaled to what reads well; any other is a plain count.
Cell cell_of(const Metric& metric, std::string_view unit = "");

/// "kernel_wakeups_per_connection" becomes "kernel wakeups/conn".
std::string column_label(std::string_view metric);

/// "1,234,567".
std::string grouped(std::int64_t value);

/// Three digits and the unit that fits: "812 ns", "51.2 us", "3.61 s".
std::string short_duration(std::int64_t ns);

}  // namespace stackscope
