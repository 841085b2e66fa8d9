// `stackscope run`: what comes out, and what the shell is told.

#include <catch2/catch.hpp>
#include <regex>

#include "sim/recording_file.hpp"
#include "tests/command_line/support.hpp"

using namespace stackscope;

namespace {

const std::string kHolds = "[[expect]]\nthat = \"round_trip.n == 1\"\n";
const std::string kFails = "[[expect]]\nthat = \"round_trip.n == 7\"\n";

nlohmann::json json_of(const Words& words) {
  Words all{"run", "--json"};
  all.insert(all.end(), words.begin(), words.end());
  return nlohmann::json::parse(run_program(all).out);
}

}  // namespace

TEST_CASE("a scenario that holds ends with 0 and prints its table on stdout alone", "[cli]") {
  const Folder folder;
  const ProcessOutput run = run_program({"run", folder.write("small.toml", small_scenario(kHolds))});
  CHECK(run.exit_code == 0);
  CHECK(run.err.empty());
  CHECK(contains(run.out, "One request"));
  CHECK(contains(run.out, "three"));
}

TEST_CASE("an expectation that fails ends with 1, and the last line replays it", "[cli]") {
  const Folder folder;
  const std::string file = folder.write("small.toml", small_scenario(kFails));
  const ProcessOutput run = run_program({"run", file, "--seed", "9", "--set", "run.client.args.size=32B"});
  CHECK(run.exit_code == 1);
  CHECK(contains(run.out, "round_trip.n was 1"));
  CHECK(contains(run.out, file + ":"));
  const std::string line = last_line(run.out);
  CHECK(line.starts_with("stackscope run " + file +
                         " --variant baseline --seed 9 --set run.client.args.size=32B  #"));
  const std::string pasted = "cd / && " STACKSCOPE_PROGRAM + line.substr(std::string("stackscope").size());
  const ProcessOutput again = run_process("/bin/sh", {"sh", "-c", pasted});
  CHECK(again.exit_code == 1);
  CHECK(last_line(again.out) == line);
}

TEST_CASE("after several scenarios the last line still replays the first failure", "[cli]") {
  const Folder folder;
  folder.write("all/a.toml", small_scenario(kFails));
  folder.write("all/b.toml", small_scenario(kHolds));
  const ProcessOutput run = run_program({"run", folder.at("all")});
  CHECK(run.exit_code == 1);
  CHECK(last_line(run.out).starts_with("stackscope run " + folder.at("all/a.toml")));
  SECTION("--quiet leaves out what holds") {
    const ProcessOutput quiet = run_program({"run", folder.at("all"), "--quiet"});
    CHECK(contains(quiet.out, "a.toml"));
    CHECK(!contains(quiet.out, "b.toml"));
  }
}

TEST_CASE("ten mistakes are ten errors on stderr, and exit code 2", "[cli][errors]") {
  const ProcessOutput run = run_program({"run", "tests/command_line/data/ten_mistakes.toml"});
  CHECK(run.exit_code == 2);
  CHECK(run.out.empty());
  const std::string& text = run.err;
  const std::regex error(R"(ten_mistakes\.toml:\d+:\d+: error: )");
  CHECK(std::distance(std::sregex_iterator(text.begin(), text.end(), error), {}) == 10);
  const std::regex caret(R"(\n      \| +\^)");
  CHECK(std::distance(std::sregex_iterator(text.begin(), text.end(), caret), {}) == 10);
  CHECK(contains(text, "did you mean `round_trip`?"));
}

TEST_CASE("an unknown name in an expectation is told at its place before anything runs", "[cli][errors]") {
  const Folder folder;
  const std::string file = folder.write(
      "small.toml", small_scenario("[[expect]]\nvariant = \"three\"\nthat = \"\"\"\nround_trip.n == 3 and\n  "
                                   "round_tripp.n == 3\"\"\"\n"));
  const ProcessOutput run = run_program({"run", file});
  CHECK(run.exit_code == 2);
  CHECK(run.out.empty());
  CHECK(contains(run.err, "small.toml:28:3: error: "));
  CHECK(contains(run.err, "\n   28 |   round_tripp.n == 3\"\"\"\n      |   ^~~~~~~~~~~\n"));
}

