// Lua programs in scenarios: what they are told, what a variant may change, what comes of their marks and errors.

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "runner/name_checks.hpp"
#include "runner/run_scenario.hpp"

using namespace stackscope;

namespace {

/// A folder with a scenario and its programs, gone with the test.
class Folder {
 public:
  Folder() { std::filesystem::create_directories(path_); }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const std::string& name, const std::string& text) const { std::ofstream(path_ / name) << text; }
  /// One run of `program` on a host of its own, with `more` lines in its table, and `rest` below it.
  LoadedScenario load(const std::string& program, const std::string& more,
                      const std::string& rest = "") const {
    write("s.toml", "version = 1\ntitle = \"t\"\n[host.a]\n[[run]]\nname = \"r\"\nprogram = \"" + program +
                        "\"\non = \"a\"\n" + more + "\n" + rest);
    return load_checked_scenario((path_ / "s.toml").string());
  }
  std::string errors(const std::string& program, const std::string& more,
                     const std::string& rest = "") const {
    return render(load(program, more, rest).errors);
  }

 private:
  const std::filesystem::path path_ = std::filesystem::temp_directory_path() / "stackscope_test_scenario_lua";
};

RunResult run(const Scenario& scenario, std::vector<std::string> sets = {},
              const char* variant = "baseline") {
  RunOptions options;
  options.sets = std::move(sets);
  const ScenarioRun run = run_one({"s", "s.toml", &scenario}, variant, options);
  INFO(render(run.errors));
  REQUIRE(run.result);
  return *run.result;
}

/// Fails with what it was told, so that the test can read it.
const char* const kTells = R"(
error(table.concat({tostring(args.n), tostring(args.yes), args.word, tostring(args.wait), tostring(args.size), args.to}, " "), 0)
)";
const char* const kArgs =
    R"(args = { n = 3, yes = true, word = "plain", wait = "2ms", size = "4KiB", to = "a:80" })";

}  // namespace

TEST_CASE("a Lua program finds its arguments in `args`, with units and addresses resolved",
          "[scenario][lua]") {
  const Folder folder;
  folder.write("p.lua", kTells);
  const LoadedScenario loaded = folder.load("p.lua", kArgs, "[variant.v]\n\"run.r.args.n\" = 4\n");
  INFO(render(loaded.errors));
  REQUIRE(loaded.scenario);
  const auto told = [&](const RunResult& result) {
    REQUIRE(result.expectations.size() == 1);
    CHECK(!result.passed());
    CHECK(result.expectations[0].that == "run 'r' ends without an error");
    return result.expectations[0].detail;
  };
  const std::string words = told(run(*loaded.scenario));
  CHECK(words.starts_with("3 true plain 2000000 4096 "));
  CHECK(words.ends_with(":80"));
  CHECK(words.find("a:80") == std::string::npos);
  CHECK(told(run(*loaded.scenario, {}, "v")).starts_with("4 true"));
  CHECK(told(run(*loaded.scenario, {"run.r.args.wait=1s", "run.r.args.yes=false"}))
            .starts_with("3 false plain 1000000000"));
}

TEST_CASE("what a Lua program is told is known from the scenario alone", "[scenario][lua]") {
  const Folder folder;
  folder.write("p.lua", "print(args.n)");
  const auto refused = [&](const std::string& variant) {
    return folder.errors("p.lua", kArgs, "[variant.v]\n" + variant + "\n");
  };
  CHECK_THAT(refused("\"run.r.args.m\" = 4"),
             Catch::Contains("tells 'p.lua' no 'm'") && Catch::Contains("s.toml:10:"));
  CHECK_THAT(refused("\"run.r.args.n\" = \"4KiB\""),
             Catch::Contains("'n' is an integer in the scenario itself, and here a size"));
  CHECK_THAT(refused("\"run.r.args.wait\" = 4"), Catch::Contains("is a duration"));
  CHECK_THAT(folder.errors("p.lua", "args = { x = 1.5 }"), Catch::Contains("takes no"));
}

TEST_CASE("a Lua file that cannot run is an error of the scenario", "[scenario][lua]") {
  const Folder folder;
  CHECK_THAT(folder.errors("none.lua", ""),
             Catch::Contains("none.lua' cannot be read: No such file") && Catch::Contains("s.toml:6:11"));
  folder.write("bad.lua", "x = = 1\n");
  CHECK_THAT(folder.errors("bad.lua", ""), Catch::Contains("bad.lua:1: unexpected symbol near '='"));
  folder.write("p.lua", "");
  CHECK_THAT(folder.errors("p.lua", "threads = 2"), Catch::Contains("starts with one thread"));
}

TEST_CASE("the names that a Lua program marks are metrics", "[scenario][lua]") {
  const Folder folder;
  folder.write(
      "p.lua",
      R"(for i = 1, 3 do mark_begin("nap"); nanosleep(ms(2)); mark_end("nap") end; mark_begin 'open')");
  const std::string expects = "[[expect]]\nthat = \"nap.n == 3 and nap.min >= ms(2) and open.n == 0\"\n";
  const LoadedScenario loaded = folder.load("p.lua", "", expects);
  INFO(render(loaded.errors));
  REQUIRE(loaded.scenario);
  CHECK(run(*loaded.scenario).passed());
  CHECK_THAT(folder.errors("p.lua", "", "[[expect]]\nthat = \"nip.n == 3\"\n"), Catch::Contains("nip"));
}

TEST_CASE("nobody waits for a program that serves", "[scenario][lua]") {
  const Folder folder;
  folder.write("server.lua", "nanosleep(s(1000))");
  folder.write("p.lua", "nanosleep(ms(1))");
  const LoadedScenario loaded = folder.load(
      "p.lua", "", "[[run]]\nname = \"server\"\nprogram = \"server.lua\"\non = \"a\"\nserves = true\n");
  INFO(render(loaded.errors));
  REQUIRE(loaded.scenario);
  const RunResult result = run(*loaded.scenario);
  CHECK(result.passed());
  CHECK(result.simulated_ns < 1'000'000'000);
}
