#include "runner/verify/verify.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "kernel_model/vocabulary/records.hpp"
#include "measure/scheduling_trial.hpp"
#include "runner/measuring.hpp"
#include "runner/results/check_result.hpp"
#include "runner/session.hpp"
#include "runner/verify/carry.hpp"
#include "sim/memory_recording.hpp"

namespace stackscope {

namespace {

/// All samples of a metric; those of every key together.
struct SamplesOf {
  Distribution operator()(std::int64_t value) const {
    Distribution one;
    one.add(value);
    return one;
  }
  Distribution operator()(double value) const { return (*this)(std::int64_t{std::llround(value)}); }
  Distribution operator()(const Distribution& all) const { return all; }
  Distribution operator()(const PerKey& by_key) const {
    Distribution all;
    for (const auto& [key, metric] : by_key) all.merge(std::visit(*this, metric));
    return all;
  }
};

/// Of all these runs together.
Distribution samples(std::span<const Metrics> runs, std::string_view name) {
  Distribution all;
  for (const Metrics& run : runs) {
    if (const MeasuredMetric* const metric = run.find(name))
      all.merge(std::visit(SamplesOf{}, metric->value));
  }
  return all;
}

std::optional<double> distance(const Distribution& a, const Distribution& b) {
  return a.is_empty() || b.is_empty() ? std::nullopt : std::optional{a.distance(b)};
}

std::string ending_of(const RealResult& run) {
  if (run.outcome == RealResult::Outcome::kCannot) return "no process could be made on the kernel underneath";
  if (run.outcome == RealResult::Outcome::kFinished) return "";
  std::string where;
  for (const RealStuckThread& thread : run.stuck)
    where +=
        fmt::format("{}{}/{} in {}", where.empty() ? "" : ", ", thread.program, thread.number, thread.where);
  return "no real run ended by its deadline: " + where;
}

void add_once(std::vector<std::string>& notes, const std::string& note) {
  if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
}

/// What programs noted of calls that they did not expect to fail: "failed: connect".
std::vector<std::string> failures_in(const MemoryRecording& recording) {
  std::vector<std::string> failures;
  for (std::uint32_t id = 1; id <= recording.strings(); ++id) {
    const std::string_view text = recording.string(StringId{id});
    if (text.starts_with("failed: ")) failures.emplace_back(text);
  }
  return failures;
}

/// One variant, on both kernels.
class Comparison {
 public:
  Comparison(const NamedScenario& named, const std::string& variant, const VerifyOptions& options)
      : scenario_(*named.scenario), options_(options) {
    result_.variant = variant;
    for (const Variant& known : scenario_.variants) {
      if (known.name == variant) result_.title = known.title;
    }
  }

  Verified go(RealRunner& runner, const std::function<void(int)>& on_run) {
    if (!resolve_for_comparison()) return {std::nullopt, std::move(errors_)};
    const CarriedOver carried = carry_over(*resolved_, scenario_.real, usable_cpus());
    result_.not_comparable = carried.not_comparable.empty() ? refusal(carried) : carried.not_comparable;
    result_.notes.insert(result_.notes.end(), carried.notes.begin(), carried.notes.end());
    if (!result_.not_comparable.empty()) return {std::move(result_), {}};
    if (!run_model()) return {std::nullopt, std::move(errors_)};
    for (int run = 1; run <= options_.repeat && result_.failed.empty(); ++run) {
      if (on_run) on_run(run);
      run_real(runner, carried);
    }
    if (!has_scheduler_) drop_wakeups();
    note_company();
    result_.metrics = compared(model_, real_, scenario_.columns);
    note_costs();
    return {std::move(result_), {}};
  }

 private:
  /// With what a comparison changes of each host, where it is not set by hand.
  bool resolve_for_comparison() {
    Resolution resolution = resolve(scenario_, result_.variant, options_.sets);
    if (resolution.scenario) {
      std::vector<std::string> sets;
      for (const HostSpec& host : resolution.scenario->hosts) {
        sets.push_back(fmt::format("host.{}.jitter=measured", host.name));
        if (!options_.profile.empty())
          sets.push_back(fmt::format("host.{}.profile={}", host.name, options_.profile));
      }
      sets.insert(sets.end(), options_.sets.begin(), options_.sets.end());
      resolution = resolve(scenario_, result_.variant, sets);
    }
    resolved_ = std::move(resolution.scenario);
    errors_ = std::move(resolution.errors);
    return resolved_.has_value();
  }

  /// Where a policy is refused, who runs when is another question than the scenario's.
  static std::string refusal(const CarriedOver& carried) {
    for (const RealProgram& program : carried.programs) {
      if (may_be_scheduled(program)) continue;
      return fmt::format(
          "the scheduling of '{}' is refused here: SCHED_FIFO and negative nice values need root or "
          "CAP_SYS_NICE",
          program.name);
    }
    return "";
  }

  bool run_model() {
    const std::unique_ptr<Session> session = Session::open(*resolved_, {.keep = Keep::kMemory}, errors_);
    if (session == nullptr) return false;
    session->run();
    model_failures_ = failures_in(session->recording());
    const RunResult run = session->result();
    session->finish();
    if (!run.completed()) result_.failed = "the model's run did not end: " + outcome_detail(run.outcome);
    model_ = run.metrics;
    return true;
  }

