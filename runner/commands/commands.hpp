#pragma once
// What the subcommands of `stackscope` do, once the command line has been read.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/console.hpp"
#include "runner/results/exit_code.hpp"
#include "runner/run_scenario.hpp"
#include "runner/verify/verify.hpp"

namespace stackscope {

struct RunRequest {
  std::vector<std::string> paths;     // files and folders
  std::vector<std::string> variants;  // empty: all
  RunOptions options;
  std::size_t threads = 1;
  std::string junit;  // a file; empty: none
  bool tap = false, json = false;
  bool check_determinism = false;
  bool quiet = false;
  bool on_host = false;                 // Lua programs: the kernel underneath, not the model
  Duration deadline = Duration::s(20);  // there
};
ExitCode run_command(const RunRequest& request, const Console& console);

/// Lua programs are run by themselves: what they print is all that is printed.
bool is_lua_file(std::string_view path);
ExitCode run_lua_command(const RunRequest& request, const Console& console);

struct FuzzCommandRequest {
  std::uint64_t programs = 1000, seed = 1;
  std::uint64_t at_least = 20;  // how often what is required must occur, or it is listed
  std::string only;             // a family; empty: all
  unsigned processes = 1;       // that share the programs
  std::string share;            // "I/N": this process is one of those
};
/// Random programs on the model and on the kernel underneath; a difference is exit code 1.
ExitCode fuzz_command(const FuzzCommandRequest& request, const Console& console);

struct PacketdrillRequest {
  std::vector<std::string> paths;    // scripts
  std::vector<std::string> options;  // "name=value", as a script has them at its head
  bool dry_run = false, verbose = false, tap = false;
  bool on_host = false;  // the kernel underneath
  int jobs = 1;          // how many at once
};
/// Packetdrill scripts on a simulated host, or on the kernel underneath. One that fails is exit code 1, one that does not read
/// 2, one that could not be played 5. On the kernel one that is late and otherwise right is tried again twice, and then told but
/// not counted.
ExitCode packetdrill_command(const PacketdrillRequest& request, const Console& console);

struct VerifyRequest {
  std::string path;                   // of the scenario
  std::vector<std::string> variants;  // empty: all
  VerifyOptions options;
  std::string json;  // a file; empty: none
};
/// Both kernels side by side. A count that differs is exit code 1, a run that does not end 4, nothing that could be compared 5.
ExitCode verify_command(const VerifyRequest& request, const Console& console);

struct CalibrateRequest {
  std::string base = "linux-6.18-epyc-vm";  // the profile whose costs are scaled
  std::string out;                          // a file for the new one; empty: none
};
/// Measures this machine. Where nothing could be measured the exit code is 5.
ExitCode calibrate_command(const CalibrateRequest& request, const Console& console);

struct SocketsRequest {
  std::string path;  // a scenario (.toml) or a recording
  std::string variant = std::string(kBaseline);
  std::vector<std::string> sets;  // "PATH=VALUE": scenarios only
  std::optional<Instant> at;      // none: the end
  std::string host;               // empty: all that have sockets
  bool in_detail = false;
  bool as_proc = false;  // as /proc/net/tcp, not as ss
};
/// The sockets of a run at a moment. No such host, or no socket, is exit code 5; what cannot be read 2.
ExitCode sockets_command(const SocketsRequest& request, const Console& console);

struct ListRequest {
  enum class What { kScenarios, kPrograms, kKnobs, kSchema };
  What what = What::kScenarios;
  std::string folder = "scenarios";
  std::string symptom;  // empty: all scenarios
};
ExitCode list_command(const ListRequest& request, const Console& console);

/// Becomes `stackscope-gui` with these arguments; returns only where that cannot be started.
ExitCode gui_command(const std::vector<std::string>& arguments, const Console& console);

}  // namespace stackscope
