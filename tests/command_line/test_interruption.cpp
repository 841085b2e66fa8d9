// Ctrl-C, and SIGTERM: what has ended is reported, what has not is named.

#include <catch2/catch.hpp>
#include <csignal>
#include <sys/wait.h>

#include "sim/recording_file.hpp"
#include "tests/command_line/support.hpp"

using namespace stackscope;

namespace {

/// A run that goes on until it is interrupted.
class RunningProgram {
 public:
  explicit RunningProgram(Words words) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    words.insert(words.begin(), "stackscope");
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    child_ = fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      dup2(ends[1], STDOUT_FILENO), dup2(ends[1], STDERR_FILENO);
      close(ends[0]), close(ends[1]);
      execv(STACKSCOPE_PROGRAM, arguments.data());
      _exit(127);
    }
    close(ends[1]);
    reader_ = ends[0];
  }
  ~RunningProgram() {
    close(reader_);
    if (child_ > 0) kill(child_, SIGKILL), waitpid(child_, nullptr, 0);
  }
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  void send(int signal) const { kill(child_, signal); }
  /// Until that has been printed; false where the program ends without it.
  bool prints(const std::string& text) {
    while (!contains(printed_, text)) {
      if (!read_more()) return false;
    }
    return true;
  }
  /// To its end. The exit code as a shell has it.
  int wait() {
    while (read_more()) {
    }
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  bool has_ended() const {
    siginfo_t seen{};
    return waitid(P_PID, static_cast<id_t>(child_), &seen, WEXITED | WNOHANG | WNOWAIT) != 0 ||
           seen.si_pid != 0;
  }
  const std::string& printed() const { return printed_; }

 private:
  bool read_more() {
    char buffer[4096];
    const ssize_t got = read(reader_, buffer, sizeof buffer);
    if (got > 0) printed_.append(buffer, static_cast<std::size_t>(got));
    return got > 0;
  }
  pid_t child_ = -1;
  int reader_ = -1;
  std::string printed_;
};

/// Two scenarios: one ends at once, the other, which comes behind it, not for a minute.
struct Long {
  Folder folder;
  std::string junit = folder.at("junit.xml");

  Long() {
    folder.write("all/a.toml", small_scenario("[[expect]]\nthat = \"round_trip.n == 1\"\n"));
    std::string endless = small_scenario();
    endless.replace(endless.find("until = \"1s\""), 12, "until = \"100000s\"\nmax_events = 100000000000");
    endless.replace(endless.find("messages = 1,"), 13, "messages = 10000000,");
    folder.write("all/b.toml", endless);
  }
  Words words(const Words& more = {}) const {
    Words all{"run", folder.at("all"), "--variant", "baseline", "--junit", junit};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

}  // namespace

TEST_CASE("an interrupted run reports what has ended and names what has not", "[cli][interruption]") {
  const Long scenarios;
  const auto [signal, code] = GENERATE(std::pair{SIGINT, 130}, std::pair{SIGTERM, 143});
  const Words more = GENERATE(Words{}, Words{"-j", "2"}, Words{"--check-determinism"});
  RunningProgram run(scenarios.words(more));
  REQUIRE(run.prints("1 of 1 expectations hold"));
  run.send(signal);
  CHECK(run.wait() == code);
  CHECK(contains(run.printed(), "stackscope run: interrupted; 1 of 2 runs did not end: b/baseline\n"));
  const std::string xml = read_all(scenarios.junit);
  CHECK(contains(xml, "<testcase name=\"runs to its end\" classname=\"a.baseline\" time=\"0.00"));
  CHECK(contains(xml, "<error message=\"it was interrupted before its end\" type=\"interrupted\">"));
  CHECK(contains(xml, "classname=\"b.baseline\""));
}

TEST_CASE("an interrupted run leaves a recording that opens as far as it goes",
          "[cli][interruption][recording]") {
  const Long scenarios;
  const std::string file = scenarios.folder.at("x.stackscope");
  RunningProgram run({"run", scenarios.folder.at("all/b.toml"), "--variant", "baseline", "--record", file});
  const auto is_on_its_way = [&] {
    std::error_code ignored;
    return std::filesystem::file_size(file, ignored) > 1'000'000 && !ignored;
  };
  while (!is_on_its_way() && !run.has_ended()) usleep(1000);
  run.send(SIGINT);
  CHECK(run.wait() == 130);
  CHECK(contains(run.printed(), "1 of 1 runs did not end"));
  const RecordingFile recording{std::filesystem::path(file)};
  CHECK(recording.damage().has_value());  // it says that it was cut off
  CHECK(recording.size() > 0);
}
