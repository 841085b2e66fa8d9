#include "runner/verify/report.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "runner/results/cells.hpp"

namespace stackscope {

namespace {

constexpr int kGap = 2;

/// One line of a table, cell by cell.
struct Row {
  std::array<std::string, 7> cells;  // metric, n, median, quartiles, difference, K–S, that of the real halves
  std::string verdict;
  Likeness likeness = Likeness::kTime;
  bool is_real = false;
};

std::string shown(std::int64_t value, std::string_view unit) { return cell_of(Metric{value}, unit).number; }

/// "14.8–15.6 us" where both ends have one unit.
std::string quartiles_of(const Distribution& all, std::string_view unit) {
  if (all.min() == all.max()) return "";
  const std::string low = shown(all.percentile(250), unit), high = shown(all.percentile(750), unit);
  const std::size_t low_space = low.find(' '), high_space = high.find(' ');
  const bool shares_unit = low_space != std::string::npos && high_space != std::string::npos &&
                           low.substr(low_space) == high.substr(high_space);
  return fmt::format("{}–{}", shares_unit ? low.substr(0, low_space) : low, high);
}

Row samples_row(std::string name, const Distribution& all, std::string_view unit) {
  if (all.is_empty()) return {{std::move(name), "0", "none"}, ""};
  return {{std::move(name), grouped(all.n()), shown(all.percentile(500), unit), quartiles_of(all, unit)}, ""};
}

std::string difference_of(const ComparedMetric& metric) {
  if (metric.model.is_empty() || metric.real.is_empty()) return "";
  const std::int64_t difference = metric.real.percentile(500) - metric.model.percentile(500);
  return (difference > 0 ? "+" : "") + shown(difference, metric.unit);
}

std::string shown(double distance) { return distance == 0 ? "0" : fmt::format("{:.2f}", distance); }

std::string verdict_of(Likeness likeness) {
  switch (likeness) {
    case Likeness::kEqual:
      return "✔ equal";
    case Likeness::kAlike:
      return "✔ alike";
    case Likeness::kDiffers:
      return "✘ differs";
    case Likeness::kTime:
      break;
  }
  return "";
}

std::vector<Row> rows_of(const VerifiedVariant& variant) {
  std::vector<Row> rows{{{"", "n", "median", "quartiles", "differs by", "K–S", "itself"}, ""}};
  for (const ComparedMetric& metric : variant.metrics) {
    rows.push_back(samples_row(column_label(metric.name), metric.model, metric.unit));
    Row real = samples_row("  real", metric.real, metric.unit);
    real.cells[4] = difference_of(metric), real.cells[5] = shown(metric.distance);
    if (metric.real_halves) real.cells[6] = shown(*metric.real_halves);
    real.verdict = verdict_of(metric.likeness), real.likeness = metric.likeness;
    real.is_real = true;
    rows.push_back(std::move(real));
  }
  return rows;
}

/// Rows in columns: names to the left, all else to the right.
class Drawing {
 public:
  Drawing(std::span<const Row> rows, Paint paint) : rows_(rows), paint_(paint) {
    for (const Row& row : rows) {
      for (std::size_t i = 0; i < row.cells.size(); ++i)
        widths_[i] = std::max(widths_[i], display_width(row.cells[i]));
      verdict_ = std::max(verdict_, display_width(row.verdict));
    }
  }

  std::string text() const {
    std::string out = paint_.dim(cells_of(rows_.front())) + "\n" + paint_.dim(rule()) + "\n";
    for (const Row& row : rows_.subspan(1)) {
      const std::string cells = cells_of(row);
      out += row.is_real ? paint_.dim(cells) : cells;
      if (!row.verdict.empty()) {
        const bool is_good = row.likeness != Likeness::kDiffers;
        out += std::string(kGap, ' ') + (is_good ? paint_.good(row.verdict) : paint_.bad(row.verdict));
      }
      out += "\n";
    }
    return out;
  }

