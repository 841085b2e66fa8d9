#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "runner/session.hpp"

using namespace stackscope;

namespace {

ResolvedScenario resolved(const std::string& file, const std::string& variant = std::string(kBaseline),
                          const std::vector<std::string>& sets = {}) {
  const LoadedScenario loaded = load_scenario_file(STACKSCOPE_SOURCE_DIR "/scenarios/" + file + ".toml");
  INFO(render(loaded.errors));
  REQUIRE(loaded.scenario);
  Resolution resolution = resolve(*loaded.scenario, variant, sets);
  INFO(render(resolution.errors));
  REQUIRE(resolution.scenario);
  return *resolution.scenario;
}

std::unique_ptr<Session> open(const ResolvedScenario& scenario, const SessionOptions& options = {}) {
  std::vector<Diagnostic> errors;
  auto session = Session::open(scenario, options, errors);
  INFO(render(errors));
  REQUIRE(session != nullptr);
  return session;
}

const std::vector<std::string> kFewClients{"run.clients.args.clients=50", "run.clients.args.messages=3"};

}  // namespace

TEST_CASE("without the fast path every charge is an event, and nothing else differs",
          "[session][determinism]") {
  const auto scenario =
      GENERATE(resolved("first_request", "two-cpus"), resolved("thundering_herd", "shared"),
               resolved("thundering_herd", "wire"), resolved("echo_10k", "baseline", kFewClients));
  const auto fast = open(scenario), slow = open(scenario, SessionOptions{.has_fast_path = false});
  fast->run();
  slow->run();
  CHECK(slow->events() > fast->events());
  CHECK(slow->records() == fast->records());
  CHECK(slow->result().fingerprint == fast->result().fingerprint);
}

TEST_CASE("where the records go changes none of them", "[session]") {
  const ResolvedScenario scenario = resolved("first_request");
  const auto hashed = open(scenario), kept = open(scenario, SessionOptions{.keep = Keep::kMemory});
  hashed->run();
  kept->run();
  CHECK(hashed->result().fingerprint == kept->result().fingerprint);
  CHECK(kept->recording().size() == kept->records());
}

TEST_CASE("a session goes as far as it is told, and its recording so far can be read", "[session]") {
  const auto session = open(resolved("thundering_herd", "each"), SessionOptions{.keep = Keep::kMemory});
  CHECK(session->records() == session->recording().size());
  REQUIRE(session->run_until(Instant::at(Duration::ms(25))));
  CHECK(session->now() <= Instant::at(Duration::ms(25)));
  const std::uint64_t then = session->records();
  REQUIRE(session->run_to_record(then + 100));
  CHECK(session->records() >= then + 100);
  CHECK(session->recording().at(RecordId{then + 100}).header.at >= Instant::at(Duration::ms(20)));
  session->run();
  CHECK(session->is_over());
  CHECK_FALSE(session->step());
  CHECK(session->result().completed());

  const auto at_once = open(resolved("thundering_herd", "each"));
  at_once->run();
  CHECK(at_once->result().fingerprint == session->result().fingerprint);
}

TEST_CASE("jitter draws costs from their quartiles, the same for the same seed", "[session][jitter]") {
  const ResolvedScenario scenario =
      resolved("thundering_herd", "each", {"host.server.jitter=measured", "run.clients.args.connections=20"});
  const auto print = [&](std::int64_t seed) {
    const auto session = open(scenario, SessionOptions{.seed = seed});
    session->run();
    return session->result().fingerprint;
  };
  CHECK(print(1) == print(1));
  CHECK(print(1) != print(2));
}

TEST_CASE("a run that reaches its time ends with that limit", "[session]") {
  // Both ends write 64 MiB before they read: neither can go on, and zero-window probes keep the timers busy.
  const auto session = open(resolved("first_request", "baseline", {"run.client.args.size=64MiB"}));
  session->run();
  const RunResult result = session->result();
  const auto* const limit = std::get_if<LimitReached>(&result.outcome);
  CAPTURE(result.outcome.index(), result.simulated_ns);
  REQUIRE(limit != nullptr);
  CHECK(limit->what.starts_with("simulated time"));
}

TEST_CASE("the scenarios together tell at least thirty kinds of record", "[session]") {
  std::set<std::string> kinds;
  for (const auto& scenario :
       {resolved("first_request", "two-cpus"), resolved("thundering_herd", "wire"),
        resolved("thundering_herd", "blocking-poll"), resolved("echo_10k", "baseline", kFewClients)}) {
    const auto session = open(scenario, SessionOptions{.keep = Keep::kMemory});
    session->run();
    const MemoryRecording& recording = session->recording();
    for (std::uint64_t i = 1; i <= recording.size(); ++i) {
      kinds.insert(recording.schema().kind(recording.at(RecordId{i}).header.kind).name);
    }
  }
  CHECK(kinds.size() >= 30);
}
