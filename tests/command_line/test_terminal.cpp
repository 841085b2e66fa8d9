// What a person sees on a terminal: colours unless they are unwanted, progress that leaves no trace, help that fits.

#include <array>
#include <catch2/catch.hpp>
#include <pty.h>
#include <sstream>
#include <sys/wait.h>

#include "runner/results/text.hpp"
#include "tests/command_line/support.hpp"

using namespace stackscope;

namespace {

/// Everything that the program writes to a terminal of 80 columns, both streams together.
std::string on_a_terminal(Words words, const char* variable = nullptr) {
  winsize size{24, 80, 0, 0};
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, &size);
  REQUIRE(child >= 0);
  if (child == 0) {
    words.insert(words.begin(), "stackscope");
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    unsetenv("NO_COLOR"), setenv("TERM", "xterm", 1);
    if (variable != nullptr) setenv(variable, "1", 1);
    if (chdir(STACKSCOPE_SOURCE_DIR) == 0) execv(STACKSCOPE_PROGRAM, arguments.data());
    _exit(127);
  }
  std::string seen;
  std::array<char, 4096> buffer;
  for (ssize_t got = 0; (got = read(terminal, buffer.data(), buffer.size())) > 0;) {
    seen.append(buffer.data(), static_cast<std::size_t>(got));
  }
  close(terminal);
  waitpid(child, nullptr, 0);
  return seen;
}

void check_fits(const std::string& page) {
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    INFO(line);
    CHECK(display_width(line) <= 80);
  }
}

}  // namespace

TEST_CASE("a terminal has colours, unless they are refused", "[cli][terminal]") {
  const Words run{"run", "scenarios/first_request.toml", "--variant", "baseline"};
  const std::string colour = "\x1b[1m";
  CHECK(contains(on_a_terminal(run), colour));
  CHECK(!contains(on_a_terminal(run, "NO_COLOR"), colour));
  Words refused = run;
  refused.emplace_back("--no-color");
  CHECK(!contains(on_a_terminal(refused), colour));
}

TEST_CASE("progress is shown on a terminal, and taken away again", "[cli][terminal]") {
  const std::string seen = on_a_terminal({"run", "scenarios/first_request.toml", "--variant", "baseline"});
  CHECK(contains(seen, "1 of 1: first_request baseline"));
  CHECK(seen.rfind("\x1b[K") > seen.find("1 of 1: first_request baseline"));
  CHECK(!contains(run_program({"run", "scenarios/first_request.toml"}).err, "1 of"));
}

TEST_CASE("what is wrong fits into 80 columns of a terminal, and is one line in a pipe", "[cli][terminal]") {
  const Folder folder;
  const std::string wrong = folder.write(
      "s.toml", small_scenario("[[expect]]\nthat = \"round_trip.m == TcpExtListenOverflowz\"\n"
                               "[[reference]]\nmetric = \"round\"\nvalue = \"1\"\nsource = \"published\"\n"));
  const Words long_list{"run", "scenarios/first_request.toml", "--variant",
                        "nothing-like-any-of-those-there-are"};
  for (const Words& words :
       {Words{"run", wrong}, long_list, Words{"run", "scenarios", "--expect-fingerprint", "123"},
        Words{"run", "scenarios/first_request.toml", "--set", "run.client.args.size=1Bi"}}) {
    const std::string seen = on_a_terminal(words);
    INFO(seen);
    CHECK(contains(seen, "\n  "));
    check_fits(seen.substr(seen.rfind("\x1b[K") == std::string::npos ? 0 : seen.rfind("\x1b[K") + 3));
  }
  CHECK(contains(run_program(long_list).err,
                 "there are baseline, two-cpus, request-4k, request-64k, steady\n"));
}

TEST_CASE("help fits into 80 columns and tells every exit code", "[cli][help]") {
  for (const Words& words : {Words{"--help"}, Words{"run", "--help"}, Words{"list", "--help"}}) {
    const ProcessOutput help = run_program(words);
    CHECK(help.exit_code == 0);
    CHECK(help.err.empty());
    CHECK(contains(help.out, "Usage: stackscope"));
    CHECK(contains(help.out, "Examples:"));
    CHECK(!contains(help.out, "second-process"));
    check_fits(help.out);
  }
  const std::string run = run_program({"run", "--help"}).out;
  for (const char* option : {"--variant V", "--seed N", "--set PATH=VALUE", "--until T", "-j N",
                             "--record FILE", "--record-on-failure DIR", "--junit FILE", "--tap", "--json",
                             "--check-determinism", "--expect-fingerprint H", "--quiet", "--no-color"}) {
    INFO(option);
    CHECK(contains(run, option));
  }
  for (const char* code : {"0  every", "1  an", "2  bad", "3  a", "4  a", "5  nothing", "70  an"})
    CHECK(contains(run, code));
}

TEST_CASE("the version is one line", "[cli][help]") {
  const ProcessOutput version = run_program({"--version"});
  CHECK(version.exit_code == 0);
  CHECK(version.out.starts_with("stackscope "));
}