 private:
  std::string cells_of(const Row& row) const {
    std::string line = pad_right(row.cells[0], widths_[0]);
    for (std::size_t i = 1; i < row.cells.size(); ++i)
      line += std::string(kGap, ' ') + pad_left(row.cells[i], widths_[i]);
    const std::size_t last = line.find_last_not_of(' ');
    return row.verdict.empty() ? line.substr(0, last == std::string::npos ? 0 : last + 1) : line;
  }
  std::string rule() const {
    int width = verdict_ > 0 ? kGap + verdict_ : 0;
    for (const int column : widths_) width += column;
    width += kGap * static_cast<int>(widths_.size() - 1);
    std::string line;
    for (int i = 0; i < width; ++i) line += "─";
    return line;
  }

  std::span<const Row> rows_;
  Paint paint_;
  std::array<int, 7> widths_{};
  int verdict_ = 0;
};

std::string dim_lines(std::string_view text, Paint paint, int width) {
  std::string out;
  for (const std::string& line : wrap(printable(text), width)) out += paint.dim(line) + "\n";
  return out;
}

std::string plural(std::size_t n, std::string_view noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

}  // namespace

std::string verify_heading(const VerifyHeading& heading, Paint paint, int width) {
  std::string out;
  const std::string& title = heading.title.empty() ? heading.scenario : heading.title;
  for (const std::string& line : wrap(printable(title), width)) out += paint.bold(line) + "\n";
  const std::string origin =
      fmt::format("{} · Linux {} · stackscope {}", heading.path, heading.kernel, heading.version);
  return out + paint.dim(elide_middle(printable(origin), width)) + "\n";
}

std::string verify_table(const VerifiedVariant& variant, Paint paint, int width) {
  const std::string title = variant.title.empty() ? "" : ": " + variant.title;
  std::string out = "\n" + paint.bold(elide_end(printable(variant.variant + title), width)) + "\n";
  if (!variant.not_comparable.empty())
    return out + dim_lines("not comparable: " + variant.not_comparable, paint, width);
  if (!variant.failed.empty()) {
    for (const std::string& line : wrap(printable("✘ " + variant.failed), width))
      out += paint.bad(line) + "\n";
  }
  const std::vector<Row> rows = rows_of(variant);
  if (rows.size() > 1 && variant.failed.empty()) out += Drawing(rows, paint).text();
  for (const std::string& note : variant.notes) out += dim_lines("note: " + note, paint, width);
  return out;
}

std::string verify_totals(std::span<const VerifiedVariant> variants, Paint paint, int width) {
  std::size_t equal = 0, alike = 0, differ = 0, compared = 0, failed = 0, refused = 0;
  for (const VerifiedVariant& variant : variants) {
    refused += variant.not_comparable.empty() ? 0 : 1;
    failed += variant.failed.empty() ? 0 : 1;
    if (!variant.is_compared()) continue;
    ++compared;
    equal += variant.count(Likeness::kEqual), alike += variant.count(Likeness::kAlike);
    differ += variant.count(Likeness::kDiffers);
  }
  std::string text = compared == 0
                         ? "nothing was compared"
                         : fmt::format("{}: {} equal, {} alike, {} differ", plural(compared, "variant"),
                                       plural(equal, "count"), alike, differ);
  if (failed > 0) text += fmt::format(" · {} did not finish", failed);
  if (refused > 0) text += fmt::format(" · {} not comparable", refused);
  const bool is_good = differ == 0 && failed == 0 && compared > 0;
  std::string out = "\n";
  if (alike + differ > 0) {
    out += dim_lines(
        "K–S: the largest difference between the shares of samples up to any value. alike: at most "
        "0.2, or what chance alone exceeds once in a thousand times. itself: the K–S of the first half of "
        "the real "
        "runs and the second.",
        paint, width);
  }
  for (const std::string& line : wrap((is_good ? "✔ " : "✘ ") + text, width))
    out += (is_good ? paint.good(line) : paint.bad(line)) + "\n";
  return out;
}

}  // namespace stackscope
