#pragma once
// Both kernels side by side: a scenario's programs on the model and on the kernel underneath, and what was measured on each.
//
// What is compared is what Measuring finds in the records, which have one format: of each metric all samples of the real runs
// together, beside those of the model's one run. Counts are judged, times are shown: what a machine's calls cost is another
// question, which docs/fidelity.md answers.
//
// Differs: the model draws its costs (jitter = "measured") where the scenario leaves jitter off, because a real machine does.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runner/metrics.hpp"
#include "runner/run_scenario.hpp"
#include "sim/time.hpp"

namespace stackscope {

class RealRunner;
struct CarriedOver;

struct VerifyOptions {
  std::vector<std::string> sets;        // "PATH=VALUE"
  std::string profile;                  // of every host; empty: the scenario's own
  int repeat = 5;                       // real runs
  Duration deadline = Duration::s(30);  // of each
};

/// How the samples of one metric on both kernels lie to each other.
enum class Likeness : std::uint8_t {
  kEqual,    // each value equally often on both
  kAlike,    // not so far apart that it needs a reason: see likeness_of()
  kDiffers,  // further
  kTime,     // a cost: not judged
};
std::string_view name_of(Likeness likeness);

struct ComparedMetric {
  std::string name, unit;
  Distribution model, real;
  double distance = 1;  // Kolmogorov and Smirnov's; 1 where one of them is empty
  /// The same between the first half of the real runs and the others: what the real kernel differs from itself. None of one run.
  std::optional<double> real_halves = {};
  Likeness likeness = Likeness::kDiffers;
};

/// One variant, compared; or why it was not.
struct VerifiedVariant {
  std::string variant, title;
  std::string not_comparable;  // a reason: nothing was run
  std::string failed;          // a run on either kernel did not come to its end
  std::vector<ComparedMetric> metrics;
  std::vector<std::string> notes;
  int real_runs = 0;
  // How often a thread of the real runs went on, and how often of these another program's had to stop for it.
  std::uint64_t switches = 0, switches_from_others = 0;

  bool is_compared() const { return not_comparable.empty() && failed.empty(); }
  std::size_t count(Likeness likeness) const;
};

struct Verified {
  std::optional<VerifiedVariant> result;
  std::vector<Diagnostic> errors;  // where there is none: a --set, or a cost profile
};

/// A distance of 0 is equal. Distances up to 0.2 are alike, and so is whatever chance alone would exceed once in a thousand
/// times between samples of these sizes from one distribution: c * sqrt((n + m) / (n * m)) with c = 1.95. Times are not judged.
Likeness likeness_of(const ComparedMetric& metric);

/// `on_run` hears before each real run which one it is, from 1.
class Verifier {
 public:
  Verifier();
  ~Verifier();
  Verified verify(const NamedScenario& named, const std::string& variant, const VerifyOptions& options,
                  const std::function<void(int run)>& on_run = {});

 private:
  std::unique_ptr<RealRunner> runner_;
};

/// What both measured, metric by metric in the order of the scenario's columns. `real`: what each run measured, in order.
std::vector<ComparedMetric> compared(const Metrics& model, std::span<const Metrics> real,
                                     const std::vector<LocatedText>& columns);

}  // namespace stackscope