  void run_real(RealRunner& runner, const CarriedOver& carried) {
    Moment moment;
    const Schema schema = Schema::of<Records>();
    MemoryRecording recording;
    Trace trace(moment, schema, recording);
    const Measuring measuring(trace, *resolved_);
    RealOptions how;
    how.deadline = options_.deadline;
    how.trace = &trace;
    how.scheduler = true;
    how.sysctls = carried.sysctls;
    const RealResult run = runner.run(carried.programs, how);
    result_.failed = ending_of(run);
    for (const std::string& failure : failures_in(recording)) {
      if (std::find(model_failures_.begin(), model_failures_.end(), failure) == model_failures_.end())
        result_.failed = fmt::format("on the kernel underneath a program noted '{}'", failure);
    }
    result_.switches += run.switches, result_.switches_from_others += run.switches_from_others;
    for (const std::string& note : run.notes) add_once(result_.notes, note);
    has_scheduler_ = has_scheduler_ && run.has_scheduler;
    real_.push_back(measuring.metrics());
    ++result_.real_runs;
  }

  /// On a busy machine CPUs do not sleep, and a wake-up takes another time than on the model's.
  void note_company() {
    if (result_.switches_from_others * 50 < result_.switches || result_.switches == 0) return;
    add_once(result_.notes,
             fmt::format("this machine was busy: {} of {} times a thread took its CPU from another "
                         "program; where threads race, repeat at a quiet moment",
                         result_.switches_from_others, result_.switches));
  }

  /// Who wins a race depends on a few microseconds, and those on the machine.
  void note_costs() {
    const bool has_cpus = std::ranges::any_of(
        resolved_->hosts, [](const HostSpec& host) { return host.own.integer("cpus") > 1; });
    if (!has_cpus || !options_.profile.empty() || result_.count(Likeness::kDiffers) == 0) return;
    add_once(
        result_.notes,
        fmt::format(
            "threads race on several CPUs, and the model's costs are those of '{}'; `stackscope calibrate` "
            "measures this machine's, for --profile",
            resolved_->hosts.front().own.text("profile")));
  }

  /// Not recorded is not none.
  void drop_wakeups() {
    for (Metrics& run : real_) {
      Metrics without;
      for (const auto& [name, metric] : run) {
        if (name != "kernel_wakeups_per_connection") without.set(name, metric.value, metric.unit);
      }
      run = std::move(without);
    }
  }

  const Scenario& scenario_;
  const VerifyOptions& options_;
  std::optional<ResolvedScenario> resolved_;
  std::vector<Diagnostic> errors_;
  VerifiedVariant result_;
  std::vector<std::string> model_failures_;
  Metrics model_;
  std::vector<Metrics> real_;  // a run each
  bool has_scheduler_ = true;
};

}  // namespace

std::string_view name_of(Likeness likeness) {
  constexpr std::string_view kNames[] = {"equal", "alike", "differs", "time"};
  return kNames[static_cast<std::size_t>(likeness)];
}

std::size_t VerifiedVariant::count(Likeness likeness) const {
  return static_cast<std::size_t>(
      std::count_if(metrics.begin(), metrics.end(),
                    [likeness](const ComparedMetric& metric) { return metric.likeness == likeness; }));
}

Likeness likeness_of(const ComparedMetric& metric) {
  constexpr double kAlike = 0.2, kOnceInAThousand = 1.95;
  if (metric.unit == "ns") return Likeness::kTime;
  if (metric.model.is_empty() || metric.real.is_empty()) return Likeness::kDiffers;
  if (metric.distance == 0) return Likeness::kEqual;
  const double n = static_cast<double>(metric.model.n()), m = static_cast<double>(metric.real.n());
  const double by_chance = kOnceInAThousand * std::sqrt((n + m) / (n * m));
  return metric.distance <= std::max(kAlike, by_chance) ? Likeness::kAlike : Likeness::kDiffers;
}

std::vector<ComparedMetric> compared(const Metrics& model, std::span<const Metrics> real,
                                     const std::vector<LocatedText>& columns) {
  std::vector<std::string> names;
  for (const LocatedText& column : columns) {
    if (model.find(column.text) != nullptr) add_once(names, column.text);
  }
  for (const std::string& name : model.names()) add_once(names, name);
  const std::size_t half = real.size() / 2;
  std::vector<ComparedMetric> all;
  for (const std::string& name : names) {
    if (real.empty() || real.front().find(name) == nullptr) continue;  // a note says why
    const MeasuredMetric& measured = *model.find(name);
    ComparedMetric metric{name, measured.unit, std::visit(SamplesOf{}, measured.value), samples(real, name)};
    const bool is_none = metric.model.is_empty() && metric.real.is_empty();  // and so the same
    metric.distance = distance(metric.model, metric.real).value_or(is_none ? 0 : 1);
    metric.real_halves = distance(samples(real.first(half), name), samples(real.subspan(half), name));
    metric.likeness = likeness_of(metric);
    all.push_back(std::move(metric));
  }
  return all;
}

Verifier::Verifier() : runner_(std::make_unique<RealRunner>()) {}
Verifier::~Verifier() = default;

Verified Verifier::verify(const NamedScenario& named, const std::string& variant,
                          const VerifyOptions& options, const std::function<void(int run)>& on_run) {
  return Comparison(named, variant, options).go(*runner_, on_run);
}

}  // namespace stackscope