TEST_CASE("an unknown name in a step's moment is told at its place, with the file's other errors",
          "[cli][errors]") {
  const Folder folder;
  const std::string step = "[[step]]\nsay = \"x\"\nat = ";
  const auto told = [&](const std::string& more) {
    const ProcessOutput run = run_program({"run", folder.write("small.toml", small_scenario(more))});
    CHECK(run.exit_code == 2);
    CHECK(run.out.empty());
    return run.err;
  };
  const std::string record = told(step + "\"first('sched:shed_waking')\"\n");
  INFO(record);
  CHECK(contains(record,
                 "small.toml:26:13: error: no record is called 'sched:shed_waking'; did you mean "
                 "'sched:sched_waking'?\n"));
  CHECK(contains(record,
                 "\n   26 | at = \"first('sched:shed_waking')\"\n"
                 "      |             ^~~~~~~~~~~~~~~~~~~\n"));
  CHECK(contains(told(step + "\"frist('sched:sched_waking')\"\n"), "small.toml:26:7: error: "));
  CHECK(contains(told(step + "\"first('sched:sched_waking'\"\n"), "small.toml:26:"));
  const std::string both =
      told("colour = 1\n" + step + "\"first('nothing')\"\n");  // another error: a run's key
  CHECK(contains(both, "'colour'"));
  CHECK(contains(both, "no record is called 'nothing'"));
}

TEST_CASE("a bad --set is shown with a caret", "[cli][errors]") {
  const ProcessOutput run =
      run_program({"run", "scenarios/first_request.toml", "--set", "host.server.cpsu=2"});
  CHECK(run.exit_code == 2);
  CHECK(contains(run.err, "--set:1:13: error: "));
  CHECK(contains(run.err, "    1 | host.server.cpsu=2\n      |             ^~~~\n"));
  CHECK(contains(run.err, "did you mean 'cpus'?"));
}

TEST_CASE("bad usage ends with 2 and says what was meant", "[cli][errors]") {
  const auto complaint = [](const Words& words) {
    const ProcessOutput run = run_program(words);
    CHECK(run.exit_code == 2);
    CHECK(run.out.empty());
    return run.err;
  };
  CHECK(contains(complaint({"run", "scenarios", "--recrod", "x"}), "did you mean '--record'?"));
  CHECK(contains(complaint({"rnu", "scenarios"}), "did you mean 'run'?"));
  CHECK(contains(complaint({"run", "scenarios/first_request.toml", "--variant", "staedy"}),
                 "did you mean 'steady'?"));
  CHECK(contains(complaint({"run", "scenarios/first_requst.toml"}),
                 "did you mean 'scenarios/first_request.toml'?"));
  CHECK(contains(complaint({"run", "first_request"}), "did you mean 'scenarios/first_request.toml'?"));
  CHECK(contains(complaint({"run", "scenarios", "--record", "x"}), "--record wants one run"));
  CHECK(contains(complaint({"run", "scenarios", "--json", "--tap"}), "--tap"));
  CHECK(contains(complaint({"run", "scenarios", "--until", "5sm"}), "--until"));
  CHECK(contains(complaint({"run", "scenarios", "--seed", "many"}), "--seed"));
  CHECK(contains(complaint({"run", "scenarios", "--expect-fingerprint", "123"}), "16 hexadecimal digits"));
  complaint({"run"});
  complaint({});
}

TEST_CASE("gui hands its arguments to the window's program", "[cli]") {
  const ProcessOutput help = run_program({"gui", "--help"});
  CHECK(help.exit_code == 0);
  CHECK(contains(help.out, "stackscope-gui --help"));
  const ProcessOutput wrong =
      run_program({"gui", "--no-such-option"});  // or there is none beside it, and it says so
  CHECK(wrong.exit_code != 0);
  CHECK(wrong.out.empty());
  CHECK((contains(wrong.err, "--no-such-option") || contains(wrong.err, "STACKSCOPE_GUI")));
}

TEST_CASE("nothing to run ends with 5", "[cli]") {
  const Folder folder;
  std::filesystem::create_directories(folder.at("empty"));
  const ProcessOutput run = run_program({"run", folder.at("empty")});
  CHECK(run.exit_code == 5);
  CHECK(contains(run.err, "no scenario is in"));
}

TEST_CASE("a limit ends with 4", "[cli]") {
  const Folder folder;
  const std::string file = folder.write("small.toml", small_scenario(kHolds));
  const ProcessOutput run = run_program({"run", file, "--variant", "baseline", "--set", "max_events=2"});
  CHECK(run.exit_code == 4);
  CHECK(contains(run.out, "a limit was reached"));
}

TEST_CASE("the fingerprint that one run printed is the one that the next must have", "[cli]") {
  const Words one{"scenarios/first_request.toml", "--variant", "steady"};
  const std::string fingerprint = json_of(one)["runs"][0]["fingerprint"];
  Words again{"run", "--quiet", "--expect-fingerprint", fingerprint};
  again.insert(again.end(), one.begin(), one.end());
  CHECK(run_program(again).exit_code == 0);
  again[3].back() = again[3].back() == '0' ? '1' : '0';
  const ProcessOutput other = run_program(again);
  CHECK(other.exit_code == 3);
  CHECK(contains(other.out, fingerprint));
}

