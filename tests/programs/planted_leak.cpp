// A small run that leaks something of this machine into its records on purpose, checked as the command line checks scenarios:
//
//     planted_leak none|address|clock|pointer-order
//
// Ends as `stackscope run --check-determinism` would: with 3 where the leak was caught.

#include <chrono>
#include <fmt/format.h>
#include <functional>
#include <iostream>
#include <memory>
#include <set>
#include <string_view>

#include "runner/determinism.hpp"
#include "runner/results/check_result.hpp"
#include "runner/results/exit_code.hpp"
#include "runner/results/json.hpp"
#include "sim/recording_writer.hpp"
#include "sim/trace.hpp"
#include "tests/sim/example_records.hpp"

using namespace stackscope;
using examples::Everything;
using examples::Returned;
using examples::Said;

namespace {

/// Things that are made one after another, and told in some order.
struct Thing {
  std::int64_t number;
};

std::vector<std::unique_ptr<Thing>> some_things() {
  std::vector<std::unique_ptr<Thing>> things;
  for (std::int64_t i = 0; i < 8; ++i) things.push_back(std::make_unique<Thing>(Thing{i}));
  return things;
}

void emit_all(Trace& trace, std::string_view leak) {
  const auto things = some_things();
  std::set<const Thing*, std::less<>> by_address;
  for (const auto& thing : things) {
    by_address.insert(thing.get());
    trace.moment().now += Duration::us(1);
    trace.emit(Returned{thing->number});
  }
  if (leak == "address") {
    Everything record;
    record.u64 = reinterpret_cast<std::uint64_t>(things.front().get());
    trace.emit(record);
  } else if (leak == "clock") {
    trace.emit(Returned{std::chrono::steady_clock::now().time_since_epoch().count()});
  } else if (leak == "pointer-order") {
    for (const Thing* thing : by_address) trace.emit(Returned{thing->number});
  }
  trace.emit(Said{trace.intern("the end")});
}

RunResult run(const std::string& leak, const std::string& file) {
  const Schema schema = Schema::of<examples::Records>();
  std::unique_ptr<RecordSink> sink = std::make_unique<HashOnly>();
  if (!file.empty()) sink = std::make_unique<RecordingWriter>(std::filesystem::path(file));
  Moment moment;
  Trace trace(moment, schema, *sink);
  emit_all(trace, leak);
  RunResult result;
  result.scenario = "planted_leak", result.variant = leak;
  const Fingerprints fingerprints = trace.fingerprints();
  result.fingerprint = fingerprints.whole.text();
  constexpr const char* kLayerNames[] = {"wire", "kernel", "calls", "program"};
  for (std::size_t i = 0; i < kLayers; ++i) {
    result.layers.emplace_back(kLayerNames[i], fingerprints.layers[i].text());
  }
  trace.finish();
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::string leak = arguments.at(0);
  std::string record;
  bool is_second = false;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    if (arguments[i] == "--record") record = arguments.at(i + 1);
    is_second |= arguments[i] == kSecondProcessOption;
  }
  if (is_second) {
    const KeptBlocks scattered = scatter_memory();
    std::cout << results_json(std::vector{run(leak, record)}, "test");
    return 0;
  }
  RunResult first = run(leak, "");
  const RunHere here = [&](const std::string& file) { return run(leak, file); };
  if (auto outcome = difference_between_processes(first, here, {{leak}})) first.outcome = *std::move(outcome);
  std::cout << outcome_detail(first.outcome) << "\n";
  return static_cast<int>(exit_code_of(first));
}
