#include "runner/results/table.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

#include "runner/results/cells.hpp"

namespace stackscope {
namespace {

constexpr int kLongestName = 24;
constexpr int kLongestReference = 16;
constexpr int kNarrowestLabel = 8;

/// How the table tries to fit, the roomiest first.
struct Style {
  bool references_beside;
  bool whole_words;
  int gap;
};
constexpr auto kStyles = std::to_array<Style>(
    {{true, true, 3}, {true, true, 2}, {true, false, 2}, {false, true, 3}, {false, true, 2}});

struct Line {
  std::string name;
  bool dim = false;
  std::string checks;
  bool good = true;
};

struct Column {
  std::string head;  ///< "model" or the source
  bool dim = false;
  std::vector<Cell> cells;  ///< one a line

  int number_width() const {
    int width = 0;
    for (const Cell& cell : cells) width = std::max(width, display_width(cell.number));
    return width;
  }
  int spread_width() const {
    int width = 0;
    for (const Cell& cell : cells) width = std::max(width, display_width(cell.spread));
    return width;
  }
  int width() const {
    const int spread = spread_width();
    return std::max(display_width(head), number_width() + (spread > 0 ? 1 + spread : 0));
  }
};

/// A metric with what others say of it.
struct Group {
  std::vector<std::string> label;
  std::vector<Column> columns;

