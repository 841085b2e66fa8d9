#include "measure/warden.hpp"

#include <algorithm>
#include <csignal>
#include <optional>
#include <sched.h>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure/looking.hpp"
#include "measure/monotonic.hpp"
#include "measure/network_counters.hpp"
#include "measure/real_syscalls.hpp"
#include "measure/sandbox.hpp"
#include "measure/small_file.hpp"

namespace stackscope {

namespace {

sigset_t warden_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  sigaddset(&signals, SIGUSR1);
  return signals;
}

class Warden {
 public:
  explicit Warden(const WardenTask& task) : task_(task), arena_(task.arena) {}

  void run() {
    set_up();
    start_programs();
    while (!is_over()) {
      wait_for_news();
      collect_the_dead();
      is_asked_still_ = false;
      for (std::uint32_t i = 0; i < arena_.thread_count(); ++i) answer(arena_.thread[i]);
    }
    end_the_rest();
  }

 private:
  void set_up();
  void set_up_network();
  void set_sysctls();
  void start_programs();
  [[noreturn]] void become_program(const RealProgram& program, ProcessSlot& slot);
  bool is_over();
  void wait_for_news();
  void collect_the_dead();
  void end_descendants(std::uint32_t program);
  void answer(ThreadSlot& slot);
  bool find_answer(ThreadSlot& slot, Request request);
  void end_the_rest();

  const WardenTask& task_;
  Arena& arena_;
  std::optional<NetworkCounters> counters_;
  pid_t group_ = 0;              // of all programs, where they have no PID namespace
  bool is_asked_still_ = false;  // something cannot be answered yet, so look again
  long again_ns_ = kSoon;

  static constexpr long kSoon = 20'000, kLater = 500'000;  // between looks
};

// --- before the programs ---------------------------------------------------------------------------------------------

void Warden::set_up() {
  const sigset_t signals = warden_signals();
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  // Without a namespace that dies with the warden, the warden must live to end the programs.
  ::prctl(PR_SET_PDEATHSIG, arena_.owns_pids ? SIGKILL : SIGUSR1);
  if (!arena_.owns_pids) ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::setpgid(0, 0);
  if (task_.maps_user) map_own_user(task_.uid, task_.gid);
  set_up_network();
  keep_descriptors(task_.out, task_.err);
  arena_.warden_pid = ::getpid();
  arena_.descriptors = most_descriptors();
  const bool is_new = task_.network < 0 && arena_.owns_network;  // where all counters are 0
  counters_.emplace(is_new ? NetworkCounters::Start::kNewNamespace : NetworkCounters::Start::kNow);
}

void Warden::set_up_network() {
  if (task_.network >= 0) {
    arena_.owns_network = ::setns(task_.network, CLONE_NEWNET) == 0;
  } else if (task_.makes_network) {
    arena_.owns_network = make_own_network();
    if (arena_.owns_network) set_sysctls();
  }
  arena_.sets_cubic = has_other_congestion_control();
}

void Warden::set_sysctls() {
  for (const RealSysctl& setting : task_.options.sysctls) {
    std::string path = "/proc/sys/" + setting.name;
    std::ranges::replace(path, '.', '/');
    if (!write_small_file(path.c_str(), setting.value)) arena_.refused_sysctl = true;
  }
}

void Warden::start_programs() {
  for (std::uint32_t i = 0; i < task_.programs.size(); ++i) {
    ProcessSlot* const slot = arena_.take_process(i);
    const pid_t pid = slot != nullptr ? ::fork() : -1;
    if (pid == 0) become_program(task_.programs[i], *slot);
    if (pid < 0) {
      arena_.cannot_start = true;
      return;
    }
    slot->pid.store(pid, std::memory_order_release);
    if (!arena_.owns_pids) {
      if (group_ == 0) group_ = pid;
      ::setpgid(pid, group_);
    }
  }
  arena_.start_ns.store(monotonic_ns(), std::memory_order_release);
  set_and_wake(arena_.gate, 1, true);
}

void Warden::become_program(const RealProgram& program, ProcessSlot& slot) {
  const sigset_t signals = warden_signals();
  if (!arena_.owns_pids) ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NAME, program.name.substr(0, 15).c_str());
  for (const int signal : task_.ignored_signals) ::signal(signal, SIG_DFL);
  set_limits(task_.options.memory_bytes);
  if (!set_scheduling(program)) arena_.refused_scheduling = true;
  ::sigprocmask(SIG_UNBLOCK, &signals, nullptr);
  RealProcess process(arena_, slot, task_.options.addresses,
                      {program.threads, program.interpreter_lock, program.counts_wakeups});
  wait_while(arena_.gate, 0, true);
  const std::int64_t at = arena_.start_ns.load() + program.start.count();
  const timespec start{at / 1'000'000'000, at % 1'000'000'000};
  if (program.start) ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &start, nullptr);
  process.exit(process.run(program.body));
}

