#include "runner/fuzz/fuzz.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "runner/fuzz/maker.hpp"

namespace stackscope {

namespace {

/// Compares programs on both kernels.
class Comparison {
 public:
  Comparison(const RunLua& model, const RunLua& real) : model_(model), real_(real) {}

  /// A difference that is there each time: the real kernel gives one answer three times of three, the model another.
  bool differs_steadily(const RandomProgram& program) {
    const std::string lua = to_lua(program);
    model_output = model_(lua);
    real_output = real_(lua);
    if (model_output == real_output) return false;
    for (int again = 0; again < 2; ++again) {
      if (real_(lua) != real_output) return unsteady = true, false;
    }
    return true;
  }

  KernelOutput model_output, real_output;
  bool unsteady = false;

 private:
  const RunLua &model_, &real_;
};

/// Leaves out statements, first many at a time, as long as the kernels still disagree. Delta debugging (Zeller 1999)
RandomProgram shortest(RandomProgram program, Comparison& comparison) {
  for (std::size_t chunk = std::max<std::size_t>(program.statements.size() / 2, 1);; chunk /= 2) {
    for (std::size_t at = 0; at < program.statements.size();) {
      RandomProgram shorter = program;
      const auto from = shorter.statements.begin() + static_cast<std::ptrdiff_t>(at);
      const std::size_t count = std::min(chunk, shorter.statements.size() - at);
      shorter.statements.erase(from, from + static_cast<std::ptrdiff_t>(count));
      if (comparison.differs_steadily(shorter)) {
        program = std::move(shorter);
      } else {
        at += chunk;
      }
    }
    if (chunk <= 1) break;
  }
  return program;
}

}  // namespace

FuzzReport fuzz(const FuzzRequest& request, const RunLua& model, const RunLua& real,
                const std::function<void(std::uint64_t)>& progress) {
  std::vector<const FuzzFamily*> families;
  for (const FuzzFamily& family : fuzz_families()) {
    if (request.only.empty() || request.only == family.name) families.push_back(&family);
  }
  FuzzReport report;
  for (std::uint64_t number = request.first; number < request.programs; number += request.step) {
    progress(number);
    const FuzzFamily& family = *families[number % families.size()];
    RandomProgram program = make_program(family, request.seed * 1'000'000 + number);
    ++report.programs;
    Comparison comparison(model, real);
    const bool differs = comparison.differs_steadily(program);
    report.coverage.add_program(to_lua(program));
    report.coverage.add_output(comparison.model_output.lines);
    report.unsteady += comparison.unsteady ? 1 : 0;
    if (!differs) continue;
    program = shortest(std::move(program), comparison);
    comparison.differs_steadily(program);
    report.difference = {std::move(program), comparison.model_output, comparison.real_output};
    break;
  }
  return report;
}

std::string describe(const FuzzDifference& difference) {
  std::string text = to_lua(difference.program);
  const auto& model = difference.model.lines;
  const auto& real = difference.real.lines;
  text += "\n";
  for (std::size_t i = 0; i < std::max(model.size(), real.size()); ++i) {
    const std::string here = i < model.size() ? model[i] : "(nothing)";
    const std::string there = i < real.size() ? real[i] : "(nothing)";
    text += here == there ? fmt::format("-- both   {}\n", here)
                          : fmt::format("-- model  {}\n-- real   {}\n", here, there);
  }
  if (difference.model.exit_code != difference.real.exit_code) {
    text += fmt::format("-- exit code: model {}, real {}\n", difference.model.exit_code,
                        difference.real.exit_code);
  }
  return text;
}

}  // namespace stackscope
