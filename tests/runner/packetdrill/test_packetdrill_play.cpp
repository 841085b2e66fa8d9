#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "kernel_model/net/sysctls.hpp"
#include "runner/packetdrill/match.hpp"
#include "runner/packetdrill/run_script.hpp"
#include "runner/packetdrill/settings.hpp"
#include "runner/packetdrill/snippet.hpp"

namespace stackscope::packetdrill {

namespace {

const std::string kConnected =
    "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 bind(3, ..., ...) = 0\n+0 listen(3, 1) = 0\n"
    "+0 < S 0:0(0) win 1000 <mss 1000>\n+0 > S. 0:0(0) ack 1 <mss 1460>\n+.1 < . 1:1(0) ack 1 win 1000\n"
    "+0 accept(3, ..., ...) = 4\n";

std::string failure(const std::string& text) {
  ScriptRun how;
  how.name = "t.pkt";
  how.on_line = [](std::string_view) {};
  const ScriptResult result = run_script(text, how);
  return render(result.errors) + result.failure;
}
std::string python(std::string_view code) {
  SnippetNames names{{"a", {std::int64_t{7}}}};
  return run_snippet(code, names).error;
}

}  // namespace

TEST_CASE("what a script expects and what happened are told in its own notation", "[packetdrill]") {
  CHECK(failure(kConnected + "+0 write(4, ..., 100) = 100\n+0 > P. 1:101(100) ack 2\n") ==
        "t.pkt:9: error handling packet: packet field tcp_ack_seq: expected: 2 (0x2) vs actual: 1 (0x1)\n"
        "script packet: 0.100000 P. 1:101(100) ack 2\nactual packet: 0.100000 P. 1:101(100) ack 1 win 64240");
  CHECK_THAT(failure(kConnected + "+0 read(4, ..., 0) = 5\n"),
             Catch::Contains("t.pkt:8: runtime error in read call: Expected result 5 but got 0"));
  CHECK_THAT(failure(kConnected + "+0 > P. 1:101(100) ack 1\n"),
             Catch::Contains("timed out waiting for packet"));
  CHECK_THAT(
      failure(kConnected + "+0 write(4, ..., 100) = 100\n+.05 > P. 1:101(100) ack 1\n"),
      Catch::Contains("timing error: expected outbound packet at 0.150000 sec but happened at 0.100000 sec"));
  CHECK_THAT(failure(kConnected + "+0 %{ assert tcpi_unacked == 3, tcpi_unacked }%\n"),
             Catch::Contains("failed: 0"));
}

TEST_CASE("a call that spans time must return when it says", "[packetdrill]") {
  const std::string data = "+.2 < P. 1:11(10) ack 1 win 1000\n+0 > . 1:1(0) ack 11\n";
  CHECK(failure(kConnected + "+0...0.2 read(4, ..., 10) = 10\n" + data).empty());
  CHECK_THAT(failure(kConnected + "+0...0.4 read(4, ..., 10) = 10\n" + data),
             Catch::Contains("timing error"));
}

TEST_CASE("non-fatal failures are warnings", "[packetdrill]") {
  ScriptRun how;
  how.name = "t.pkt", how.options = {{"non_fatal", "syscall"}};
  const ScriptResult result = run_script(kConnected + "+0 read(4, ..., 0) = 5\n+0 close(4) = 0\n", how);
  CHECK(result.failure.empty());
  CHECK(result.warnings.size() == 1);
}

TEST_CASE("commands are settings, or refused by name", "[packetdrill]") {
  CHECK_THAT(failure("0 `rm -rf x`\n"), Catch::Contains("t.pkt:1:3: error: 'rm' is not executed"));
  const ReadCommand read =
      read_command("sysctl -q net.ipv4.tcp_rmem=\"1 2 3\" && echo 0 > /proc/sys/net/ipv4/tcp_sack");
  REQUIRE(read.settings.size() == 2);
  Sysctls sysctls;
  for (const Setting& setting : read.settings) CHECK(apply(setting, sysctls).empty());
  CHECK((sysctls.tcp_rmem[2] == 3 && !sysctls.tcp_sack));
  CHECK_THAT(apply({"net.ipv4.tcp_ecn", "1"}, sysctls), Catch::Contains("the model has no net.ipv4.tcp_ecn"));
}

TEST_CASE("snippets hold or say why not", "[packetdrill]") {
  for (const char* const holds :
       {"assert a == 7", "assert 1 < a <= 7 and not a in (1, 2)", "assert a in [5, 7]; pass",
        "b = a * 2\nassert b // 3 == 4", "assert abs(0 - a) == max(1, 7) and min(3, 2) == 2",
        "assert a & 3 == 3 | 0", "assert (1 if a else 0) == 1",
        "assert 7 / 2 == 3.5 and -7 // 2 == -4 and -7 % 4 == 1", "assert a == 0 or 1 << 3 == 8",
        "import os # nothing"}) {
    INFO(holds);
    CHECK(python(holds).empty());
  }
  CHECK_THAT(python("assert a == 8, 'it was', "), Catch::Contains("failed"));
  CHECK_THAT(python("assert c"), Catch::Contains("no name 'c'"));
  CHECK_THAT(python("for x in y"), Catch::Contains("expected assert"));
  CHECK_THAT(python("assert 1 / 0"), Catch::Contains("division by zero"));
  CHECK(!python("assert " + std::string(100'000, '(')).empty());
}

TEST_CASE("the matcher leaves open what a script leaves open", "[packetdrill]") {
  PacketSpec spec;
  spec.frame.flags = tcp_flag::kAck;
  Frame sent = spec.frame;
  sent.window = 5;
  CHECK(difference(spec, sent).empty());
  spec.has_window = true;
  CHECK(difference(spec, sent) == "packet field tcp_window: expected: 0 (0x0) vs actual: 5 (0x5)");
  spec.has_window = false;
  sent.options.push_back({});
  CHECK(difference(spec, sent) == "TCP options: expected: <> vs actual: <nop>");
  spec.has_any_options = true;
  CHECK(difference(spec, sent).empty());
  spec.tos = PacketSpec::Tos::kEct01;
  CHECK(difference(spec, sent) == "packet field ip_ecn: expected: 2 (0x2) vs actual: 0 (0x0)");
}

TEST_CASE("every transcript holds on the model, but for those that say why not", "[packetdrill]") {
  const std::filesystem::path folder = std::filesystem::path(STACKSCOPE_SOURCE_DIR) / "tests/transcripts";
  std::set<std::string> open;
  std::ifstream list(folder / "open.txt");
  for (std::string line; std::getline(list, line);) {
    if (!line.starts_with('#')) open.insert(line.substr(0, line.find(' ')));
  }
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".pkt") continue;
    std::ifstream file(entry.path());
    const std::string script(std::istreambuf_iterator<char>(file), {});
    const std::string name = entry.path().filename().string();
    INFO(name << ": " << failure(script));
    CHECK(failure(script).empty() != open.contains(name));
    ++count;
  }
  CHECK(count >= 25);
}

}  // namespace stackscope::packetdrill
