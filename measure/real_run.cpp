#include "measure/real_run.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure/kernel_version.hpp"
#include "measure/line_pipe.hpp"
#include "measure/looking.hpp"
#include "measure/monotonic.hpp"
#include "measure/sandbox.hpp"
#include "measure/stuck.hpp"
#include "measure/tracing.hpp"
#include "measure/warden.hpp"

namespace stackscope {

namespace {

constexpr int kLookAtLinesEvery_ms = 20;  // the ring holds what is printed meanwhile

/// A child of which `pidfd` tells when it ends. The pid, 0 in the child, or −errno. Linux: kernel/fork.c sys_clone3()
pid_t clone_with(std::uint64_t namespaces, int& pidfd) {
  clone_args arguments{};
  arguments.flags = namespaces | CLONE_PIDFD | CLONE_CLEAR_SIGHAND;
  arguments.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
  arguments.exit_signal = SIGCHLD;
  const long pid = ::syscall(SYS_clone3, &arguments, sizeof arguments);
  return static_cast<pid_t>(pid < 0 ? -errno : pid);
}

/// The supervisor's part in one run.
class Supervisor {
 public:
  struct Kept {
    SharedArena arena = make_arena();
    ReusedNetwork network;
    std::vector<int> ignored_signals = stackscope::ignored_signals();
  };
  Supervisor(Kept& kept, std::span<const RealProgram> programs, const RealOptions& options)
      : arena_(*kept.arena), kept_(kept), programs_(programs), options_(options) {}

  RealResult run() {
    arena_.clear();
    arena_.records = options_.trace != nullptr;
    if (options_.scheduler && arena_.records) start_scheduler_trace();
    if (start_warden()) {
      attend();
      finish();
    }
    return std::move(result_);
  }

 private:
  struct Namespaces {
    bool user, pids;
  };
  void start_scheduler_trace();
  bool start_warden();
  pid_t start_in(Namespaces wanted, int network);
  void attend();
  bool hear(std::int64_t until);
  void end_by_force();
  void finish();
  void tell_programs();
  void tell_trace(std::int64_t start);
  void note(std::string text) { result_.notes.push_back(std::move(text)); }

