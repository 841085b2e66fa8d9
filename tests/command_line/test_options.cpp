// Words of the command line that mean nothing, and what is said of them.

#include <catch2/catch.hpp>

#include "sim/recording_file.hpp"
#include "tests/command_line/support.hpp"

using namespace stackscope;

namespace {

std::string refused(const Words& words) {
  const ProcessOutput run = run_program(words);
  CHECK(run.exit_code == 2);
  CHECK(run.out.empty());
  return run.err;
}

}  // namespace

TEST_CASE("an empty value is refused by its option's name", "[cli][options]") {
  const std::string scenario = "scenarios/first_request.toml";
  for (const char* option : {"--variant", "--set", "--seed", "--until", "--on", "--deadline", "--record",
                             "--record-on-failure", "--junit", "--expect-fingerprint"}) {
    CHECK(contains(refused({"run", scenario, option, ""}), std::string(option) + ": its value is empty"));
  }
  CHECK(contains(refused({"run", scenario, ""}), "SCENARIO|DIR: its value is empty"));
  CHECK(contains(refused({"verify", scenario, "--json", ""}), "--json: its value is empty"));
  CHECK(contains(refused({"list", "--symptom", ""}), "--symptom: its value is empty"));
  CHECK(contains(refused({"fuzz", "--only", ""}), "--only: its value is empty"));
}

TEST_CASE("an option that can be given once and was given twice is named", "[cli][options]") {
  CHECK(contains(refused({"run", "scenarios/first_request.toml", "--junit", "/dev/null", "--junit", "/dev/null"}),
                 "--junit was given 2 times, and can be given once"));
}

TEST_CASE("the place of a bad --set is its number and its column", "[cli][options][errors]") {
  const auto told = [](const std::string& bad) {
    return refused({"run", "scenarios/first_request.toml", "--set", "host.server.cpus=2", "--set", bad});
  };
  const std::string profile = told("host.server.profile=linux-6.18-epyc-wm");
  CHECK(contains(profile, "--set:2:21: error: there is no profile 'linux-6.18-epyc-wm'\n"));
  CHECK(contains(profile, "    2 | host.server.profile=linux-6.18-epyc-wm\n      |                     ^~~"));
  CHECK(contains(profile, "did you mean 'linux-6.18-epyc-vm'?"));
  const std::string parameter = told("run.client.args.mesages=3");
  CHECK(contains(parameter, "--set:2:17: error: program 'echo_client' has no 'mesages'\n"));
  CHECK(contains(parameter, "did you mean 'messages'?"));
}

TEST_CASE("an unknown profile in a file is told at its place", "[cli][options][errors]") {
  const Folder folder;
  std::string text = small_scenario();
  text.replace(text.find("epyc-vm"), 7, "epyc-wm");
  const std::string error = refused({"run", folder.write("small.toml", text)});
  CHECK(contains(error, "small.toml:6:11: error: there is no profile 'linux-6.18-epyc-wm'"));
}

TEST_CASE("what means nothing to a Lua program is refused", "[cli][options][lua]") {
  const Folder folder;
  const std::string program = folder.write("p.lua", "print('ran')\n");
  for (const Words& more :
       {Words{"--variant", "x"}, Words{"--set", "a=1"}, Words{"-j", "2"}, Words{"--check-determinism"},
        Words{"--record-on-failure", folder.at("d")}, Words{"--junit", folder.at("j")}, Words{"--json"},
        Words{"--tap"}, Words{"--quiet"}}) {
    Words words{"run", program};
    words.insert(words.end(), more.begin(), more.end());
    CHECK(contains(refused(words), more.front() + " is for scenarios"));
  }
  CHECK(contains(refused({"run", program, "--on", "host", "--seed", "1"}), "--seed is the model's"));
  CHECK(contains(refused({"run", program, "--deadline", "1s"}), "--deadline is for --on host"));
  CHECK(contains(refused({"run", program, program, "--record", folder.at("r")}), "--record wants one run"));
  CHECK(contains(refused({"run", program, "--record", program}), "is what is to run"));
  CHECK(contains(refused({"run", program, "--record", "/nonexistent/r"}), "/nonexistent/r"));
}

TEST_CASE("a Lua program on the model can be given a time and a fingerprint", "[cli][options][lua]") {
  const Folder folder;
  const std::string program = folder.write("p.lua", "print('ran') nanosleep(ms(10)) print('slept')\n");
  const ProcessOutput cut = run_program({"run", program, "--until", "5ms"});
  CHECK(cut.exit_code == 4);
  CHECK(cut.out == "ran\n");
  CHECK(contains(cut.err, "given up after simulated time: 5ms"));
  const ProcessOutput other = run_program({"run", program, "--expect-fingerprint", "0123456789abcdef"});
  CHECK(other.exit_code == 3);
  const std::string found = other.err.substr(other.err.find("found ") + 6, 16);
  CHECK(run_program({"run", program, "--expect-fingerprint", found}).exit_code == 0);
}

TEST_CASE("a Lua program on the kernel underneath is recorded as on the model", "[cli][options][lua][real]") {
  const Folder folder;
  const std::string program = folder.write("p.lua", "local e = epoll_create1(0) close(e) print('ran')\n");
  const auto calls = [&](const char* kernel) {
    const std::string file = folder.at(std::string(kernel) + ".stackscope");
    const ProcessOutput run = run_program({"run", program, "--on", kernel, "--record", file});
    CHECK(run.exit_code == 0);
    CHECK(run.out == "ran\n");
    const RecordingFile recording{std::filesystem::path(file)};
    CHECK(!recording.damage());
    Words names;
    for (const RawRecord& record : recording.records()) {
      const std::string& name = recording.schema().kind(record.header.kind).name;
      if (name.starts_with("syscalls:") || name.starts_with("program:")) names.push_back(name);
    }
    return names;
  };
  const Words model = calls("model");
  CHECK(!model.empty());
  CHECK(calls("host") == model);
}
