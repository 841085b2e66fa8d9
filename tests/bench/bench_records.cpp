// What a record costs: told and hashed only, into memory, into a file; and read again.

#include <benchmark/benchmark.h>
#include <sstream>
#include <streambuf>

#include "sim/recording_file.hpp"
#include "sim/recording_writer.hpp"
#include "tests/sim/example_run.hpp"

namespace {

using namespace stackscope;
using namespace stackscope::examples;

/// Counts what is written and keeps nothing: the disk is not what is measured.
class Discard : public std::streambuf {
 protected:
  int_type overflow(int_type c) override { return c; }
  std::streamsize xsputn(const char*, std::streamsize count) override { return count; }
};

// What a run's records are like: mostly small, time moves on, ids count up.
void tell(Trace& trace, std::uint32_t i) {
  trace.moment().now += Duration::ns(350 + i % 7);
  switch (i % 4) {
    case 0:
      trace.emit(FrameArrived{QueueId{1}, i % 256, 74});
      break;
    case 1:
      trace.emit(Ticked{});
      break;
    default:
      trace.emit(Returned{i % 1448});
  }
}

void tell_all(benchmark::State& state, RecordSink& sink) {
  Moment moment;
  const Schema schema = Schema::of<Records>();
  Trace trace(moment, schema, sink);
  std::uint32_t i = 0;
  for (auto _ : state) tell(trace, ++i);
  benchmark::DoNotOptimize(trace.finish());
  state.SetItemsProcessed(state.iterations());
}

void record_hash_only(benchmark::State& state) {
  HashOnly sink;
  tell_all(state, sink);
}
BENCHMARK(record_hash_only);

// One run after another with the same chunks, as a session has it.
void record_memory(benchmark::State& state) {
  const auto pool = std::make_shared<ChunkPool>();
  const Schema schema = Schema::of<Records>();
  for (auto _ : state) {
    MemoryRecording recording(pool);
    Moment moment;
    Trace trace(moment, schema, recording);
    for (std::uint32_t i = 0; i < 1'000'000; ++i) tell(trace, i);
  }
  state.SetItemsProcessed(state.iterations() * 1'000'000);
}
BENCHMARK(record_memory)->Unit(benchmark::kMillisecond);

void record_file(benchmark::State& state) {
  Discard discard;
  std::ostream out(&discard);
  RecordingWriter writer(out, {.level = static_cast<int>(state.range(0))});
  tell_all(state, writer);
  state.counters["bytes/record"] =
      static_cast<double>(writer.bytes_written()) / static_cast<double>(state.iterations());
}
BENCHMARK(record_file)->Arg(-5)->Arg(1)->Arg(3);

void read_forward(benchmark::State& state) {
  MemoryRecording recording;
  run_example(recording, 1, 1'000'000);
  for (auto _ : state) {
    std::uint64_t sum = 0;
    for (const RawRecord& record : recording.records()) sum += record.fields.size();
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * 1'000'000);
}
BENCHMARK(read_forward)->Unit(benchmark::kMillisecond);

void read_at_random(benchmark::State& state) {
  MemoryRecording recording;
  run_example(recording, 1, 1'000'000);
  Lcg random(2);
  for (auto _ : state) benchmark::DoNotOptimize(recording.at(RecordId{1 + random.below(1'000'000)}));
}
BENCHMARK(read_at_random);

}  // namespace
