#include "measure/tracing.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <optional>
#include <string_view>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <tuple>
#include <unistd.h>

#include "measure/small_file.hpp"

namespace stackscope {

namespace {

constexpr std::string_view kBufferKiB = "2048";  // a CPU: 30,000 records; it is drained 50 times a second

/// The kernel traces with the numbers of the first namespace. Linux: include/linux/proc_ns.h PROC_PID_INIT_INO
bool has_kernels_numbers() {
  struct stat status{};
  constexpr ino_t kFirstNamespace = 0xEFFFFFFC;
  return ::stat("/proc/self/ns/pid", &status) == 0 && status.st_ino == kFirstNamespace;
}

/// A mount of tracefs that is gone when its last descriptor is. −1 where refused.
int mount_tracefs() {
  const int context = ::fsopen("tracefs", FSOPEN_CLOEXEC);
  if (context < 0) return -1;
  const bool is_made = ::fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0;
  const int mount = is_made ? ::fsmount(context, FSMOUNT_CLOEXEC, 0) : -1;
  const int error = errno;
  ::close(context);
  errno = error;
  return mount;
}

std::uint64_t number_of(std::string_view text, std::string_view label) {
  const std::size_t at = text.find(label);
  std::uint64_t value = 0;
  if (at != std::string_view::npos)
    std::from_chars(text.data() + at + label.size(), text.data() + text.size(), value);
  return value;
}

/// Sleeps until the other end of `pipe` is closed by whoever had it last, and removes the instance. Nothing here allocates:
/// it is a copy of a process that may have had other threads.
[[noreturn]] void be_janitor(int pipe, int tracefs, const char* instance) {
  ::setsid();  // whoever interrupts the others does not mean this one
  constexpr int kPipe = 0, kTracefs = 1;
  const int high_pipe = ::fcntl(pipe, F_DUPFD, 10), high_tracefs = ::fcntl(tracefs, F_DUPFD, 10);
  ::dup2(high_pipe, kPipe), ::dup2(high_tracefs, kTracefs);
  ::close_range(kTracefs + 1, ~0u, 0);
  char nothing = 0;
  while (::read(kPipe, &nothing, 1) < 0 && errno == EINTR) continue;
  // The kernel may still be closing the files of a process that was killed.
  for (int tries = 0; tries < 1000 && ::unlinkat(kTracefs, instance, AT_REMOVEDIR) < 0 && errno == EBUSY;
       ++tries)
    ::usleep(1000);
  ::_exit(0);
}

}  // namespace

std::unique_ptr<SchedTrace> SchedTrace::start(std::string& why_not) {
  if (!has_kernels_numbers()) {
    why_not = "the kernel's tracepoints do not know threads by the numbers of this PID namespace";
    return nullptr;
  }
  std::unique_ptr<SchedTrace> trace{new SchedTrace()};
  trace->tracefs_ = mount_tracefs();
  if (trace->tracefs_ < 0) {
    why_not = fmt::format("tracefs cannot be mounted: {}", std::strerror(errno));
    return nullptr;
  }
  if (!trace->make_instance() || !trace->configure() || !trace->open_buffers()) {
    why_not = fmt::format("the kernel's tracepoints cannot be used: {}", std::strerror(errno));
    return nullptr;
  }
  return trace;
}

SchedTrace::~SchedTrace() {
  for (const int buffer : buffers_) ::close(buffer);
  if (instance_ >= 0) ::close(instance_);
  if (tracefs_ >= 0) ::close(tracefs_);
  if (janitor_ < 0) return;
  ::close(janitor_pipe_);
  while (::waitpid(janitor_, nullptr, 0) < 0 && errno == EINTR) continue;
}

// --- the beginning ---------------------------------------------------------------------------------------------------

bool SchedTrace::make_instance() {
  constexpr int kMostOfOneProcess = 100;
  for (int i = 0; i < kMostOfOneProcess; ++i) {
    name_ = fmt::format("instances/stackscope_{}_{}", ::getpid(), i);
    if (::mkdirat(tracefs_, name_.c_str(), 0700) == 0) break;
    name_.clear();
    if (errno != EEXIST) return false;
  }
  if (name_.empty()) return false;
  if (!start_janitor()) {
    ::unlinkat(tracefs_, name_.c_str(), AT_REMOVEDIR);
    return false;
  }
  instance_ = ::openat(tracefs_, name_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  return instance_ >= 0;
}

bool SchedTrace::start_janitor() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) return false;
  janitor_ = ::fork();
  if (janitor_ == 0) {
    ::close(ends[1]);
    be_janitor(ends[0], tracefs_, name_.c_str());
  }
  ::close(ends[0]);
  janitor_pipe_ = ends[1];
  if (janitor_ < 0) ::close(janitor_pipe_);
  return janitor_ > 0;
}

bool SchedTrace::configure() {
  const auto switched = read_switch_format(read_small_file(instance_, "events/sched/sched_switch/format"));
  const auto waking = read_wake_format(read_small_file(instance_, "events/sched/sched_waking/format"));
  const auto wakeup = read_wake_format(read_small_file(instance_, "events/sched/sched_wakeup/format"));
  if (!switched || !waking || !wakeup) {
    errno = ENOTSUP;  // another kernel's records
    return false;
  }
  formats_ = {*switched, *waking, *wakeup};
  return write_small_file(instance_, "trace_clock", "mono") &&
         write_small_file(instance_, "buffer_size_kb", kBufferKiB) &&
         write_small_file(instance_, "options/event-fork", "1") &&
         write_small_file(instance_, "set_event_pid", std::to_string(::gettid())) &&
         write_small_file(instance_, "events/sched/sched_switch/enable", "1") &&
         write_small_file(instance_, "events/sched/sched_waking/enable", "1") &&
         write_small_file(instance_, "events/sched/sched_wakeup/enable", "1");
}

bool SchedTrace::open_buffers() {
  page_.resize(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)));
  for (;;) {
    const std::string name = fmt::format("per_cpu/cpu{}/trace_pipe_raw", buffers_.size());
    const int buffer = ::openat(instance_, name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (buffer < 0) return !buffers_.empty() && errno == ENOENT;
    buffers_.push_back(buffer);
  }
}

// --- while it runs, and the end --------------------------------------------------------------------------------------

void SchedTrace::drain() {
  for (std::size_t cpu = 0; cpu < buffers_.size(); ++cpu) {
    for (ssize_t got = 0; (got = ::read(buffers_[cpu], page_.data(), page_.size())) > 0;) {
      read_trace_page(std::span(page_).first(static_cast<std::size_t>(got)), static_cast<std::uint8_t>(cpu),
                      formats_, events_);
    }
  }
}

void SchedTrace::stop() {
  write_small_file(instance_, "tracing_on", "0");
  drain();
  count_lost();
  std::sort(events_.begin(), events_.end(), [](const SchedEvent& a, const SchedEvent& b) {
    return std::tie(a.at_ns, a.order) < std::tie(b.at_ns, b.order);
  });
}

void SchedTrace::count_lost() {
  for (std::size_t cpu = 0; cpu < buffers_.size(); ++cpu) {
    const std::string stats = read_small_file(instance_, fmt::format("per_cpu/cpu{}/stats", cpu).c_str());
    lost_ += number_of(stats, "overrun: ") + number_of(stats, "dropped events: ");
  }
}

}  // namespace stackscope
