// The real kernel's time, threads and processes, and what is no system call.

#include <cstring>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure/real_syscalls.hpp"

namespace stackscope {

namespace {

timespec timespec_of(Duration time) { return {time.count() / 1'000'000'000, time.count() % 1'000'000'000}; }

// What pthread_create() asks for. Linux: glibc sysdeps/unix/sysv/linux/createthread.c
constexpr std::int64_t kThreadFlags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_SIGHAND |
                                      CLONE_THREAD | CLONE_SETTLS | CLONE_PARENT_SETTID |
                                      CLONE_CHILD_CLEARTID;
constexpr int kWakes = 1;  // the records' word for FUTEX_WAKE, as the model tells it

void tell_note(Trace& trace, const EventView& event, RecordId cause) {
  trace.emit(ProgramNote{event.task, trace.intern(event.text), event.numbers[0]}, cause);
}
void tell_request(Trace& trace, const EventView& event, RecordId cause) {
  trace.emit(RequestMark{event.task, {}, static_cast<std::uint64_t>(event.numbers[0]), event.numbers[1] != 0},
             cause);
}
void tell_printed(Trace& trace, const EventView& event, RecordId cause) {
  trace.emit(
      ProgramPrinted{event.task, static_cast<std::uint8_t>(event.numbers[0]), trace.intern(event.text)},
      cause);
}
void tell_logged(Trace& trace, const EventView& event, RecordId cause) {
  trace.emit(ProgramLogged{event.task, trace.intern(event.text)}, cause);
}
void tell_mark(Trace& trace, const EventView& event, RecordId cause) {
  trace.emit(ProgramMark{event.task, trace.intern(event.text), event.numbers[0] != 0}, cause);
}

std::int64_t cpu_time_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

// --- time ------------------------------------------------------------------------------------------------------------

int RealSyscalls::nanosleep(Duration time) {
  const timespec wanted = timespec_of(time);
  return static_cast<int>(thread_.call<call::ClockNanosleep>(
      [&] { return or_errno(::syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &wanted, nullptr)); },
      time.count()));
}

Instant RealSyscalls::clock_gettime() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  thread_.pass_lock();
  return process_.since_start(now);
}

int RealSyscalls::clock_gettime(int clock, timespec& now) {
  const std::int64_t result = or_errno(::clock_gettime(clock, &now));
  thread_.pass_lock();
  return static_cast<int>(result);
}

void RealSyscalls::compute(Duration time) {
  static constexpr std::string_view kName = "compute";
  CallInProgress& call = thread_.slot().call;
  call = {kName.data(), kName.size(), 1, {time.count()}};
  thread_.slot().set_where(Whereabouts::kComputes);
  thread_.put_lock_down();
  for (const std::int64_t end = cpu_time_ns() + time.count(); cpu_time_ns() < end;) continue;
  thread_.slot().set_where(Whereabouts::kOutside);
  thread_.wait_for_lock(thread_.draw());
}

// --- scheduling ------------------------------------------------------------------------------------------------------

int RealSyscalls::sched_yield() {
  return static_cast<int>(thread_.call<call::SchedYield>([] { return or_errno(::sched_yield()); }));
}

int RealSyscalls::sched_setaffinity(std::uint64_t mask) {
  return static_cast<int>(thread_.call<call::SchedSetaffinity>(
      [&] { return or_errno(::syscall(SYS_sched_setaffinity, 0, sizeof mask, &mask)); }, mask));
}

int RealSyscalls::sched_setscheduler(int policy, int priority) {
  sched_param parameters{};
  parameters.sched_priority = priority;
  return static_cast<int>(thread_.call<call::SchedSetscheduler>(
      [&] { return or_errno(::syscall(SYS_sched_setscheduler, 0, policy, &parameters)); }, policy, priority));
}

