#pragma once
// Runs programs on the kernel underneath: in processes of their own, in a network of their own, until they have ended or
// a deadline has passed; then nothing of them is left.
//
// Three kinds of process take part. The *supervisor* is the caller: it hears what is printed and watches the deadline.
// The *warden* is a child of it and the first process of a PID namespace: it makes the network, starts the programs, collects the
// dead, and looks at threads for the programs, which may not open files. Each *program* is a fork of the warden, so that it starts
// with descriptors 0 to 2 and a descriptor table of 64, whatever the supervisor has open.
//
// REQUIRES: no other thread of the caller is inside malloc() when a run starts.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernel_model/syscalls.hpp"
#include "kernel_model/vocabulary/cpu_records.hpp"
#include "measure/real_process.hpp"
#include "sim/time.hpp"

namespace stackscope {

class Trace;

struct RealProgram {
  /// Runs once a thread of the program, in its process; what thread 0's returns is the exit code.
  std::function<int(Syscalls&)> body;
  std::string name = "program";
  int threads = 1;
  bool interpreter_lock = false;  // its threads run one at a time, and change places only in calls
  bool counts_wakeups = true;     // off: wakeups() answers 0, and a call costs about half a microsecond less
  bool serves = false;            // runs for ever: the run does not wait for it
  Duration start = {};            // after the run's
  SchedPolicy policy = SchedPolicy::kOther;
  int priority = 0;  // 1 to 99 with kFifo and kRoundRobin
  int nice = 0;
  std::vector<int> affinity = {};  // CPUs from 0; none: all
};

/// Which network the programs of a run share.
enum class RealNetwork {
  kFresh,   // a namespace made for the run
  kReused,  // a namespace made for an earlier run, if no socket of it is left; needs root, otherwise as kFresh
  kHosts,   // the machine's own: counters and ports are not comparable
};

/// A setting of a network namespace, by its name below /proc/sys.
struct RealSysctl {
  std::string name;  // "net.ipv4.tcp_tw_reuse"
  std::string value;
};

struct RealOptions {
  Duration deadline = Duration::s(20);
  RealNetwork network = RealNetwork::kFresh;
  std::vector<RealSysctl> sysctls = {};  // of a namespace made for the run; elsewhere none is set
  bool own_pids = true;                  // a PID namespace; without it processes are found by their group
  std::int64_t memory_bytes = std::int64_t{4} << 30;  // of data, a process
  RealAddresses addresses = {};
  /// Called in the supervisor with each line that is printed, and with what comes through descriptors 1 and 2.
  std::function<void(int stream, std::string_view line)> on_line = {};
  Trace* trace = nullptr;  // told everything when the run is over; null: nothing is recorded
  bool scheduler =
      false;  // the trace is told switches and wake-ups too: needs root, and costs the threads time
};

/// A thread that had not ended at the deadline.
struct RealStuckThread {
  std::string program;
  int pid = 0, tid = 0, number = 0;
  std::string where;  // "epoll_wait(4, 8, -1)", "waits for the interpreter lock", "runs"
};

struct RealResult {
  enum class Outcome {
    kFinished,  // every program that does not serve has ended
    kDeadline,  // one had not: `stuck` says where its threads are
    kCannot,    // no process could be made: `notes` says why
  };
  struct Ended {
    bool has_ended = false;  // by itself; false: the end of the run ended it
    int exit_code = 0;       // 128 + the signal's number where one ended it
  };
  Outcome outcome = Outcome::kCannot;
  std::vector<Ended> programs;  // as given
  std::vector<RealStuckThread> stuck;
  std::vector<std::string> notes;  // what is not as it should be, for people
  bool own_network = false, own_pids = false;
  bool has_scheduler =
      false;  // switches and wake-ups were recorded; else, if they were asked for, `notes` says why
  // With the scheduler: how often a thread went on, and how often of these another program's had to stop for it. On a machine
  // that is busy otherwise CPUs do not sleep, and wake-ups take another time.
  std::uint64_t switches = 0, switches_from_others = 0;
  std::uint64_t lost_events = 0;  // for which there was no room
  Duration took = {};             // from the programs' start to the end

  int exit_code() const { return programs.empty() ? 0 : programs.front().exit_code; }
};

/// Runs one set of programs after another, and keeps between them what is dear to make.
class RealRunner {
 public:
  /// Throws std::system_error where there is no memory to share.
  RealRunner();
  ~RealRunner();
  RealRunner(const RealRunner&) = delete;
  RealRunner& operator=(const RealRunner&) = delete;

  RealResult run(std::span<const RealProgram> programs, const RealOptions& options = {});

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// A single run.
RealResult run_real(std::span<const RealProgram> programs, const RealOptions& options = {});

}  // namespace stackscope
