// What whole scenarios cost: events a second, simulated time, memory an endpoint.

#include <benchmark/benchmark.h>
#include <malloc.h>
#include <stdexcept>
#include <string>
#include <vector>

#include "runner/session.hpp"

using namespace stackscope;

namespace {

ResolvedScenario echo(const std::vector<std::string>& sets) {
  const LoadedScenario loaded = load_scenario_file(STACKSCOPE_SOURCE_DIR "/scenarios/echo_10k.toml");
  if (!loaded.scenario) throw std::runtime_error(render(loaded.errors));
  Resolution resolution = resolve(*loaded.scenario, kBaseline, sets);
  if (!resolution.scenario) throw std::runtime_error(render(resolution.errors));
  return *resolution.scenario;
}

std::unique_ptr<Session> opened(const ResolvedScenario& scenario, Keep keep) {
  std::vector<Diagnostic> errors;
  auto session = Session::open(
      scenario, SessionOptions{.keep = keep, .file = "/dev/null", .seed = {}, .until = {}}, errors);
  if (session == nullptr) throw std::runtime_error(render(errors));
  return session;
}

/// 10,000 clients, 10 messages each; the recording is hashed only, kept in memory, or written to a file.
void echo_10k(benchmark::State& state) {
  const ResolvedScenario scenario = echo({});
  std::uint64_t events = 0, records = 0;
  std::int64_t simulated_ns = 0;
  for (auto _ : state) {
    const auto session = opened(scenario, static_cast<Keep>(state.range(0)));
    session->run();
    events += session->events();
    records += session->records();
    simulated_ns += session->now().count();
  }
  using benchmark::Counter;
  state.counters["events/s"] = Counter(static_cast<double>(events), Counter::kIsRate);
  state.counters["records/s"] = Counter(static_cast<double>(records), Counter::kIsRate);
  state.counters["simulated_s/s"] = Counter(static_cast<double>(simulated_ns) * 1e-9, Counter::kIsRate);
}
BENCHMARK(echo_10k)
    ->Arg(static_cast<int>(Keep::kNothing))
    ->Arg(static_cast<int>(Keep::kMemory))
    ->Arg(static_cast<int>(Keep::kFile))
    ->Unit(benchmark::kMillisecond);

/// Heap in use while all clients are connected, over both ends of each connection: the crowd's, which is a socket, and the
/// server's, which also has a file, a descriptor, a wait queue and an epoll item.
void bytes_an_endpoint(benchmark::State& state) {
  constexpr std::int64_t kClients = 10'000;
  double bytes = 0;
  for (auto _ : state) {
    // Each client is connected and waits for a minute before its second message.
    const ResolvedScenario scenario = echo({"run.clients.args.think=60s", "run.clients.args.messages=2"});
    const auto session = opened(scenario, Keep::kNothing);
    const std::size_t before = mallinfo2().uordblks;
    session->run_until(Instant::at(Duration::s(5)));
    bytes = static_cast<double>(mallinfo2().uordblks - before) / (2.0 * kClients);
  }
  state.counters["bytes"] = bytes;
}
BENCHMARK(bytes_an_endpoint)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