  Arena& arena_;
  Kept& kept_;
  std::span<const RealProgram> programs_;
  const RealOptions& options_;
  RealResult result_;
  LinePipe out_{STDOUT_FILENO, options_.on_line}, err_{STDERR_FILENO, options_.on_line};
  PrintReader printed_{arena_.printed, options_.on_line};
  std::unique_ptr<SchedTrace> scheduler_;
  pid_t warden_ = -1;
  int warden_fd_ = -1;
};

// --- the beginning ---------------------------------------------------------------------------------------------------

void Supervisor::start_scheduler_trace() {
  std::string why_not;
  scheduler_ = SchedTrace::start(why_not);
  result_.has_scheduler = scheduler_ != nullptr;
  if (!result_.has_scheduler) note("switches and wake-ups are not recorded: " + why_not);
}

/// With what root may do alone, then with a user namespace, then without any.
bool Supervisor::start_warden() {
  const int network = options_.network == RealNetwork::kReused ? kept_.network.clean() : -1;
  const bool is_root = ::geteuid() == 0;
  const std::array<Namespaces, 3> ways = {
      {{false, options_.own_pids}, {true, options_.own_pids}, {false, false}}};
  for (std::size_t i = is_root ? 0 : 1; i < ways.size(); ++i) {
    if (ways[i].user && !options_.own_pids && options_.network == RealNetwork::kHosts) continue;
    warden_ = start_in(ways[i], network);
    if (warden_ > 0) return true;
  }
  note(fmt::format("no process could be made: {}", std::strerror(-warden_)));
  return false;
}

pid_t Supervisor::start_in(Namespaces wanted, int network) {
  arena_.owns_pids = wanted.pids;
  const WardenTask task{.arena = arena_,
                        .programs = programs_,
                        .options = options_,
                        .maps_user = wanted.user,
                        .makes_network = options_.network != RealNetwork::kHosts,
                        .network = network,
                        .out = out_.writer(),
                        .err = err_.writer(),
                        .ignored_signals = kept_.ignored_signals,
                        .supervisor = ::getpid(),
                        .uid = ::geteuid(),
                        .gid = ::getegid()};
  const std::uint64_t flags = (wanted.user ? CLONE_NEWUSER : 0u) | (wanted.pids ? CLONE_NEWPID : 0u);
  const pid_t pid = clone_with(flags, warden_fd_);
  if (pid == 0) run_warden(task);
  return pid;
}

// --- while it runs ---------------------------------------------------------------------------------------------------

void Supervisor::attend() {
  out_.close_writer();
  err_.close_writer();
  const std::int64_t deadline = monotonic_ns() + options_.deadline.count();
  while (hear(deadline)) {
    if (monotonic_ns() < deadline) continue;
    result_.outcome = RealResult::Outcome::kDeadline;
    result_.stuck = stuck_threads(arena_, programs_);
    end_by_force();
    return;
  }
}

/// Whatever comes before the next look at the lines. False when the warden has ended.
bool Supervisor::hear(std::int64_t until) {
  std::array<pollfd, 3> watched = {
      {{warden_fd_, POLLIN, 0}, {out_.reader(), POLLIN, 0}, {err_.reader(), POLLIN, 0}}};
  const std::int64_t left_ms = (until - monotonic_ns()) / 1'000'000 + 1;
  ::poll(watched.data(), watched.size(),
         static_cast<int>(std::clamp<std::int64_t>(left_ms, 0, kLookAtLinesEvery_ms)));
  out_.drain();
  err_.drain();
  printed_.drain();
  if (scheduler_ != nullptr) scheduler_->drain();
  return (watched[0].revents & POLLIN) == 0;
}

/// With a PID namespace all its processes end with its first; else the warden ends them.
void Supervisor::end_by_force() {
  arena_.over_ns.store(monotonic_ns(), std::memory_order_release);
  arena_.stops.store(1, std::memory_order_release);
  ::kill(warden_, arena_.owns_pids ? SIGKILL : SIGUSR1);
}

// --- the end ---------------------------------------------------------------------------------------------------------

void Supervisor::finish() {
  int status = 0;
  while (::waitpid(warden_, &status, 0) < 0 && errno == EINTR) continue;
  ::close(warden_fd_);
  const std::int64_t start = arena_.start_ns.load();
  result_.took = Duration::ns(start != 0 ? monotonic_ns() - start : 0);
  out_.finish();
  err_.finish();
  printed_.drain();
  if (arena_.is_over.load() != 0) result_.outcome = RealResult::Outcome::kFinished;
  if (scheduler_ != nullptr) scheduler_->stop();
  tell_programs();
  if (options_.trace != nullptr) tell_trace(start);
}

void Supervisor::tell_trace(std::int64_t start) {
  const std::vector<SchedEvent> none;
  const Company company =
      tell_events(arena_, scheduler_ != nullptr ? scheduler_->events() : none, start, *options_.trace);
  result_.switches = company.switches;
  result_.switches_from_others = company.from_others;
}

void Supervisor::tell_programs() {
  for (std::uint32_t i = 0; i < programs_.size(); ++i) {
    const ProcessSlot& slot = arena_.process[i];
    const int status = slot.status.load();
    RealResult::Ended& ended = result_.programs.emplace_back();
    ended.has_ended = slot.is_collected.load() != 0;
    ended.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
  result_.own_network = arena_.owns_network;
  result_.own_pids = arena_.owns_pids;
  result_.lost_events = arena_.lost_events.load() + (scheduler_ != nullptr ? scheduler_->lost() : 0);
  if (options_.network != RealNetwork::kHosts && !arena_.owns_network) {
    note("no network of its own could be made: counters and ports are not comparable");
  }
  if (options_.own_pids && !arena_.owns_pids)
    note("no PID namespace could be made: process numbers are the machine's");
  if (arena_.cannot_start) note("a program's process could not be made");
  if (arena_.refused_sysctl) note("a sysctl of the run was refused");
  if (arena_.refused_scheduling) note("a scheduling policy, niceness or CPU was refused");
  if (result_.lost_events > 0)
    note(fmt::format("{} events were lost: no room for more", result_.lost_events));
  if (const auto kernel = KernelVersion::running(); !kernel.is_models()) {
    note(fmt::format("Linux {} is not the model's 6.18: not comparable", kernel.release));
  }
}

}  // namespace

struct RealRunner::Parts : Supervisor::Kept {};

RealRunner::RealRunner() : parts_(std::make_unique<Parts>()) {}
RealRunner::~RealRunner() = default;

RealResult RealRunner::run(std::span<const RealProgram> programs, const RealOptions& options) {
  return Supervisor(*parts_, programs, options).run();
}

RealResult run_real(std::span<const RealProgram> programs, const RealOptions& options) {
  return RealRunner().run(programs, options);
}

}  // namespace stackscope
