#include <fmt/format.h>
#include <fstream>

#include "runner/calibrate/machine.hpp"
#include "runner/commands/commands.hpp"
#include "runner/results/cells.hpp"
#include "runner/verify/carry.hpp"

namespace stackscope {

namespace {

std::string table(const std::vector<FittedStep>& steps, Paint paint) {
  std::string out = paint.dim(fmt::format("{:<11}  {:<11}  {:>4}  {:>8}  {:>19}  {:>8}  {:>8}", "step",
                                          "when", "n", "median", "quartiles", "base", "model")) +
                    "\n";
  for (const FittedStep& step : steps) {
    const auto at = [&](int per_mille) { return short_duration(step.machine.percentile(per_mille)); };
    out += fmt::format("{:<11}  {:<11}  {:>4}  {:>8}  {:>19}  {:>8}  {:>8}\n", step.step, step.condition,
                       step.machine.n(), at(500), at(250) + ", " + at(750), short_duration(step.base.count()),
                       short_duration(step.model.count()));
  }
  return out;
}

constexpr std::string_view kPreface =
    "What each step costs on the machine on which `stackscope calibrate` was run. kind: input: scaled until "
    "the model's\n"
    "steps take as long as the machine's, recording included; all else is the base profile's.\n"
    "typical: in a loop; cold: on top, once, after the CPU has slept for as long as cpu.cooling.";

}  // namespace

ExitCode calibrate_command(const CalibrateRequest& request, const Console& console) {
  std::vector<Diagnostic> errors;
  const auto base = read_profile(request.base, errors);
  if (!base) {
    console.err << render(errors);
    return ExitCode::usage;
  }
  const auto cannot_write = [&] {
    console.err << fmt::format("stackscope calibrate: --out: '{}' cannot be written\n", request.out);
    return ExitCode::usage;
  };
  // Asked before all the measuring, and without harm to what is there.
  if (!request.out.empty() && !std::ofstream(request.out, std::ios::app)) return cannot_write();
  const std::vector<int> cpus = usable_cpus();
  std::vector<std::string> notes;
  const Measured measured = measure_machine(
      cpus, notes, [&](std::string_view what) { console.progress(fmt::format("measuring: {}", what)); });
  console.clear_progress();
  for (const std::string& note : notes) console.err << "stackscope calibrate: " << note << "\n";
  if (measured.in_loop.empty()) return ExitCode::nothing_matched;
  const Calibration made = calibrate(*base, measured, name_of_machine(cpus.size()));
  console.out << made.profile.machine << "\n\n" << table(made.steps, console.paint());
  if (request.out.empty()) return ExitCode::all_held;
  std::ofstream file(request.out, std::ios::binary);
  file << profile_text(made.profile, kPreface);
  file.close();
  return file ? ExitCode::all_held : cannot_write();
}

}  // namespace stackscope
