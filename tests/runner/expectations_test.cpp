#include "runner/expectations.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace stackscope;
using Outcome = Verdict::Outcome;

namespace {

/// A recording of a few lines: a frame, two wake-ups, a read; and a drop that never occurs.
class Told : public RecordQuery {
 public:
  struct Line : Record {
    Line(Kind kind, std::int64_t at, script::Value value) : kind_(kind), at_(at), value_(std::move(value)) {}
    Kind kind() const override { return kind_; }
    Instant at() const override { return Instant::ns(at_); }
    script::Value field(std::size_t) const override { return value_; }

    Kind kind_;
    std::int64_t at_;
    script::Value value_;
  };

  std::optional<Kind> kind(std::string_view name) const override {
    const auto at = std::find(names_.begin(), names_.end(), name);
    if (at == names_.end()) return std::nullopt;
    return static_cast<Kind>(at - names_.begin());
  }
  std::vector<std::string> names() const override { return names_; }
  std::vector<std::string> fields(Kind kind) const override { return {kind == 1 ? "task" : "length"}; }
  void for_each(std::span<const Kind> kinds, const Visit& visit) const override {
    for (const Line& line : lines_) {
      const bool wanted = std::find(kinds.begin(), kinds.end(), line.kind_) != kinds.end();
      if (wanted && !visit(line)) return;
    }
  }

  std::vector<std::string> names_{"nic:frame_arrived", "sched:sched_waking", "syscalls:sys_enter_read",
                                  "skb:kfree_skb"};
  std::vector<Line> lines_{{0, 1'000, 66}, {1, 1'200, "worker 1"}, {1, 1'300, "worker 2"}, {2, 5'000, 512}};
};

struct Run {
  Run() {
    auto& wakeups = metrics.distribution("kernel_wakeups_per_connection");
    wakeups.add(2), wakeups.add(2);
    metrics.distribution("request.latency", "ns").add(6'000'000);
    metrics.distribution("request.size", "bytes");
    metrics.set("accepts_per_worker", PerKey{{"1", 30}, {"2", 10}, {"3", 20}});
    metrics.set("ratio", 0.25);
  }
  Verdict ask(std::string that) const {
    return evaluate({std::move(that), "baseline", {}}, {metrics, counters, known_counters, &records});
  }
  std::vector<script::ScriptError> check(std::string that) const {
    const auto paths = script_paths(metrics);
    const auto names = records.names();
    return check_expectation({std::move(that), "baseline", {}}, {paths, known_counters, names});
  }

  Metrics metrics;
  Counters counters{{"TcpExtListenOverflows", 12}};
  std::vector<std::string> known_counters{"TcpExtListenOverflows", "TcpExtListenDrops"};
  Told records;
};

}  // namespace

TEST_CASE("a failed expectation says what was there instead", "[expectations]") {
  const Run run;
  CHECK(run.ask("kernel_wakeups_per_connection.mean == 2").outcome == Outcome::kPassed);
  const Verdict failed = run.ask("kernel_wakeups_per_connection.mean == 8");
  CHECK(failed.outcome == Outcome::kFailed);
  CHECK(failed.reason == "kernel_wakeups_per_connection.mean was 2.0");
  CHECK(run.ask("p99(request.latency) < ms(5)").reason == "request.latency.p99 was 6000000");
  CHECK(run.ask("accepts_per_worker[3] == 21 or ratio > 0.5").reason ==
        "accepts_per_worker[3] was 20, ratio was 0.25");
  CHECK(run.ask("max(accepts_per_worker) == 30 and sum(accepts_per_worker) == 60").outcome ==
        Outcome::kPassed);
}

TEST_CASE("counters have the kernel's names, and those nobody touched are 0", "[expectations]") {
  const Run run;
  CHECK(run.ask("TcpExtListenOverflows == 12 and TcpExtListenDrops == 0").outcome == Outcome::kPassed);
  const Verdict wrong = run.ask("TcpExtListenOverflow == 0");
  CHECK(wrong.outcome == Outcome::kError);
  CHECK(wrong.reason == "no `TcpExtListenOverflow` here; did you mean `TcpExtListenOverflows`?");
}

TEST_CASE("an expectation that is wrong in itself never passes", "[expectations]") {
  const Run run;
  for (const char* that :
       {"nonsense == nil", "not nonsense", "kernel_wakeups_per_connection.meen ~= 2", "ratio", "ratio =", "1",
        "nil", "accepts_per_worker[9] ~= 1", "never('nic:frame_arived')",
        "count('nic:frame_arrived', {lenth = 66}) == 0", "always('nic:frame_arrived')",
        "sometimes(function(r) return r.lenth end, 'nic:frame_arrived')",
        "sometimes(function(r) return r.length end, 'nic:frame_arrived')", "sequence('nic:frame_arrived')",
        "(function() while true do end end)() or ratio == 0.25"}) {
    INFO(that);
    const Verdict verdict = run.ask(that);
    CHECK(verdict.outcome == Outcome::kError);
    CHECK(verdict.error.has_value());
    CHECK_FALSE(verdict.reason.empty());
  }
}

TEST_CASE("what was never measured fails, whatever is asked of it", "[expectations]") {
  const Run run;
  const Verdict empty = run.ask("p99(request.size) < KiB(64)");
  CHECK(empty.outcome == Outcome::kFailed);
  CHECK(empty.reason == "request.size is empty: it has no p99");
  CHECK(run.ask("request.size.n == 0").outcome == Outcome::kPassed);
}

