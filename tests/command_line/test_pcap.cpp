// `run --pcap`: the capture of a run, read by tcpdump.

#include <catch2/catch.hpp>

#include "tests/command_line/support.hpp"

namespace stackscope {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// What tcpdump says of a capture, with every checksum looked at.
std::string told_by_tcpdump(const std::string& file) {
  const ProcessOutput told = run_process("/usr/bin/tcpdump", {"tcpdump", "-nvv", "-r", file}, {});
  INFO(told.err);
  CHECK(told.exit_code == 0);
  CHECK(!contains(told.out, "incorrect"));
  return told.out;
}

const std::string kOneRequest = "scenarios/first_request.toml";

}  // namespace

TEST_CASE("a capture is what tcpdump would have seen", "[cli][pcap]") {
  const Folder folder;
  const std::string file = folder.at("wire.pcapng");
  const Words words{"run", "scenarios/keepalive_dead_peer.toml", "--variant", "baseline", "--json"};
  Words captured = words;
  captured.insert(captured.end(), {"--pcap", file});
  const ProcessOutput heard = run_program(captured);
  REQUIRE(heard.exit_code == 0);
  CHECK(heard.out == run_program(words).out);  // who listens changes nothing
  const std::string told = told_by_tcpdump(file);
  CHECK(count(told, "Flags [S],") == 2);  // as the client's device sent it, and as the server's got it
  CHECK(count(told, "Flags [S.],") == 2);
  CHECK(count(told, "(correct)") == count(told, "proto TCP"));
  CHECK(contains(told, "10.0.0.2."));
}

TEST_CASE("a Lua program's packets are captured, too", "[cli][pcap]") {
  const Folder folder;
  const std::string program = folder.write("to_nobody.lua", R"(
    local s = socket(AF_INET6, SOCK_DGRAM)
    print(sendto(s, "hello", 0, "[::1]:9"))
  )");
  const std::string file = folder.at("udp.pcapng");
  const ProcessOutput run = run_program({"run", program, "--pcap", file});
  INFO(run.out << run.err);
  REQUIRE(run.exit_code == 0);
  const std::string told = told_by_tcpdump(file);
  INFO(told);
  CHECK(contains(told, "[udp sum ok] UDP, length 5"));
  CHECK(contains(told, "ICMP6, destination unreachable, unreachable port"));
}

TEST_CASE("wrong uses of --pcap are told, and nothing runs", "[cli][pcap][errors]") {
  const Folder folder;
  const auto complaint = [](const Words& words) {
    const ProcessOutput run = run_program(words);
    CHECK(run.exit_code == 2);
    return run.err;
  };
  const Words one{"run", kOneRequest, "--variant", "baseline"};
  const auto with = [&](const Words& more) {
    Words words = one;
    words.insert(words.end(), more.begin(), more.end());
    return complaint(words);
  };
  CHECK(contains(complaint({"run", "scenarios", "--pcap", folder.at("x")}), "--pcap wants one run"));
  CHECK(contains(with({"--pcap", "/nonexistent/x.pcapng"}), "/nonexistent/x.pcapng"));
  CHECK(contains(with({"--pcap", "/dev/full"}), "No space left"));
  CHECK(contains(with({"--pcap", kOneRequest}), "would be overwritten"));
  const std::string file = folder.at("both");
  CHECK(contains(with({"--pcap", file, "--record", file}), "is the file of --record too"));
  const std::string program = folder.write("a.lua", "print(1)");
  CHECK(contains(complaint({"run", program, "--on", "host", "--pcap", file}), "--pcap is the model's"));
}

}  // namespace stackscope