// --- while they run --------------------------------------------------------------------------------------------------

bool Warden::is_over() {
  if (arena_.stops.load(std::memory_order_acquire) != 0 || arena_.cannot_start) return true;
  if (!arena_.owns_pids && ::getppid() != task_.supervisor) return true;
  bool all_serve = true;
  for (std::uint32_t i = 0; i < task_.programs.size(); ++i) {
    if (task_.programs[i].serves) continue;
    all_serve = false;
    if (arena_.process[i].is_collected.load() == 0) return false;
  }
  for (std::uint32_t i = 0; all_serve && i < task_.programs.size(); ++i) {
    if (arena_.process[i].is_collected.load() == 0) return false;
  }
  arena_.over_ns.store(monotonic_ns(), std::memory_order_release);
  arena_.is_over.store(1, std::memory_order_release);
  return true;
}

void Warden::wait_for_news() {
  const sigset_t signals = warden_signals();
  const timespec again{0, again_ns_};
  const int signal = ::sigtimedwait(&signals, nullptr, is_asked_still_ ? &again : nullptr);
  again_ns_ = signal > 0 ? kSoon : std::min(again_ns_ * 2, kLater);
}

void Warden::collect_the_dead() {
  int status = 0;
  for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    ProcessSlot* const ended = arena_.set_ended(pid, status);
    if (ended == nullptr) continue;
    ended->is_collected.store(1, std::memory_order_release);
    if (ended->ordinal < task_.programs.size()) end_descendants(ended->program);
  }
}

/// What a program has started and left behind ends with it.
void Warden::end_descendants(std::uint32_t program) {
  for (std::uint32_t i = 0; i < arena_.process_count(); ++i) {
    ProcessSlot& slot = arena_.process[i];
    const int pid = slot.pid.load();
    if (slot.program == program && slot.has_ended.load() == 0 && pid > 0) ::kill(pid, SIGKILL);
  }
}

// --- what programs ask -----------------------------------------------------------------------------------------------

void Warden::answer(ThreadSlot& slot) {
  const auto request = static_cast<Request>(slot.request.load(std::memory_order_acquire));
  if (request == Request::kNone) return;
  if (find_answer(slot, request)) {
    set_and_wake(slot.request, static_cast<std::uint32_t>(Request::kNone), true);
  } else {
    is_asked_still_ = true;
  }
}

bool Warden::find_answer(ThreadSlot& slot, Request request) {
  if (request == Request::kCounter) {
    const auto increase = counters_->increase_of(slot.name.data());
    slot.has_answer = increase.has_value();
    slot.answer = increase.value_or(0);
    return true;
  }
  if (request == Request::kWakeups) {
    slot.answer = wakeups_of(arena_, arena_.thread[slot.asked[0]]);
    slot.has_answer = true;
    return true;
  }
  return are_all_blocked(arena_, std::span(slot.asked).first(slot.asked_count));
}

// --- the end ---------------------------------------------------------------------------------------------------------

/// With a PID namespace the kernel does it when its first process ends.
void Warden::end_the_rest() {
  if (arena_.owns_pids || group_ == 0) return;
  ::kill(-group_, SIGKILL);
  while (::waitpid(-1, nullptr, 0) > 0) continue;
}

}  // namespace

void run_warden(const WardenTask& task) {
  Warden(task).run();
  ::_exit(0);
}

}  // namespace stackscope
