#include "runner/calibrate/calibration.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "runner/calibrate/groups.hpp"

namespace stackscope {

namespace {

using Names = std::span<const std::string_view>;

ProfileCost& cost_of(Profile& profile, std::string_view name) {
  return *std::ranges::find(profile.costs, name, &ProfileCost::name);
}

const Distribution* find(const StepTimes& times, std::string_view step) {
  const auto found = times.find(std::string(step));
  return found == times.end() || found->second.is_empty() ? nullptr : &found->second;
}

Duration median(const StepTimes& times, std::string_view step) {
  const Distribution* const all = find(times, step);
  return Duration::ns(all == nullptr ? 0 : all->percentile(500));
}

Quantiles quantiles(const Distribution& all) {
  std::array<Duration, Quantiles::kSeven.size()> values;
  std::ranges::transform(Quantiles::kSeven, values.begin(),
                         [&](int at) { return Duration::ns(all.percentile(at)); });
  return Quantiles(values);
}

/// `value` * `numerator` / `denominator`, not below 0.
Duration scaled(Duration value, Duration numerator, Duration denominator) {
  const double scale = static_cast<double>(numerator.count()) / static_cast<double>(denominator.count());
  return std::max(Duration{},
                  Duration::ns(static_cast<std::int64_t>(static_cast<double>(value.count()) * scale)));
}

std::string in_words(std::string_view what, const Distribution& all) {
  return fmt::format("{}: {} ns, quartiles {} and {}, of {}", what, all.percentile(500), all.percentile(250),
                     all.percentile(750), all.n());
}

class Fit {
 public:
  Fit(const Profile& base, const Measured& measured) : base_(base), profile_(base), measured_(measured) {}

  Calibration go(std::string machine) {
    profile_.machine = std::move(machine);
    for (ProfileCost& cost : profile_.costs) cost.cold = {};
    for (const CostGroup& group : cost_groups()) {
      fit_typical(group, group.step == "wake_near" ? near_ : loop_);
    }
    fit_other_cpus();
    fit_cooling();
    fit_all_cold();
    cool_the_rest();
    fit_all_cold();  // the rest is in their steps too
    return {profile_, outcome()};
  }

 private:
  // Few rounds: on the model all are alike, but for the first.
  const Exercise loop_ = each_call(20, {}, 0), rested_ = each_call(8, kRested, 0),
                 paused_ = each_call(8, kPaused, 0), served_ = serve(8, kRested, {0, 1}),
                 near_ = wake_near(20, 0), far_ = wake_far(20, kPaused, {0, 1}),
                 busy_ = wake_busy(20, {0, 1});

  Duration on_model(const Exercise& exercise, std::string_view step) const {
    return on(profile_, exercise, step);
  }
  static Duration on(const Profile& profile, const Exercise& exercise, std::string_view step) {
    return median(times_on_model(exercise, profile), step);
  }

  /// Scales these costs until the model's step takes the machine's median. Their quantiles lie about them as the step's do
  /// about its median.
  void fit_typical(const CostGroup& group, const Exercise& exercise) {
    const Distribution* const all = find(measured_.in_loop, group.step);
    if (all == nullptr) return;
    const Duration wanted = Duration::ns(all->percentile(500)), before = on_model(exercise, group.step);
    Profile doubled = profile_;
    for (const std::string_view name : group.costs)
      cost_of(doubled, name).typical = 2 * cost_of(doubled, name).typical;
    const Duration share = on(doubled, exercise, group.step) - before;
    if (share <= Duration{}) return;
    for (const std::string_view name : group.costs) {
      ProfileCost& cost = cost_of(profile_, name);
      cost.typical = scaled(cost.typical, share + wanted - before, share);
      cost.quantiles = quantiles(*all);
      for (Duration& value : cost.quantiles->values()) value = scaled(cost.typical, value, wanted);
      cost.kind = "input", cost.source = in_words(group.what, *all);
    }
  }

  /// What is lost grows in proportion to the pause, and varies: from all calls together after two pauses.
  void fit_cooling() {
    const Distribution* const paused = find(measured_.paused, "round");
    const Duration loop = median(measured_.in_loop, "round"),
                   rested = median(measured_.rested, "round") - loop;
    if (paused == nullptr || rested <= Duration{}) return;
    ProfileCost& cooling = cost_of(profile_, "cpu.cooling");
    cooling.quantiles = quantiles(*paused);
    std::ranges::reverse(cooling.quantiles->values());  // the longer a round, the sooner all is lost
    for (Duration& value : cooling.quantiles->values())
      value = std::clamp(scaled(kPaused, rested, std::max(value - loop, Duration::ns(1))), kPaused / 2,
                         4 * kRested);
    cooling.typical = cooling.quantiles->median();
    cooling.kind = "input";
    cooling.source = fmt::format("each call once: {} ns in a loop, {} ns more after {} ms; {}", loop.count(),
                                 rested.count(), kRested / Duration::ms(1), in_words("after 10 ms", *paused));
  }

  void fit_all_cold() {
    for (const CostGroup& group : cost_groups()) {
      if (group.cold_in == ColdIn::kEachCall)
        fit_cold(group.costs, measured_.rested, rested_, group.cold_step);
      if (group.cold_in == ColdIn::kServer) fit_cold(group.costs, measured_.served, served_, group.cold_step);
      if (group.cold_in == ColdIn::kWakeUp) fit_cold(group.costs, measured_.paused, far_, group.cold_step);
    }
    fit_cold(kArrival, measured_.paused, far_, "woken_late");
    fit_cold(kSending, measured_.paused, far_, "call_late");
  }