int RealSyscalls::futex_wait(unsigned word, std::uint32_t expected, Duration timeout) {
  const timespec wanted = timespec_of(timeout);
  const timespec* const given = timeout < Duration::max() && timeout.count() >= 0 ? &wanted : nullptr;
  FutexWord& slept_on = process_.slot().words[word];
  return static_cast<int>(
      thread_.call<call::Futex>([&] { return futex(slept_on, FUTEX_WAIT_PRIVATE, expected, given); }, word, 0,
                                expected, timeout.count()));
}

int RealSyscalls::futex_wake(unsigned word, int most) {
  FutexWord& slept_on = process_.slot().words[word];
  return static_cast<int>(thread_.call<call::Futex>(
      [&] { return futex(slept_on, FUTEX_WAKE_PRIVATE, static_cast<std::uint32_t>(most), nullptr); }, word,
      kWakes, most, 0));
}

std::uint32_t RealSyscalls::load(unsigned word) const {
  return process_.slot().words[word].load(std::memory_order_acquire);
}
void RealSyscalls::store(unsigned word, std::uint32_t value) {
  process_.slot().words[word].store(value, std::memory_order_release);
}
int RealSyscalls::thread_number() const { return thread_.slot().number; }
int RealSyscalls::threads() const { return process_.threads(); }
std::uint32_t RealSyscalls::address_of(std::string_view host) const { return process_.address_of(host); }

// --- threads and processes -------------------------------------------------------------------------------------------

int RealSyscalls::thread_create(std::function<void(Syscalls&)> body) {
  RealProcess::NewThread* made = nullptr;
  return static_cast<int>(thread_.call_then<call::Clone>(
      [&] { return std::int64_t{process_.make_thread(std::move(body), thread_.recorder(), made)}; },
      [&] {
        if (made != nullptr) process_.let_go(*made);
      },
      kThreadFlags));
}

// Told as what pthread_join() does: a sleep on the thread's own word.
int RealSyscalls::thread_join(int tid) {
  ThreadSlot* const joined = process_.arena().find_thread(process_.slot().ordinal, tid);
  if (joined == nullptr) return -ESRCH;
  if (joined == &thread_.slot()) return -EDEADLK;
  constexpr auto kLive = static_cast<std::uint32_t>(SlotState::kLive);
  return static_cast<int>(
      thread_.call<call::Futex>([&] { return wait_while(joined->state, kLive, false), std::int64_t{0}; },
                                kSharedWords + joined->ordinal, 0, tid, -1));
}

// The lock is kept while the kernel copies memory: what other threads might be changing would be copied half changed.
int RealSyscalls::fork(std::function<int(Syscalls&)> child) {
  thread_.enter<call::Clone>(CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD);
  thread_.pass_lock();
  Arena& arena = process_.arena();
  ProcessSlot* const process = arena.take_process(process_.slot().program);
  ThreadSlot* const thread = process != nullptr ? arena.take_thread(process->ordinal, 0) : nullptr;
  const std::int64_t result = thread != nullptr ? fork_locked(*process, *thread, child) : -EAGAIN;
  thread_.leave<call::Clone>(result);
  thread_.pass_lock();
  return static_cast<int>(result);
}

std::int64_t RealSyscalls::fork_locked(ProcessSlot& process, ThreadSlot& thread,
                                       const std::function<int(Syscalls&)>& child) {
  for (unsigned word = 0; word < kSharedWords; ++word) process.words[word].store(load(word));
  const std::int64_t pid = or_errno(::fork());
  if (pid == 0) process_.continue_as(process, thread, child);
  if (pid > 0) process.pid.store(static_cast<int>(pid), std::memory_order_release);
  if (pid < 0) {
    process.has_ended.store(1);
    thread.state.store(static_cast<std::uint32_t>(SlotState::kEnded));
  }
  return pid;
}

int RealSyscalls::waitpid(int pid, int& status, int options) {
  const auto wait = [&] {
    const std::int64_t child = or_errno(::waitpid(pid, &status, options));
    if (child > 0) process_.arena().set_ended(static_cast<int>(child), status);
    return child;
  };
  return static_cast<int>(thread_.call<call::Wait4>(wait, pid, options));
}

