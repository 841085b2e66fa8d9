// `stackscope verify`: what it is asked, and what the shell is told. The comparison itself is tested on both kernels in
// tests/parity.

#include <catch2/catch.hpp>

#include "tests/command_line/support.hpp"

using namespace stackscope;

TEST_CASE("verify explains itself, with examples", "[cli][verify]") {
  const ProcessOutput help = run_program({"verify", "--help"});
  CHECK(help.exit_code == 0);
  for (const char* said :
       {"--variant", "--repeat", "--deadline", "--json", "--set", "Examples:", "Exit codes:"}) {
    INFO(said);
    CHECK(contains(help.out, said));
  }
}

TEST_CASE("verify refuses what it does not understand", "[cli][verify]") {
  CHECK(run_program({"verify"}).exit_code == 2);
  CHECK(run_program({"verify", "no/such.toml"}).exit_code == 2);
  CHECK(contains(run_program({"verify", "scenarios"}).err, "name one scenario"));
  const std::string herd = "scenarios/thundering_herd.toml";
  CHECK(contains(run_program({"verify", herd, "--variant", "eech"}).err, "did you mean 'each'?"));
  CHECK(run_program({"verify", herd, "--repeat", "0"}).exit_code == 2);
  CHECK(run_program({"verify", herd, "--deadline", "soon"}).exit_code == 2);
  CHECK(run_program({"verify", herd, "--set", "host.server.cpuz=2"}).exit_code == 2);
}

TEST_CASE("where nothing can be compared verify says why, and ends with 5", "[cli][verify]") {
  const Folder folder;
  const ProcessOutput no =
      run_program({"verify", "scenarios/echo_10k.toml", "--json", folder.at("out.json")});
  CHECK(no.exit_code == 5);
  CHECK(contains(no.out, "not comparable: a process may not have 20,000 descriptors"));
  CHECK(contains(no.out, "nothing was compared"));
  const auto json = nlohmann::json::parse(read_all(folder.at("out.json")));
  CHECK(json["variants"][0].contains("not_comparable"));
  const ProcessOutput wire = run_program({"verify", "scenarios/thundering_herd.toml", "--variant", "wire"});
  CHECK(wire.exit_code == 5);
  CHECK(contains(wire.out, "not comparable: 'clients' runs on peer 'remote'"));
}