  int columns_width() const {
    int width = 2 * (static_cast<int>(columns.size()) - 1);
    for (const Column& column : columns) width += column.width();
    return width;
  }
  int width() const {
    int width = columns_width();
    for (const std::string& line : label) width = std::max(width, display_width(line));
    return width;
  }
};

struct Grid {
  std::vector<Line> lines;
  std::vector<Group> groups;
};

std::vector<std::string> shown_metrics(std::span<const RunResult> runs) {
  return runs.front().columns.empty() ? runs.front().metrics.names() : runs.front().columns;
}

const ShownReference* reference_of(const RunResult& run, std::string_view metric, std::string_view source) {
  for (const ShownReference& reference : run.references) {
    if (reference.metric == metric && reference.source == source) return &reference;
  }
  return nullptr;
}

/// Sources in the order in which the runs first name them, for one metric or, with "", for any.
std::vector<std::string> sources_of(std::span<const RunResult> runs, std::string_view metric) {
  std::vector<std::string> sources;
  for (const RunResult& run : runs) {
    for (const ShownReference& reference : run.references) {
      const bool known = std::find(sources.begin(), sources.end(), reference.source) != sources.end();
      if (!known && (metric.empty() || reference.metric == metric)) sources.push_back(reference.source);
    }
  }
  return sources;
}

Cell model_cell(const RunResult& run, std::string_view metric) {
  if (const MeasuredMetric* found = run.metrics.find(metric)) return cell_of(found->value, found->unit);
  const auto counter = run.counters.find(metric);
  return counter == run.counters.end() ? Cell{"–", ""} : cell_of(counter->second, "");
}

Cell reference_cell(const ShownReference* reference) {
  return {reference ? elide_end(printable(reference->value), kLongestReference) : "", ""};
}

std::string source_head(std::string_view source, bool whole_words) {
  const std::string head = elide_end(printable(source), kLongestReference);
  return whole_words || display_width(head) <= 5 ? head : head.substr(0, 4) + ".";
}

bool several_seeds(std::span<const RunResult> runs) {
  return std::any_of(runs.begin(), runs.end(),
                     [&](const RunResult& run) { return run.seed != runs.front().seed; });
}

Line line_of(const RunResult& run, bool with_seed) {
  const std::string seed = with_seed ? fmt::format(" #{}", run.seed) : "";
  const std::size_t all = run.expectations.size(), failed = run.failed_expectations();
  std::string checks = all == 0 ? "✔" : fmt::format("✔ {}", all);
  if (failed > 0) checks = fmt::format("✘ {}/{}", all - failed, all);
  if (!run.completed()) checks = "✘ –";
  return {elide_middle(printable(run.variant), kLongestName - display_width(seed)) + seed, false, checks,
          run.passed()};
}

/// Where the first part of a label ends: before a space, a '/' or a hump of a counter's name, TcpExt|TCPWin|Probe.
std::size_t end_of_part(std::string_view label) {
  const auto is_upper = [&](std::size_t i) { return label[i] >= 'A' && label[i] <= 'Z'; };
  std::size_t end = std::min<std::size_t>(1, label.size());
  while (end < label.size() && label[end] != ' ' && label[end] != '/' &&
         !(is_upper(end) && !is_upper(end - 1)))
    ++end;
  return end;
}

/// A label in lines, broken between its parts and never inside one.
std::vector<std::string> label_lines(std::string_view metric, int columns_width) {
  const int width = std::max(columns_width, kNarrowestLabel);
  const std::string label = printable(column_label(metric));
  std::vector<std::string> lines;
  for (std::string_view rest = label; !rest.empty();) {
    const std::string part(rest.substr(0, end_of_part(rest)));
    const bool fits = !lines.empty() && display_width(lines.back()) + display_width(part) <= width;
    if (fits) {
      lines.back() += part;
    } else {
      lines.push_back(part.front() == ' ' ? part.substr(1) : part);
    }
    rest.remove_prefix(part.size());
  }
  return lines;
}

/// References in columns of their own: a line a run.
Grid grid_beside(std::span<const RunResult> runs, bool whole_words) {
  Grid grid;
  for (const RunResult& run : runs) grid.lines.push_back(line_of(run, several_seeds(runs)));
  for (const std::string& metric : shown_metrics(runs)) {
    Group group;
    Column model{.head = "", .dim = false, .cells = {}};
    for (const RunResult& run : runs) model.cells.push_back(model_cell(run, metric));
    group.columns.push_back(std::move(model));
    for (const std::string& source : sources_of(runs, metric)) {
      Column column{source_head(source, whole_words), true, {}};
      for (const RunResult& run : runs) {
        column.cells.push_back(reference_cell(reference_of(run, metric, source)));
      }
      group.columns.push_back(std::move(column));
    }
    if (group.columns.size() > 1) group.columns.front().head = "model";
    group.label = label_lines(metric, group.columns_width());
    grid.groups.push_back(std::move(group));
  }
  return grid;
}

/// References in lines of their own, below the run that they belong to.
Grid grid_stacked(std::span<const RunResult> runs) {
  Grid grid;
  const std::vector<std::string> metrics = shown_metrics(runs);
  grid.groups.assign(metrics.size(), Group{{}, {Column{}}});
  for (const RunResult& run : runs) {
    grid.lines.push_back(line_of(run, several_seeds(runs)));
    for (std::size_t m = 0; m < metrics.size(); ++m) {
      grid.groups[m].columns.front().cells.push_back(model_cell(run, metrics[m]));
    }
    for (const std::string& source : sources_of(std::span(&run, 1), "")) {
      grid.lines.push_back({"  " + elide_end(printable(source), kLongestName - 2), true, "", true});
      for (std::size_t m = 0; m < metrics.size(); ++m) {
        const ShownReference* reference = reference_of(run, metrics[m], source);
        grid.groups[m].columns.front().cells.push_back(reference_cell(reference));
      }
    }
  }
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    grid.groups[m].label = label_lines(metrics[m], grid.groups[m].columns_width());
  }
  return grid;
}

/// Widths of the first and the last column, which every table has.
struct Margins {
  int name = 0, checks = 0;
};

Margins margins_of(const Grid& grid) {
  Margins margins;
  for (const Line& line : grid.lines) {
    margins.name = std::max(margins.name, display_width(line.name));
    margins.checks = std::max(margins.checks, display_width(line.checks));
  }
  return margins;
}

int total_width(const Grid& grid, int gap) {
  const Margins margins = margins_of(grid);
  int width = margins.name + gap + margins.checks;
  for (const Group& group : grid.groups) width += gap + group.width();
  return width;
}

/// The groups that fit beside one another, at least one.
std::size_t groups_that_fit(std::span<const Group> groups, int width, int gap) {
  std::size_t count = 0;
  for (int used = 0; count < groups.size(); ++count) {
    used += gap + groups[count].width();
    if (used > width && count > 0) break;
  }
  return count;
}

std::string spaces(int count) { return std::string(static_cast<std::size_t>(std::max(count, 0)), ' '); }

std::string cell_text(const Column& column, const Cell& cell) {
  const int spread = column.spread_width();
  std::string text = pad_left(cell.number, column.number_width());
  if (spread > 0) text += " " + pad_right(cell.spread, spread);
  return pad_left(text, column.width());
}

/// Draws some of a grid's groups as one table.
class Drawing {
 public:
  Drawing(const Grid& grid, std::span<const Group> groups, int gap, Paint paint)
      : grid_(grid), groups_(groups), margins_(margins_of(grid)), gap_(gap), paint_(paint) {}