TEST_CASE("the recording answers when, how often and in which order", "[expectations][recording]") {
  const Run run;
  const auto holds = [&](const char* that) {
    const Verdict verdict = run.ask(that);
    INFO(that << ": " << verdict.reason);
    CHECK(verdict.outcome != Outcome::kError);
    return verdict.outcome == Outcome::kPassed;
  };
  CHECK(holds("first('sched:sched_waking') == ns(1200) and last('sched:sched_waking') == 1300"));
  CHECK(holds("first('sched:sched_waking', {task = 'worker 2'}) == 1300"));
  CHECK(holds("last('sched:sched_waking', {task = 'worker 1'}) == 1200"));
  CHECK(holds("count('sched:sched_waking') == 2 and count('sched:sched_waking', {task = 'worker 2'}) == 1"));
  CHECK(holds(
      "count('nic:frame_arrived', {length = 66}) == 1 and count('nic:frame_arrived', {length = 67}) == 0"));
  CHECK(
      holds("sometimes(function(r) return r.task == 'worker 2' and r.at == 1300 end, 'sched:sched_waking')"));
  CHECK_FALSE(holds("sometimes(function(r) return r.task == 'worker 3' end, 'sched:sched_waking')"));
  CHECK_FALSE(holds("always(function(r) return r.task == 'worker 1' end, 'sched:sched_waking')"));
  CHECK(holds("always(function(r) return r.at > us(1) end, 'sched:sched_waking')"));
  CHECK_FALSE(holds("never(function(r) return r.length > 500 end, 'syscalls:sys_enter_read')"));
  CHECK(holds("sequence('nic:frame_arrived', 'sched:sched_waking', 'syscalls:sys_enter_read')"));
  CHECK(holds("sequence('sched:sched_waking', 'sched:sched_waking')"));
  CHECK_FALSE(holds("sequence('sched:sched_waking', 'nic:frame_arrived')"));
  CHECK_FALSE(holds("sequence('nic:frame_arrived', 'nic:frame_arrived')"));
}

TEST_CASE("a record that never occurred", "[expectations][recording]") {
  const Run run;
  CHECK(run.ask("never('skb:kfree_skb')").outcome == Outcome::kPassed);
  CHECK(run.ask("count('skb:kfree_skb') == 0").outcome == Outcome::kPassed);
  CHECK(run.ask("sometimes(function(r) return true end, 'skb:kfree_skb')").outcome == Outcome::kFailed);
  for (const char* that : {"first('skb:kfree_skb') > 0", "last('skb:kfree_skb') >= 0",
                           "always(function(r) return true end, 'skb:kfree_skb')"}) {
    INFO(that);
    CHECK(run.ask(that).outcome == Outcome::kFailed);
    CHECK(run.ask(that).reason == "no such record occurred: 'skb:kfree_skb'");
  }
}

TEST_CASE("expectations are refused before anything runs", "[expectations]") {
  const Run run;
  for (const char* that :
       {"kernel_wakeups_per_connection.mean == 8", "p99(request.latency) < ms(5)", "ratio < 1",
        "accepts_per_worker[3] == 1", "TcpExtListenDrops == 0", "first('sched:sched_waking') < ms(1)",
        "sometimes(function(r) return r.task == 'x' end, 'sched:sched_waking')"}) {
    INFO(that);
    CHECK(run.check(that).empty());
  }
  const auto message = [&](const char* that) {
    const auto errors = run.check(that);
    REQUIRE(errors.size() == 1);
    return std::to_string(errors[0].column) + ": " + errors[0].message;
  };
  CHECK(message("2 == kernel_wakeups_per_connection.meen") ==
        "36: no `meen` in kernel_wakeups_per_connection; did you mean `mean`?");
  CHECK(message("p99(request.latencies) < 5") == "13: no `latencies` in request; did you mean `latency`?");
  CHECK(message("first('sched:shed_waking') < 5") ==
        "7: no record is called 'sched:shed_waking'; did you mean 'sched:sched_waking'?");
  CHECK(message("TcpExtListenOverflow == 0") ==
        "1: no `TcpExtListenOverflow` here; did you mean `TcpExtListenOverflows`?");
  CHECK(message("1 + 1 == ms(2)") == "1: this expectation looks at nothing of the run, so it cannot fail");
  CHECK(message("TcpExtListenDrops >= 0") == "1: a count is never below 0, so this cannot fail");
  CHECK(message("ratio < 1 and -1 < TcpExtListenDrops") ==
        "15: a count is never below 0, so this cannot fail");
  CHECK(message("ratio < 1 and (0 <= count('sched:sched_waking') or ratio > 2)") ==
        "16: a count is never below 0, so this cannot fail");
  CHECK(message("request.latency.n >= 0") == "1: a count is never below 0, so this cannot fail");
  CHECK(message("p99(request.latency) == p99(request.latency)") ==
        "1: both sides are the same, so this cannot fail");
  CHECK(message("ratio < 1 or ratio >= 1") == "1: one of the two always holds, so this cannot fail");
  CHECK(message("ratio < 1 or (1 <= ratio)") == "1: one of the two always holds, so this cannot fail");
  CHECK(message("true or ratio < 1") == "1: `true` is always true, so this cannot fail");
  for (const char* that : {"TcpExtListenDrops > 0", "TcpExtListenDrops - 5 >= 0", "0 >= TcpExtListenDrops",
                           "ratio < 1 or ratio > 1", "not (TcpExtListenDrops >= 0 and ratio == 1)",
                           "count('sched:sched_waking') - 5 >= 0"}) {
    INFO(that);
    CHECK(run.check(that).empty());
  }
  CHECK(message("ratio = 1") == "7: `=` assigns; to compare, write `==`");
  CHECK(message("kernel_wakeups_per_connection == 8")
            .starts_with("1: `kernel_wakeups_per_connection` holds several"));
}
