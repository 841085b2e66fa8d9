// `stackscope list`.

#include <catch2/catch.hpp>

#include "tests/command_line/support.hpp"

using namespace stackscope;

TEST_CASE("scenarios are listed with their variants, and found by a symptom", "[cli][list]") {
  const ProcessOutput all = run_program({"list"});
  CHECK(all.exit_code == 0);
  CHECK(contains(all.out, "first_request"));
  CHECK(contains(all.out, "each-exclusive"));
  const ProcessOutput herd = run_program({"list", "--symptom", "herds"});
  CHECK(herd.exit_code == 0);
  CHECK(contains(herd.out, "thundering_herd"));
  CHECK(!contains(herd.out, "first_request"));
  const auto best = [](const char* symptom) {  // what only the scenarios' own `symptoms` know
    const ProcessOutput found = run_program({"list", "--symptom", symptom});
    CHECK(found.exit_code == 0);
    return found.out.substr(0, found.out.find(' '));
  };
  CHECK(best("C10K") == "echo_10k");
  CHECK(best("my packets are dropped") == "echo_10k");
  CHECK(best("localhost latency") == "first_request");
  CHECK(best("uneven load") == "thundering_herd");
  CHECK(run_program({"list", "--symptom", "zeppelin"}).exit_code == 5);
  CHECK(run_program({"list", "--dir", "no/such/folder"}).exit_code == 5);
}

TEST_CASE("programs and knobs are listed under the names that scenarios use", "[cli][list]") {
  CHECK(contains(run_program({"list", "--programs"}).out, "echo_server"));
  const ProcessOutput knobs = run_program({"list", "--knobs"});
  CHECK(knobs.exit_code == 0);
  for (const char* name :
       {"until", "\nhost.NAME.\n", "\ncpus ", "\nnet.core.somaxconn ", "\nrun.NAME.\n", "\npolicy "}) {
    INFO(name);
    CHECK(contains(knobs.out, name));
  }
  CHECK(run_program({"list", "--knobs", "--programs"}).exit_code == 2);
}

TEST_CASE("the schema is JSON and has a place for every section", "[cli][list]") {
  const auto schema = nlohmann::json::parse(run_program({"list", "--schema"}).out);
  for (const char* section : {"host", "peer", "link", "run", "variant", "expect", "reference", "step"}) {
    INFO(section);
    CHECK(schema["properties"].contains(section));
  }
}
