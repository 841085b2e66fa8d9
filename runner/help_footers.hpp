#pragma once
// What stands below the options on each help page: examples, and the exit codes.

namespace stackscope {

inline constexpr const char* kFooter =
    R"(Examples:
  stackscope run scenarios/thundering_herd.toml
  stackscope list --symptom "slow connections"
  stackscope verify scenarios/thundering_herd.toml
  stackscope run --help

Exit codes:
  0  every expectation held           4  a limit was reached, or nothing could
  1  an expectation failed               make progress
  2  bad usage, or a bad scenario     5  nothing matched
  3  a fingerprint mismatch          70  an error of stackscope itself
                                    130  interrupted)";

inline constexpr const char* kRunFooter =
    R"(Examples:
  stackscope run scenarios -j 2 --junit results/junit.xml
  stackscope run scenarios/thundering_herd.toml --variant shared --variant each
  stackscope run scenarios/first_request.toml --set host.server.cpus=2
  stackscope run scenarios --check-determinism --quiet

After a failure the last line is the command that replays it.

Exit codes:
  0  every expectation held           4  a limit was reached, or nothing could
  1  an expectation failed               make progress
  2  bad usage, or a bad scenario     5  nothing matched
  3  a fingerprint mismatch          70  an error of stackscope itself
                                    130  interrupted)";

inline constexpr const char* kListFooter =
    R"(Examples:
  stackscope list
  stackscope list --symptom "connection refused"
  stackscope list --schema > scenario.schema.json)";

inline constexpr const char* kCalibrateFooter =
    R"(Examples:
  stackscope calibrate --out this_machine.toml
  stackscope verify scenarios/thundering_herd.toml --profile this_machine.toml
  stackscope run scenarios/echo_10k.toml --set host.server.profile=this_machine.toml

It takes 15 seconds. Without root nothing can be measured.

Exit codes:
  0  measured                         5  nothing could be measured
  2  bad usage                       70  an error of stackscope itself)";

inline constexpr const char* kVerifyFooter =
    R"(Examples:
  stackscope verify scenarios/thundering_herd.toml
  stackscope verify scenarios/thundering_herd.toml --variant each --repeat 3
  stackscope verify scenarios/thundering_herd.toml --set host.server.cpus=2 \
                    --profile this_machine.toml

Wake-ups and SCHED_FIFO need root; without it the output says what is missing.

Exit codes:
  0  no count differs                 4  a run did not come to its end
  1  a count differs                  5  nothing could be compared
  2  bad usage, or a bad scenario    70  an error of stackscope itself)";

inline constexpr const char* kFuzzFooter =
    R"(Examples:
  stackscope fuzz --programs 20000 --threads 2
  stackscope fuzz --only epoll --seed 7

A difference is told when it repeats three times of three, as the shortest Lua
program that shows it. Families: epoll poll files descriptors timers unix tcp
udp options processes threads.

Exit codes:
  0  no program differed               2  bad usage
  1  one did                          70  an error of stackscope itself)";

inline constexpr const char* kPacketdrillFooter =
    R"(Examples:
  stackscope packetdrill tests/transcripts/handshake_options.pkt
  stackscope packetdrill --tap tests/transcripts/*.pkt
  stackscope packetdrill --option tolerance_usecs=10000 -v script.pkt
  sudo stackscope packetdrill --on host -j 8 tests/transcripts/*.pkt

Commands in backticks are read as settings, and never executed. On the host a
script that fails is played three times; lateness alone is then not counted.

Exit codes:
  0  every script held                5  the host cannot play (see --on)
  1  one failed                      70  an error of stackscope itself
  2  bad usage, or a bad script)";

inline constexpr const char* kSocketsFooter =
    R"(Examples:
  stackscope sockets scenarios/thundering_herd.toml --at 25ms
  stackscope sockets scenarios/syn_backlog.toml --at 2s --host server -e
  stackscope sockets results/herd.stackscope --proc

Exit codes:
  0  listed                           5  no socket at that moment, or no such
  2  bad usage, or what cannot be        host
     read                            70  an error of stackscope itself)";

inline constexpr const char* kGuiFooter =
    R"(Examples:
  stackscope gui scenarios/thundering_herd.toml
  stackscope gui scenarios/thundering_herd.toml --variant wire
  stackscope gui results/herd.stackscope

Everything after `gui` goes to stackscope-gui; stackscope-gui --help shows what
it takes.)";

}  // namespace stackscope
