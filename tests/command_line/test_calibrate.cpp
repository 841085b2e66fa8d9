// `stackscope calibrate`: what it is asked, and what the shell is told. What it measures is tested in tests/parity.

#include <catch2/catch.hpp>

#include "tests/command_line/support.hpp"

using namespace stackscope;

TEST_CASE("calibrate explains itself, with examples", "[cli][calibrate]") {
  const ProcessOutput help = run_program({"calibrate", "--help"});
  CHECK(help.exit_code == 0);
  for (const char* said : {"--out", "--base", "--profile", "Examples:", "Exit codes:"}) {
    INFO(said);
    CHECK(contains(help.out, said));
  }
}

TEST_CASE("calibrate refuses what it does not understand, before it measures", "[cli][calibrate]") {
  CHECK(contains(run_program({"calibrate", "--base", "linux-6.18-epic-vm"}).err,
                 "did you mean 'linux-6.18-epyc-vm'?"));
  CHECK(run_program({"calibrate", "--base", "no/such.toml"}).exit_code == 2);
  CHECK(run_program({"calibrate", "--uot", "x.toml"}).exit_code == 2);
  const ProcessOutput lost = run_program({"calibrate", "--out", "no/such/folder/x.toml"});
  CHECK(lost.exit_code == 2);
  CHECK(contains(lost.err, "cannot be written"));
}

TEST_CASE("a scenario may name a profile that is a file", "[cli][calibrate]") {
  const ProcessOutput missing =
      run_program({"run", "scenarios/first_request.toml", "--set", "host.server.profile=no/such.toml"});
  CHECK(missing.exit_code == 2);
  CHECK(contains(missing.err, "cannot be read"));
  const ProcessOutput built_in = run_program({"run", "scenarios/first_request.toml"});
  const ProcessOutput same = run_program({"run", "scenarios/first_request.toml", "--set",
                                          "host.server.profile=assets/profiles/linux-6.18-epyc-vm.toml"});
  CHECK(same.exit_code == 0);
  CHECK(same.out == built_in.out);
}
