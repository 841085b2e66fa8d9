// System calls of threads and processes, and what a program asks about its own.

#include <csignal>
#include <cstdlib>
#include <sched.h>

#include "kernel_model/host/model_syscalls.hpp"
#include "kernel_model/host/system_call.hpp"

namespace stackscope {

namespace {

/// As glibc calls clone(2).
constexpr std::int64_t kThreadFlags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
                                      CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |
                                      CLONE_CHILD_CLEARTID;
constexpr std::int64_t kForkFlags = CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | SIGCHLD;

int tid_of(const Task& task) { return static_cast<int>(task.id().value); }

}  // namespace

// --- threads ---------------------------------------------------------------------------------------------------------

// Linux: kernel/fork.c copy_process(): no room, or a process that is being ended
int ModelSyscalls::may_clone(const Cost& cost) {
  host_.scheduler().cpu().charge(cost);
  if (host_.process_table().is_full()) return -EAGAIN;
  return host_.scheduler().signal_pending() ? -EINTR : 0;
}

int ModelSyscalls::thread_create(std::function<void(Syscalls&)> body) {
  Process::Started& started = process_.started.emplace_back();
  started.body = [body = std::move(body)](Syscalls& os) { return body(os), 0; };
  return static_cast<int>(system_call<call::Clone>(
      host_,
      [&] {
        if (const int error = may_clone(host_.scheduler().costs().clone)) return error;
        started.os = std::make_unique<ModelSyscalls>(host_, process_, process_.threads++);
        return tid_of(
            host_.create_thread(process_, task().attributes(), [&started] { started.body(*started.os); }));
      },
      kThreadFlags));
}

// Linux: glibc's pthread_join(): who has ended already is no call
int ModelSyscalls::thread_join(int tid) {
  const auto found = process_.threads_by_tid.find(tid);
  if (found == process_.threads_by_tid.end()) return -ESRCH;
  if (found->second.task == &task()) return -EDEADLK;
  while (found->second.word != 0) {
    system_call<call::Futex>(
        host_, [&] { return Processes::join(process_, tid); }, Process::join_word(tid), 0, tid, -1);
  }
  return 0;
}

int ModelSyscalls::gettid() {
  return static_cast<int>(system_call<call::Gettid>(host_, [&] { return tid_of(task()); }));
}

// Linux: kernel/sched/syscalls.c __sched_setscheduler(). SCHED_RESET_ON_FORK is not kept.
int ModelSyscalls::sched_setscheduler(int policy, int priority) {
  const auto body = [&] {
    const bool is_realtime = policy == SCHED_FIFO || policy == SCHED_RR;
    const bool is_fair = policy == SCHED_OTHER || policy == SCHED_BATCH || policy == SCHED_IDLE;
    if (!is_realtime && !is_fair) return -EINVAL;
    if (priority < 0 || priority > 99 || is_realtime != (priority != 0)) return -EINVAL;
    SchedPolicy to = SchedPolicy::kOther;
    if (policy == SCHED_FIFO) to = SchedPolicy::kFifo;
    if (policy == SCHED_RR) to = SchedPolicy::kRoundRobin;
    if (policy == SCHED_IDLE) to = SchedPolicy::kIdle;
    host_.scheduler().set_scheduler(to, static_cast<std::uint8_t>(priority), policy == SCHED_BATCH);
    return 0;
  };
  return static_cast<int>(system_call<call::SchedSetscheduler>(host_, body, policy, priority));
}

// --- processes -------------------------------------------------------------------------------------------------------

int ModelSyscalls::fork(std::function<int(Syscalls&)> body) {
  Process::Started& asked = process_.started.emplace_back();
  asked.body = std::move(body);
  return static_cast<int>(system_call<call::Clone>(
      host_,
      [&] {
        if (const int error = may_clone(host_.scheduler().costs().fork)) return error;
        Process& child = host_.process_table().create_child(process_);
        Process::Started& started = child.started.emplace_back(std::move(asked));
        started.os = std::make_unique<ModelSyscalls>(host_, child, 0);
        return tid_of(host_.create_thread(child, task().attributes(),
                                          [&started] { started.os->exit_group(started.body(*started.os)); }));
      },
      kForkFlags));
}

int ModelSyscalls::waitpid(int pid, int& status, int options) {
  return static_cast<int>(system_call<call::Wait4>(
      host_, [&] { return host_.process_table().wait(process_, pid, status, options); }, pid, options));
}

int ModelSyscalls::kill(int pid, int signal) {
  return static_cast<int>(system_call<call::Kill>(
      host_, [&] { return host_.process_table().kill(process_, pid, signal); }, pid, signal));
}

int ModelSyscalls::getpid() {
  return static_cast<int>(system_call<call::Getpid>(host_, [&] { return process_.pid(); }));
}

// Does not return. Linux: kernel/exit.c SYSCALL_DEFINE1(exit_group)
void ModelSyscalls::exit_group(int status) {
  system_call<call::ExitGroup>(
      host_, [&]() -> int { host_.process_table().exit_group((status & 0xff) << 8); }, status);
  std::abort();
}

// --- what is not a system call ---------------------------------------------------------------------------------------

void ModelSyscalls::wait_until_blocked(std::span<const int> tids) {
  awaited_.clear();
  for (const int tid : tids) {
    const auto found = process_.threads_by_tid.find(tid);
    if (found != process_.threads_by_tid.end()) awaited_.push_back(found->second.task);
  }
  host_.scheduler().cpu().enter_kernel();
  host_.scheduler().wait_until_blocked(awaited_);
  host_.scheduler().cpu().exit_to_user();
}

std::int64_t ModelSyscalls::wakeups(int tid) {
  const auto found = process_.threads_by_tid.find(tid);
  return found != process_.threads_by_tid.end() ? found->second.task->wakeups() : 0;
}

std::optional<std::int64_t> ModelSyscalls::counter(std::string_view name) {
  const std::optional<Counter> known = counter_named(name);
  if (!known) return std::nullopt;
  return host_.network().counters()[*known] - process_.counters_at_start[*known];
}

void ModelSyscalls::print(int stream, std::string_view line) {
  Trace& trace = host_.trace();
  trace.emit(ProgramPrinted{task().id(), static_cast<std::uint8_t>(stream), trace.intern(line)});
  host_.print(stream, line);
}

void ModelSyscalls::log(std::string_view line) {
  Trace& trace = host_.trace();
  trace.emit(ProgramLogged{task().id(), trace.intern(line)});
}

void ModelSyscalls::mark(std::string_view name, bool begins) {
  Trace& trace = host_.trace();
  trace.emit(ProgramMark{task().id(), trace.intern(name), begins});
}

}  // namespace stackscope
