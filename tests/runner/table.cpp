#include "runner/results/table.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "runner/results/cells.hpp"
#include "runner/results/check_result.hpp"
#include "tests/runner/golden.hpp"
#include "tests/runner/sample_results.hpp"

using namespace stackscope;

namespace {

const Paint kPlain{false};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

int widest(const std::string& text) {
  int width = 0;
  for (const std::string& line : lines_of(text)) width = std::max(width, display_width(line));
  return width;
}

std::string without_colour(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\x1b') {
      at = text.find('m', at);
    } else {
      out += text[at];
    }
  }
  return out;
}

}  // namespace

TEST_CASE("the herd's table is the one that was approved", "[results][table][golden]") {
  const std::string report = scenario_report(sample::herd(), "0.1.0", kPlain);
  CHECK(report == approved("herd.txt", report));
  CHECK(widest(report) <= 80);
}

TEST_CASE("failures are explained below the table, and the last line replays the first of them",
          "[results][table][golden]") {
  const auto runs = sample::failing_herd();
  const std::string report = scenario_report(runs, "0.1.0", kPlain);
  CHECK(report == approved("herd_failing.txt", report));
  CHECK(lines_of(report).back() ==
        "stackscope run scenarios/thundering_herd.toml --variant shared --seed 1  # stackscope 0.1.0");
}

TEST_CASE("what is too wide for columns of its own stands in rows, or in a second table",
          "[results][table][golden]") {
  auto runs = sample::herd();
  for (RunResult& run : runs) run.metrics.set("returns_per_connection", sample::spread({51, 249}));
  SECTION("distributions push the references below their variant") {
    const std::string report = scenario_report(runs, "0.1.0", kPlain);
    CHECK(report == approved("herd_stacked.txt", report));
    CHECK(widest(report) <= 80);
  }
  SECTION("many metrics, long names and wide characters") {
    runs.resize(2);
    for (RunResult& run : runs) {
      for (int i = 0; i < 9; ++i) {
        const std::string name = "retransmissions_of_segment_" + std::to_string(i);
        run.metrics.set(name, std::int64_t{1'000'000'007} * i);
        run.columns.push_back(name);
      }
      run.metrics.set("latency", sample::distribution({812, 51'249, 2'000'000, 2'000'001, 3, 4, 5, 6, 7}),
                      "ns");
      run.columns.push_back("latency");
      run.variant += "-with-a-name-that-nobody-should-have-given-to-a-variant";
      run.title = "寿司: " + run.title + ", and a title that goes on for longer than a terminal is wide";
    }
    const std::string report = scenario_report(runs, "0.1.0", kPlain);
    CHECK(report == approved("wide.txt", report));
    CHECK(widest(report) <= 80);
  }
}

TEST_CASE("one run of a scenario that expects nothing", "[results][table][golden]") {
  RunResult run;
  run.scenario = "first_request";
  run.title = "One request and its answer";
  run.fingerprint = "1f0c9d3a5b7e2468";
  run.simulated_ns = 51'249, run.events = 311;
  run.metrics.set("round_trip", std::int64_t{51'249}, "ns");
  run.columns = {"round_trip"};
  run.notes = {"the model lacks TCP_FASTOPEN; setsockopt returned ENOPROTOOPT"};
  const std::string report = scenario_report(std::span(&run, 1), "0.1.0", kPlain);
  CHECK(report == approved("single.txt", report));
}

TEST_CASE("colour adds nothing but colour", "[results][table]") {
  const auto runs = sample::failing_herd();
  const std::string plain = scenario_report(runs, "0.1.0", kPlain);
  const std::string painted = scenario_report(runs, "0.1.0", Paint{true});
  CHECK(painted != plain);
  CHECK(without_colour(painted) == plain);
  CHECK(plain.find('\x1b') == std::string::npos);
}

TEST_CASE("no terminal width is exceeded, and no row ends in spaces", "[results][table]") {
  for (int width = 72; width <= 132; width += 5) {
    auto runs = sample::herd();
    for (const std::string& line : lines_of(scenario_report(runs, "0.1.0", kPlain, width))) {
      CHECK(display_width(line) <= width);
      CHECK((line.empty() || line.back() != ' '));
    }
  }
}

TEST_CASE("text from a scenario cannot steer the terminal", "[results][table]") {
  auto runs = sample::herd();
  runs[0].title = "red \x1b[31m alert";
  runs[0].variant = "two\nlines";
  const std::string report = scenario_report(runs, "0.1.0", kPlain);
  CHECK(report.find('\x1b') == std::string::npos);
  CHECK(report.find("red \\x1b[31m alert") != std::string::npos);
  CHECK(report.find("two lines") != std::string::npos);
}

TEST_CASE("runs of one variant are told apart by their seeds", "[results][table]") {
  auto runs = sample::herd();
  runs.resize(1);
  runs.push_back(runs[0]);
  runs[1].seed = 2;
  const std::string table = metric_table(runs, kPlain);
  CHECK(table.find("baseline #1") != std::string::npos);
  CHECK(table.find("baseline #2") != std::string::npos);
}

TEST_CASE("a cell says as much as it must", "[results][cells]") {
  const auto text = [](const Metric& metric, std::string_view unit = "") {
    const Cell cell = cell_of(metric, unit);
    return cell.spread.empty() ? cell.number : cell.number + " " + cell.spread;
  };
  CHECK(text(std::int64_t{-1'234'567}) == "-1,234,567");
  CHECK(text(std::int64_t{-123}) == "-123");
  CHECK(text(8.0) == "8");
  CHECK(text(8.02) == "8.02");
  CHECK(text(0.000123) == "0.00012");
  CHECK(text(sample::constant(8)) == "8");
  CHECK(text(sample::spread({17, 83})) == "1.83 (1–2)");
  CHECK(text(sample::spread(std::vector<int>(20, 5))) == "10.5 [10–20]");
  CHECK(text(Distribution{}) == "none");
  CHECK(text(sample::per_worker({150, 150, 0})) == "150 ×2");
  CHECK(text(sample::per_worker({34, 42})) == "34–42 ×2");
  CHECK(text(std::int64_t{51'249}, "ns") == "51.2 us");
  CHECK(text(std::int64_t{999}, "ns") == "999 ns");
  CHECK(text(std::int64_t{65'536}, "bytes") == "64 KiB");
}

TEST_CASE("the replay line survives a shell", "[results][check]") {
  RunResult run;
  run.path = "my scenarios/it's.toml";
  run.variant = "a$b";
  run.seed = 18446744073709551615U;
  run.arguments = {"--set", "run.workers.args.think=2us"};
  CHECK(replay_command(run, "0.1.0") ==
        "stackscope run 'my scenarios/it'\\''s.toml' --variant 'a$b' --seed 18446744073709551615 "
        "--set run.workers.args.think=2us  # stackscope 0.1.0");
}

TEST_CASE("long numbers are grouped by threes", "[results][cells]") {
  CHECK(grouped(999) == "999");
  CHECK(grouped(212'408) == "212,408");
  CHECK(grouped(-1'000'000) == "-1,000,000");
}
