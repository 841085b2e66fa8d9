// `stackscope sockets`: what ss and /proc/net/tcp would have said at that moment.

#include <catch2/catch.hpp>

#include "tests/command_line/support.hpp"

using namespace stackscope;

TEST_CASE("a full accept queue shows n + 1 and n, as ss shows a listener's", "[cli][sockets]") {
  const ProcessOutput listed =
      run_program({"sockets", "scenarios/syn_backlog.toml", "--at", "1s", "--host", "server"});
  CHECK(listed.exit_code == 0);
  CHECK(contains(listed.out,
                 "server at 1000000000 ns\n"
                 "Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port\n"
                 "tcp   LISTEN 5      4              0.0.0.0:80 0.0.0.0:*\n"
                 "tcp   ESTAB  0      0             10.0.0.1:80 10.0.0.2:"));
  CHECK(!contains(listed.out, "skmem"));
}

TEST_CASE("what Nagle holds back is in the send queue, and the retransmission timer runs", "[cli][sockets]") {
  const ProcessOutput listed =
      run_program({"sockets", "scenarios/nagle_delayed_ack.toml", "--at", "60ms", "-e"});
  CHECK(listed.exit_code == 0);
  // 200 bytes are not acknowledged; of these 100 were never sent
  CHECK(contains(listed.out, "ESTAB  0      200"));
  CHECK(contains(listed.out, "timer:(on,"));
  CHECK(contains(listed.out, " notsent:100 "));
  const ProcessOutput proc =
      run_program({"sockets", "scenarios/nagle_delayed_ack.toml", "--at", "60ms", "--proc"});
  CHECK(proc.exit_code == 0);
  CHECK(contains(proc.out, "   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000"));
  CHECK(contains(proc.out, " 0100007F:0050 01 000000C8:00000000 01:000000"));
}

TEST_CASE("a recording is listed as the run was", "[cli][sockets]") {
  const Folder folder;
  const std::string file = folder.at("r.stackscope");
  REQUIRE(run_program({"run", "scenarios/first_request.toml", "--variant", "baseline", "--record", file})
              .exit_code == 0);
  const ProcessOutput of_run = run_program({"sockets", "scenarios/first_request.toml", "--at", "25ms"});
  const ProcessOutput of_recording = run_program({"sockets", file, "--at", "25ms"});
  CHECK(of_run.exit_code == 0);
  CHECK(of_recording.out == of_run.out);
}

TEST_CASE("what cannot be listed is said, with its exit code", "[cli][sockets][errors]") {
  const auto ends = [](std::vector<std::string> arguments, int code, const char* said) {
    arguments.insert(arguments.begin(), "sockets");
    const ProcessOutput output = run_program(arguments);
    INFO(output.err);
    CHECK(output.exit_code == code);
    CHECK(contains(output.err, said));
  };
  const std::string scenario = "scenarios/first_request.toml";
  ends({}, 2, "which run?");
  ends({"README.md"}, 2, "not a recording of stackscope");
  ends({"nowhere.toml"}, 2, "the file cannot be read");
  ends({"nowhere.stackscope"}, 2, "nowhere.stackscope");
  ends({scenario, "--at", "soon"}, 2, "--at: ");
  ends({scenario, "--variant", "nobody"}, 2, "nobody");
  ends({scenario, "--set", "host.server.cpu=2"}, 2, "did you mean 'cpus'?");
  ends({scenario, "--host", "nobody"}, 5, "there is no host 'nobody'");
  ends({scenario, "--at", "0s"}, 5, "nobody has a socket at that moment");
  ends({"tests/sim/data/format-1.recording", "--variant", "each"}, 2, "a recording is one run");
}