  /// These costs are cold in proportion to their typical values, so that the model's step takes the machine's median.
  void fit_cold(Names costs, const StepTimes& machine, const Exercise& exercise, std::string_view step) {
    const Distribution* const all = find(machine, step);
    if (all == nullptr) return;
    const auto cool = [&](Profile& profile, Duration numerator, Duration denominator) {
      for (const std::string_view name : costs) {
        ProfileCost& cost = cost_of(profile, name);
        cost.cold = scaled(cost.typical, numerator, denominator);
      }
    };
    cool(profile_, {}, Duration::ns(1));
    const Duration missing = Duration::ns(all->percentile(500)) - on_model(exercise, step);
    Profile colder = profile_;
    cool(colder, Duration::ns(1), Duration::ns(1));
    const Duration share = on(colder, exercise, step) - on_model(exercise, step);
    if (share <= Duration{}) return;
    cool(profile_, missing, share);
    for (const std::string_view name : costs)
      note_cold(cost_of(profile_, name), in_words("cold " + std::string(step), *all));
  }

  static void note_cold(ProfileCost& cost, const std::string& how) {
    cost.source = cost.source.substr(0, cost.source.find("; cold")) + "; " + how;
  }

  /// As cold as the median of the groups.
  void cool_the_rest() {
    std::vector<std::pair<Duration, Duration>> known;  // cold, typical
    std::vector<std::string_view> grouped = {"cpu.cooling", "cpu.ipi_flight", "cpu.ipi_send"};
    grouped.insert(grouped.end(), std::begin(kArrival), std::end(kArrival));
    for (const CostGroup& group : cost_groups()) {
      const ProfileCost& one = cost_of(profile_, group.costs.back());
      if (one.cold) known.emplace_back(one.cold, one.typical);
      grouped.insert(grouped.end(), group.costs.begin(), group.costs.end());
    }
    if (known.empty()) return;
    std::ranges::sort(known, {},
                      [](const auto& one) { return one.first.count() * 1000 / one.second.count(); });
    const auto [cold, typical] = known[known.size() / 2];
    for (ProfileCost& cost : profile_.costs) {
      if (cost.picoseconds_per_byte || std::ranges::count(grouped, cost.name) > 0) continue;
      cost.cold = scaled(cost.typical, cold, typical);
      note_cold(cost, "cold as the median of what was measured cold");
    }
  }

  void fit_other_cpus() {
    fit_wait("cpu.ipi_send", "write(2) that wakes a CPU which sleeps", measured_.paused, far_, "call_soon");
    fit_wait("cpu.ipi_flight", "from write(2) until the one woken runs on a CPU which was busy",
             measured_.in_loop, busy_, "wake_busy");
    fit_wait("cpu.idle_exit",
             "from the decision to wake until the one woken is on the run queue of a CPU which slept",
             measured_.paused, far_, "woken_soon");
  }
  static constexpr std::string_view kSending[] = {"cpu.ipi_send"};
  /// What a CPU does that is waked, before it looks at its run queue.
  static constexpr std::string_view kArrival[] = {"cpu.idle_exit", "cpu.irq_entry",
                                                  "cpu.call_function_interrupt", "cpu.wake_remote"};

  /// The one cost is what is missing in a step, and all that varies in it. Found step by step: what else happens meanwhile may
  /// hide a part of it.
  void fit_wait(std::string_view name, std::string_view what, const StepTimes& machine,
                const Exercise& exercise, std::string_view step) {
    const Distribution* const all = find(machine, step);
    if (all == nullptr) return;
    ProfileCost& cost = cost_of(profile_, name);
    const Duration wanted = Duration::ns(all->percentile(500));
    cost.typical = {};
    for (int tries = 0; tries < 10; ++tries)
      cost.typical = std::max(Duration{}, cost.typical + wanted - on_model(exercise, step));
    cost.quantiles = quantiles(*all);
    for (Duration& value : cost.quantiles->values())
      value = std::max(Duration{}, value - wanted + cost.typical);
    cost.kind = "input", cost.source = in_words(what, *all);
  }

  std::vector<FittedStep> outcome() const {
    std::vector<FittedStep> steps;
    const auto add = [&](std::string_view condition, const StepTimes& machine, const Exercise& exercise) {
      const StepTimes before = times_on_model(exercise, base_), after = times_on_model(exercise, profile_);
      for (const auto& [step, model] : after) {
        if (const Distribution* const all = find(machine, step))
          steps.push_back({step, std::string(condition), *all, median(before, step), median(after, step)});
      }
    };
    add("in a loop", measured_.in_loop, loop_);
    add("in a loop", measured_.in_loop, near_);
    add("in a loop", measured_.in_loop, busy_);
    add("after 10 ms", measured_.paused, far_);
    add("after 10 ms", measured_.paused, paused_);
    add("after 50 ms", measured_.rested, rested_);
    add("served", measured_.served, served_);
    return steps;
  }

  const Profile& base_;
  Profile profile_;
  const Measured& measured_;
};

}  // namespace

Calibration calibrate(const Profile& base, const Measured& measured, std::string machine) {
  return Fit(base, measured).go(std::move(machine));
}

}  // namespace stackscope