  std::string text() const {
    std::string out = head();
    for (std::size_t line = 0; line < grid_.lines.size(); ++line) out += row(line);
    return out;
  }

 private:
  /// Labels stand on the rule; where a metric has sources, their names do, and the label above them.
  std::string head() const {
    std::size_t height = 1;
    for (const Group& group : groups_) height = std::max(height, head_height(group));
    std::string out;
    for (std::size_t down = height; down-- > 0;) {
      std::string line = pad_right(down == 0 ? "variant" : "", margins_.name);
      for (const Group& group : groups_) line += spaces(gap_) + head_line(group, down);
      line.erase(line.find_last_not_of(' ') + 1);
      out += paint_.dim(line) + "\n";
    }
    return out + paint_.dim(rule()) + "\n";
  }

  static std::size_t head_height(const Group& group) {
    return group.label.size() + (group.columns.size() > 1 ? 1 : 0);
  }

  /// The line of a group's head that is `up` lines above the rule.
  static std::string head_line(const Group& group, std::size_t up) {
    if (up >= head_height(group)) return spaces(group.width());
    const bool has_sources = group.columns.size() > 1;
    if (has_sources && up == 0) return pad_left(sources_line(group), group.width());
    const std::string& line = group.label[head_height(group) - 1 - up];
    if (!has_sources) return pad_left(line, group.width());
    return pad_right(spaces((group.width() - display_width(line)) / 2) + line, group.width());
  }

  static std::string sources_line(const Group& group) {
    std::string line;
    for (const Column& column : group.columns) {
      line += (line.empty() ? "" : "  ") + pad_left(column.head, column.width());
    }
    return line;
  }

  std::string rule() const {
    int width = margins_.name + gap_ + margins_.checks;
    for (const Group& group : groups_) width += gap_ + group.width();
    std::string out;
    for (int i = 0; i < width; ++i) out += "─";
    return out;
  }

  /// Spaces are kept back until something follows them, so that no row ends in spaces.
  std::string row(std::size_t number) const {
    const Line& line = grid_.lines[number];
    std::string out = painted(line.name, line.dim);
    std::string blank = spaces(margins_.name - display_width(line.name));
    bool says_something = !line.dim;
    for (const Group& group : groups_) {
      blank += spaces(gap_ + group.width() - group.columns_width());
      for (const Column& column : group.columns) {
        if (&column != &group.columns.front()) blank += "  ";
        const std::string cell = cell_text(column, column.cells[number]);
        const std::size_t first = std::min(cell.find_first_not_of(' '), cell.size());
        const std::size_t last = cell.find_last_not_of(' ') + 1;
        blank += cell.substr(0, first);
        if (first == cell.size()) continue;
        out += std::exchange(blank, cell.substr(last));
        out += painted(cell.substr(first, last - first), line.dim || column.dim);
        says_something = true;
      }
    }
    if (!says_something) return "";  // a source that says nothing of these metrics
    if (line.checks.empty()) return out + "\n";
    return out + blank + spaces(gap_) + (line.good ? paint_.good(line.checks) : paint_.bad(line.checks)) +
           "\n";
  }

  std::string painted(const std::string& text, bool dim) const { return dim ? paint_.dim(text) : text; }

  const Grid& grid_;
  std::span<const Group> groups_;
  Margins margins_;
  int gap_;
  Paint paint_;
};

}  // namespace

std::string metric_table(std::span<const RunResult> runs, Paint paint, int width) {
  const auto grid_in = [&](const Style& style) {
    return style.references_beside ? grid_beside(runs, style.whole_words) : grid_stacked(runs);
  };
  Style style = kStyles.back();
  for (const Style& candidate : kStyles) {
    if (total_width(grid_in(candidate), candidate.gap) > width) continue;
    style = candidate;
    break;
  }
  const Grid grid = grid_in(style);
  const Margins margins = margins_of(grid);
  const int room = width - margins.name - margins.checks - style.gap;
  std::string out;
  std::span<const Group> rest = grid.groups;
  do {
    const std::size_t count = groups_that_fit(rest, room, style.gap);
    out += (out.empty() ? "" : "\n") + Drawing(grid, rest.first(count), style.gap, paint).text();
    rest = rest.subspan(count);
  } while (!rest.empty());
  return out;
}

}  // namespace stackscope
