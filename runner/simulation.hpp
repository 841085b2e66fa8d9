#pragma once
// A scenario as a simulation: hosts, peers and links built from what the scenario says, and its programs started.

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernel_model/vocabulary/ids.hpp"
#include "runner/profile.hpp"
#include "runner/scenario/scenario.hpp"
#include "sim/engine.hpp"
#include "sim/sink.hpp"
#include "sim/trace.hpp"

namespace stackscope {

class CrowdRun;
class Host;
class IdealHost;
class Link;
class PacketTap;
struct Process;

class Simulation {
 public:
  /// Builds everything; nothing has happened yet. Null and `errors` where a cost profile is wrong. `sink` must outlive it, and
  /// `tap`, which hears the devices.
  static std::unique_ptr<Simulation> build(const ResolvedScenario& scenario, std::uint64_t seed,
                                           RecordSink& sink, std::vector<Diagnostic>& errors,
                                           PacketTap* tap = nullptr);
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  Engine& engine();
  Trace& trace();
  const Schema& schema() const;

  /// Off: every charge is an event. For tests: nothing else may differ.
  void set_fast_path(bool on);

  /// The programs that do not serve for ever have ended, what they set off has been done, and no packet is under way.
  bool is_over() const;

  /// Threads that have not ended, with the names that people know: "workers/3" of a run, in the order in which its threads
  /// were made; "process 5/0" of a process that a program made.
  struct Thread {
    std::uint8_t host;
    TaskId task;
    std::string name;
    bool serves;
    std::string call = {};  // in which a Lua program's thread is, as the program knows it
  };
  std::vector<Thread> threads() const;

  /// Sums over all hosts and peers, by the kernel's names.
  std::vector<std::pair<std::string, std::int64_t>> counters() const;

  /// Hears each line that a program prints, at once: 1 for standard output, 2 for standard error.
  void set_output(const std::function<void(int stream, std::string_view line)>& output);
  /// How the Lua programs ended, each under its run's name; those that run on are kRunning.
  std::vector<std::pair<std::string, const LuaEnd*>> lua_ends() const;

  Host* host(std::string_view name) const;
  IdealHost* peer(std::string_view name) const;
  const std::vector<std::unique_ptr<Link>>& links() const;

 private:
  static void add_calls(std::span<Thread> threads, const Process& process, const LuaProgram& lua);
  static void add_threads(std::vector<Thread>& alive, const Host& host, const Process& process,
                          const std::string& name, bool serves);
  Simulation(RecordSink& sink, std::uint64_t seed);
  struct Parts;
  struct Launch;
  std::unique_ptr<Parts> parts_;
};

/// All counters that the model keeps, by the kernel's names.
std::vector<std::string> counter_names();

}  // namespace stackscope
