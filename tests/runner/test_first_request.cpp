// One request and its answer, and what else happens around a connection, against what the real kernel does: the same
// events in the same order.

#include <catch2/catch.hpp>

#include "runner/session.hpp"
#include "tests/runner/kernel_events.hpp"

using namespace stackscope;
using namespace stackscope::test;

namespace {

/// The scenario's run, with its recording.
std::unique_ptr<Session> recorded(const std::string& variant) {
  const LoadedScenario loaded =
      load_scenario_file(std::string(STACKSCOPE_SOURCE_DIR) + "/scenarios/first_request.toml");
  INFO(render(loaded.errors));
  REQUIRE(loaded.scenario);
  const Resolution resolution = resolve(*loaded.scenario, variant, {});
  REQUIRE(resolution.scenario);
  std::vector<Diagnostic> errors;
  auto session = Session::open(
      *resolution.scenario,
      {.keep = Keep::kMemory, .file = {}, .seed = {}, .until = {}, .has_fast_path = true}, errors);
  REQUIRE(errors.empty());
  session->run();
  return session;
}

}  // namespace

TEST_CASE("first_request emits the kernel's events in the kernel's order", "[golden][request]") {
  const auto measured = measured_events("first_request.events");
  REQUIRE(measured.size() == 57);
  const auto session = recorded(std::string(kBaseline));
  const auto modelled =
      last_from(modelled_events(session->recording()), measured.front().text, measured.size());
  CHECK(texts(modelled) == texts(measured));
}