TEST_CASE("with --variant one chooses, and a folder's scenarios that lack it are left out", "[cli]") {
  const auto runs = json_of({"scenarios", "--variant", "steady", "--variant", "two-cpus"})["runs"];
  REQUIRE(runs.size() == 2);
  CHECK(runs[0]["variant"] == "two-cpus");
  CHECK(runs[1]["variant"] == "steady");
}

TEST_CASE("a recording holds the run: the same records, the same fingerprint", "[cli][recording]") {
  const Folder folder;
  const std::string file = folder.at("first.stackscope");
  const auto run =
      json_of({"scenarios/first_request.toml", "--variant", "baseline", "--record", file})["runs"][0];
  const RecordingFile recording{std::filesystem::path(file)};
  CHECK(!recording.damage());
  CHECK(recording.size() == run["records"].get<std::uint64_t>());
  CHECK(fingerprints_of(recording).whole.text() == run["fingerprint"].get<std::string>());
}

TEST_CASE("a failed run is recorded where it was asked for, one that holds is not", "[cli][recording]") {
  const Folder folder;
  const std::string file = folder.write("small.toml", small_scenario(kFails));
  const auto runs = json_of({file, "--record-on-failure", folder.at("failed")})["runs"];
  const RecordingFile recording{std::filesystem::path(folder.at("failed/small.baseline.seed1.stackscope"))};
  CHECK(fingerprints_of(recording).whole.text() == runs[0]["fingerprint"].get<std::string>());
  CHECK(!std::filesystem::exists(folder.at("failed/small.three.seed1.stackscope")));
}

TEST_CASE("a recording that cannot be written is an error, not a crash", "[cli][recording]") {
  const ProcessOutput run = run_program({"run", "scenarios/first_request.toml", "--variant", "baseline",
                                         "--record", "/nonexistent/x.stackscope"});
  CHECK(run.exit_code == 2);
  CHECK(contains(run.err, "/nonexistent/x.stackscope"));
}

TEST_CASE("an expectation may ask the recording", "[cli][recording]") {
  const Folder folder;
  const std::string more =
      "[[expect]]\nthat = \"count('syscalls:sys_enter_write') > 0 and first('syscalls:sys_enter_write') > "
      "0\"\n"
      "[[expect]]\nthat = \"never('nic:frame_arrived')\"\n";
  const std::string file = folder.write("small.toml", small_scenario(more));
  CHECK(run_program({"run", file}).exit_code == 0);
  CHECK(
      run_program({"run", file, "--variant", "baseline", "--record", folder.at("x.stackscope")}).exit_code ==
      0);
}

TEST_CASE("threads change nothing of what is printed", "[cli][threads]") {
  const Words some{"scenarios/first_request.toml", "scenarios/thundering_herd.toml"};
  for (const std::string form : {"--json", "--tap", "--no-color"}) {
    const ProcessOutput one = run_program({"run", some[0], some[1], form});
    const ProcessOutput four = run_program({"run", some[0], some[1], form, "-j", "4"});
    CHECK(one.out == four.out);
    CHECK(one.err == four.err);
    CHECK(one.exit_code == four.exit_code);
  }
}

TEST_CASE("JUnit is written where it was asked for, and its schema accepts it", "[cli][junit]") {
  const Folder folder;
  const std::string scenario = folder.write("small.toml", small_scenario(kFails));
  const std::string file = folder.at("results/junit.xml");
  CHECK(run_program({"run", scenario, "--junit", file, "--quiet"}).exit_code == 1);
  CHECK(contains(read_all(file), "<failure"));
  if (!std::filesystem::exists("/usr/bin/xmllint")) {
    WARN("xmllint is not installed: the schema was not applied");
    return;
  }
  const ProcessOutput lint =
      run_process("/usr/bin/xmllint",
                  {"xmllint", "--noout", "--schema", STACKSCOPE_SOURCE_DIR "/tests/runner/junit.xsd", file});
  INFO(lint.err);
  CHECK(lint.exit_code == 0);
}

TEST_CASE("no colour reaches a pipe, whatever the environment says", "[cli]") {
  for (const Words& environment : {Words{}, Words{"NO_COLOR=1"}}) {
    const ProcessOutput run = run_program({"run", "scenarios/first_request.toml"}, environment);
    CHECK(!contains(run.out + run.err, "\x1b"));
  }
}
