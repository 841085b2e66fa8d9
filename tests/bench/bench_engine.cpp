// What the engine costs: a hold of the queue, a charge with and without a switch.

#include <benchmark/benchmark.h>
#include <deque>
#include <memory>
#include <vector>

#include "kernel_model/host/processors.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/engine.hpp"
#include "sim/random.hpp"
#include "sim/sink.hpp"
#include "sim/trace.hpp"

using namespace stackscope;

namespace {

/// An event that schedules itself again at a random distance: the classic hold model of event queues.
struct Holder {
  Holder(Engine& e, std::vector<std::int64_t>& d) : engine(e), distances(d) {}
  void fire() {
    engine.schedule(event, engine.now() + Duration::ns(distances[next++ % 4096]), Rank::timers());
  }
  Engine& engine;
  std::vector<std::int64_t>& distances;
  std::size_t next = 0;
  Event event = Event::calling<&Holder::fire>(*this);
};

void hold(benchmark::State& state) {
  Engine engine;
  RandomStream random{1, "hold"};
  std::vector<std::int64_t> distances;
  for (int i = 0; i < 4096; ++i) distances.push_back(random.between(1, 2'000'000));
  std::deque<Holder> holders;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    Holder& holder = holders.emplace_back(engine, distances);
    holder.next = static_cast<std::size_t>(i) * 7;
    holder.fire();
  }
  for (auto _ : state) engine.step();
}
BENCHMARK(hold)->Arg(10)->Arg(1'000)->Arg(10'000)->Arg(100'000);

/// CPUs whose one task charges for ever.
struct Machine {
  explicit Machine(std::uint8_t cpus) : processors(engine, trace, 1, cpus, tick, costs) {
    for (std::uint8_t n = 0; n < cpus; ++n) {
      TaskAttributes attributes{.comm = "hog", .process = {}, .affinity = CpuMask{1} << n};
      processors.scheduler().create(std::move(attributes), [this] {
        for (;;) {
          processors.scheduler().cpu().charge(Duration::ns(100));
          ++charges;
        }
      });
    }
  }
  Engine engine;
  HashOnly sink;
  Schema schema = Schema::of<Records>();
  Trace trace{engine.moment(), schema, sink};
  CpuCosts costs;
  Tick tick{Hz{250}, Duration{}};
  std::uint64_t charges = 0;
  Processors processors;
};

/// Alone on its CPU every charge takes the fast path; two CPUs that charge alike switch at each.
void charge(benchmark::State& state) {
  Machine machine{static_cast<std::uint8_t>(state.range(0))};
  machine.engine.run_until(Instant::ns(1'000'000));
  machine.charges = 0;
  std::int64_t ms = 1;
  for (auto _ : state) machine.engine.run_until(Instant::ns(++ms * 1'000'000));
  state.counters["ns_per_charge"] = benchmark::Counter(
      static_cast<double>(machine.charges) * 1e-9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(charge)->Arg(1)->Arg(2)->Arg(8);

}  // namespace
