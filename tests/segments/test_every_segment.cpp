// Every kind of segment in every state, on the model and on the kernel underneath.

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include "tests/segments/model_subject.hpp"
#include "tests/segments/real_subject.hpp"
#include "tests/segments/walk.hpp"

using namespace stackscope;
using namespace stackscope::test;

namespace {

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

/// Lines that are not equal, both of them, one below the other.
std::string differences(const std::string& expected, const std::string& found) {
  std::stringstream left(expected), right(found);
  std::string text, a, b;
  for (;;) {
    const bool has_left = static_cast<bool>(std::getline(left, a)),
               has_right = static_cast<bool>(std::getline(right, b));
    if (!has_left && !has_right) return text;
    if (!has_left) a = "(no line)";
    if (!has_right) b = "(no line)";
    if (a != b) text += "expected: " + a + "\nfound:    " + b + "\n";
  }
}

/// Of `text`, the lines that `other` has not.
std::string lines_not_in(const std::string& text, const std::string& other) {
  std::set<std::string> others;
  std::stringstream from(other), lines(text);
  for (std::string line; std::getline(from, line);) others.insert(line);
  std::string left;
  for (std::string line; std::getline(lines, line);) {
    if (!others.contains(line)) left += line + "\n";
  }
  return left;
}

std::string on_model() {
  ModelSubject model;
  return joined(walk(model));
}

/// In a process of its own, which is gone with its network namespace afterwards.
std::string on_host() {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    std::string text;
    try {
      RealSubject real;
      text = joined(walk(real));
    } catch (const std::system_error& error) {
      const bool is_forbidden =
          error.code() == std::errc::operation_not_permitted || error.code() == std::errc::permission_denied;
      text = std::string(is_forbidden ? "may not: " : "failed: ") + error.what();
    }
    for (std::size_t at = 0; at < text.size();) {
      const ssize_t written = write(ends[1], text.data() + at, text.size() - at);
      if (written <= 0) _exit(1);
      at += static_cast<std::size_t>(written);
    }
    _exit(0);
  }
  close(ends[1]);
  std::string text;
  char bytes[65'536];
  for (ssize_t length; (length = read(ends[0], bytes, sizeof bytes)) > 0;)
    text.append(bytes, static_cast<std::size_t>(length));
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return text;
}

}  // namespace

TEST_CASE("every kind of segment in every state: the model answers as it always did", "[tcp][segments]") {
  const std::string now = on_model();
  std::ifstream file(STACKSCOPE_SOURCE_DIR "/tests/segments/golden/segments.txt");
  std::stringstream golden;
  golden << file.rdbuf();
  CHECK(differences(golden.str(), now) == "");
}

TEST_CASE("every kind of segment in every state: the model answers as Linux does", "[tcp][segments][host]") {
  std::string open = on_model();
  // On a busy machine a timer may come in between: a line counts as different that is different each time.
  for (int attempt = 0; attempt < 3 && !open.empty(); ++attempt) {
    const std::string host = on_host();
    if (host.starts_with("may not")) {
      REQUIRE(std::getenv("STACKSCOPE_NO_SKIPS") == nullptr);
      WARN("skipped, it takes root: " + host);
      return;
    }
    open = lines_not_in(open, host);
  }
  CHECK(open == "");
}

TEST_CASE("a SYN queue of n holds n + 1", "[tcp][listen]") {
  ModelSubject model;
  model.sysctls().tcp_syncookies = 0;  // or they would answer the others
  model.listen_on(80, 2);
  for (std::uint16_t peer_port = 1; peer_port <= 5; ++peer_port)
    model.inject({80, peer_port, tcp_flag::kSyn, 1'000, 0, 0});
  std::vector<std::uint16_t> answered;
  for (const Segment& segment : model.sent()) answered.push_back(segment.peer_port);
  CHECK(answered == std::vector<std::uint16_t>{1, 2, 3});
}

TEST_CASE("writes the golden file", "[.update]") {
  std::ofstream(STACKSCOPE_SOURCE_DIR "/tests/segments/golden/segments.txt") << on_model();
}