int RealSyscalls::kill(int pid, int signal) {
  return static_cast<int>(thread_.call<call::Kill>(
      [&] { return may_kill(pid) ? or_errno(::kill(pid, signal)) : std::int64_t{-EPERM}; }, pid, signal));
}

/// Where process numbers are the machine's, only those of the run's own processes may be named.
bool RealSyscalls::may_kill(int pid) {
  Arena& arena = process_.arena();
  if (arena.owns_pids) return true;
  for (std::uint32_t i = 0; i < arena.process_count(); ++i) {
    if (arena.process[i].pid.load() == pid) return pid > 0 && arena.process[i].has_ended.load() == 0;
  }
  return false;
}

int RealSyscalls::getpid() {
  return static_cast<int>(thread_.call<call::Getpid>([] { return ::syscall(SYS_getpid); }));
}
int RealSyscalls::gettid() {
  return static_cast<int>(thread_.call<call::Gettid>([] { return ::syscall(SYS_gettid); }));
}

void RealSyscalls::exit_group(int status) {
  thread_.enter<call::ExitGroup>(status);
  process_.exit(status);
}

// --- what is no system call ------------------------------------------------------------------------------------------

bool RealSyscalls::ask_about(std::span<const int> tids, Request request) {
  ThreadSlot& slot = thread_.slot();
  slot.asked_count = 0;
  for (const int tid : tids) {
    const ThreadSlot* const asked = process_.arena().find_thread(process_.slot().ordinal, tid);
    if (asked != nullptr) slot.asked[slot.asked_count++] = asked->ordinal;
  }
  slot.has_answer = false;
  if (slot.asked_count > 0) thread_.ask(request);
  return slot.has_answer;
}

void RealSyscalls::wait_until_blocked(std::span<const int> tids) {
  for (; !tids.empty(); tids = tids.subspan(std::min(tids.size(), ThreadSlot::kMostAsked))) {
    ask_about(tids.first(std::min(tids.size(), ThreadSlot::kMostAsked)), Request::kWaitUntilBlocked);
  }
}

std::int64_t RealSyscalls::wakeups(int tid) {
  return ask_about({&tid, 1}, Request::kWakeups) ? thread_.slot().answer : 0;
}

std::optional<std::int64_t> RealSyscalls::counter(std::string_view name) {
  ThreadSlot& slot = thread_.slot();
  if (name.size() >= slot.name.size()) return std::nullopt;
  slot.name = {};
  std::memcpy(slot.name.data(), name.data(), name.size());
  slot.has_answer = false;
  thread_.ask(Request::kCounter);
  return slot.has_answer ? std::optional(slot.answer) : std::nullopt;
}

void RealSyscalls::print(int stream, std::string_view line) {
  thread_.recorder().tell(tell_printed, {stream}, line);
  thread_.put_lock_down();
  process_.arena().printed.print(stream, line);
  thread_.wait_for_lock(thread_.draw());
}

void RealSyscalls::log(std::string_view line) {
  thread_.recorder().tell(tell_logged, {}, line);
  thread_.pass_lock();
}

void RealSyscalls::mark(std::string_view name, bool begins) {
  thread_.recorder().tell(tell_mark, {begins}, name);
  thread_.pass_lock();
}

void RealSyscalls::note(std::string_view what, std::int64_t value) {
  thread_.recorder().tell(tell_note, {value}, what);
}
void RealSyscalls::request_begins(std::uint64_t number, int) {
  thread_.recorder().tell(tell_request, {static_cast<std::int64_t>(number), 1});
}
void RealSyscalls::request_ends(std::uint64_t number, int) {
  thread_.recorder().tell(tell_request, {static_cast<std::int64_t>(number), 0});
}

}  // namespace stackscope
