// What views cost: folding a record, keeping a view, opening a long recording, going to any place in it.

#include <benchmark/benchmark.h>

#include "analysis/timeline.hpp"
#include "tests/analysis/random_machine.hpp"

namespace {

using namespace stackscope;
using namespace stackscope::testing;

/// So many records of a machine with so many connections; made once for each size.
class LongRun {
 public:
  LongRun(std::uint32_t sockets, std::uint64_t records)
      : schema_(Schema::of<Records>()), trace_(moment_, schema_, recording_) {
    moment_.place = {0, 0};
    const auto tell = [this](const auto& record) {
      moment_.now += Duration::ns(300);
      trace_.emit(record);
    };
    RandomMachine machine(tell, 1, sockets);
    while (recording_.size() < records) machine.step();
  }
  const MemoryRecording& recording() const { return recording_; }

 private:
  Moment moment_;
  Schema schema_;
  MemoryRecording recording_;
  Trace trace_;
};

const MemoryRecording& long_run(std::int64_t sockets) {
  static const LongRun few(100, 1'000'000), many(50'000, 1'000'000);
  return (sockets == 100 ? few : many).recording();
}

void fold_records(benchmark::State& state) {
  const MemoryRecording& recording = long_run(state.range(0));
  for (auto _ : state) {
    SimulationView view(recording.schema());
    for (const RawRecord& record : recording.records()) view.apply(record);
    benchmark::DoNotOptimize(view.run.problems);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(recording.size()));
}
BENCHMARK(fold_records)->Arg(100)->Arg(50'000)->Unit(benchmark::kMillisecond);

/// Folding with kept views: what a window does when it opens a recording.
void open_recording(benchmark::State& state) {
  const MemoryRecording& recording = long_run(state.range(0));
  for (auto _ : state) {
    Timeline timeline(recording);
    benchmark::DoNotOptimize(timeline.at(RecordId{recording.size()}).run.problems);
    state.counters["views"] = static_cast<double>(timeline.kept_views());
    state.counters["KiB/view"] =
        static_cast<double>(timeline.kept_bytes()) / 1024 / static_cast<double>(timeline.kept_views());
  }
}
BENCHMARK(open_recording)->Arg(100)->Arg(50'000)->Unit(benchmark::kMillisecond);

void copy_view(benchmark::State& state) {
  const MemoryRecording& recording = long_run(state.range(0));
  SimulationView view(recording.schema());
  for (const RawRecord& record : recording.records()) view.apply(record);
  for (auto _ : state) {
    SimulationView copy = view;
    benchmark::DoNotOptimize(copy.run.problems);
  }
  state.counters["whole KiB"] =
      static_cast<double>(view.bytes_beside(SimulationView(recording.schema()))) / 1024;
}
BENCHMARK(copy_view)->Arg(100)->Arg(50'000);

void seek_at_random(benchmark::State& state) {
  const MemoryRecording& recording = long_run(state.range(0));
  Timeline timeline(recording);
  Cursor cursor(timeline);
  cursor.seek(RecordId{recording.size()});
  Dice dice(2);
  for (auto _ : state) cursor.seek(RecordId{dice.below(recording.size() + 1)});
}
BENCHMARK(seek_at_random)->Arg(100)->Arg(50'000)->Unit(benchmark::kMicrosecond);

void step_back(benchmark::State& state) {
  const MemoryRecording& recording = long_run(state.range(0));
  Timeline timeline(recording);
  Cursor cursor(timeline);
  cursor.seek(RecordId{recording.size()});
  for (auto _ : state) {
    if (cursor.position().value == 0) cursor.seek(RecordId{recording.size()});
    cursor.step(-1);
  }
}
BENCHMARK(step_back)->Arg(50'000)->Unit(benchmark::kMicrosecond);

}  // namespace
