#pragma once
// A Lua program from its file to its end, on one of the two kernels: a machine of its own with two CPUs, and a network of
// its own with nothing but loopback.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runner/results/run_result.hpp"
#include "runner/scenario/lua_file.hpp"
#include "sim/time.hpp"

namespace stackscope {

class RealRunner;

struct LuaRunOptions {
  std::function<void(int stream, std::string_view line)> on_line;  // hears what it prints, in order
  std::string record;                                              // a file for the recording; empty: none
  std::string pcap;                                                // likewise for packets; the model's only
  std::int64_t seed = 1;                                           // of the model's randomness
  Duration until = Duration::max();                                // of the model's time
  Duration deadline = Duration::s(20);                             // of the real kernel
};

struct LuaRunResult {
  int exit_code = 0;               // as docs/lua.md has it: 0, 1 after an error, 4 where nothing could go on
  std::vector<StuckThread> stuck;  // each thread that sleeps for ever, with its call
  std::string message;             // why it ended before its end, where it did not say so itself
  std::string fingerprint;         // on the model
  std::vector<std::string> notes;  // what is not comparable with the other kernel, for people
};

/// Throws RecordingError and PcapError where a file cannot be written.
LuaRunResult run_lua_on_model(const LuaSource& source, const LuaRunOptions& options);

/// The kernel underneath, for one program after another.
class LuaOnHost {
 public:
  LuaOnHost();
  ~LuaOnHost();
  LuaOnHost(const LuaOnHost&) = delete;
  LuaOnHost& operator=(const LuaOnHost&) = delete;
  /// Programs that end by themselves; others end at the deadline. `reuses_network`: that of an earlier program, if no socket
  /// of it is left. A recording holds what the kernel tells of the calls, and as root of switches and wake-ups. Throws
  /// RecordingError where it cannot be written.
  LuaRunResult run(const LuaSource& source, const LuaRunOptions& options, bool reuses_network = false);

 private:
  std::unique_ptr<RealRunner> runner_;
};

}  // namespace stackscope
