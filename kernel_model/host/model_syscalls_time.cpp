// System calls of time, and of timers that are files.
//
// Differs: CLOCK_REALTIME begins at the same moment in every run, and no clock is ever set; CLOCK_TAI is not ahead of it,
//          as before a time daemon runs. Clocks of other processes (negative numbers) answer
//          EINVAL; so do the alarm clocks, as on a machine without an RTC (timerfds take them).

#include <algorithm>
#include <ctime>

#include "kernel_model/files/timerfd.hpp"
#include "kernel_model/host/model_syscalls.hpp"
#include "kernel_model/host/system_call.hpp"
#include "kernel_model/scheduler/sleep.hpp"
#include "kernel_model/timers/timespec.hpp"

namespace stackscope {

// --- clocks ----------------------------------------------------------------------------------------------------------

int ModelSyscalls::nanosleep(Duration time) {
  return static_cast<int>(system_call<call::ClockNanosleep>(
      host_, [&] { return time < Duration{} ? -EINVAL : sleep_for(host_.scheduler(), time); }, time.count()));
}

// Through the vdso: no system call, and 24 ns that the program's own computing includes.
Instant ModelSyscalls::clock_gettime() { return host_.engine().now(); }

// The clocks of CPU time are the kernel's to tell, though without a tracepoint of their own here: the vdso calls it.
// Linux: kernel/time/posix-timers.c clockid_to_kclock(); lib/vdso/gettimeofday.c __cvdso_clock_gettime_common()
int ModelSyscalls::clock_gettime(int clock, timespec& now) {
  const Duration since_start = host_.engine().now().since_start();
  switch (clock) {
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_BOOTTIME:
      return now = timespec_of(since_start), 0;
    case CLOCK_REALTIME:
    case CLOCK_TAI:
      return now = timespec_of(kRealtimeAtStart + since_start), 0;
    case CLOCK_MONOTONIC_COARSE:
      return now = timespec_of(at_last_tick()), 0;
    case CLOCK_REALTIME_COARSE:
      return now = timespec_of(kRealtimeAtStart + at_last_tick()), 0;
    case CLOCK_THREAD_CPUTIME_ID:
    case CLOCK_PROCESS_CPUTIME_ID:
      return now = timespec_of(cpu_time(clock)), 0;
    default:
      return -EINVAL;
  }
}

// Before the first tick it is the start.
Duration ModelSyscalls::at_last_tick() const {
  const Tick& tick = host_.tick();
  return std::max(tick.of(tick.at(host_.engine().now())).since_start(), Duration{});
}

// Linux: kernel/time/posix-cpu-timers.c posix_cpu_clock_get(), thread_group_cputime()
Duration ModelSyscalls::cpu_time(int clock) {
  Cpu& cpu = host_.scheduler().cpu();
  cpu.enter_kernel();
  cpu.charge(cpu.costs().syscall_entry);
  Duration sum;
  for (const auto& [tid, thread] : process_.threads_by_tid) {
    if (clock == CLOCK_PROCESS_CPUTIME_ID || thread.task == &task())
      sum += host_.scheduler().cpu_time(*thread.task);
  }
  Cpu& now_on = host_.scheduler().cpu();
  now_on.charge(now_on.costs().syscall_exit);
  now_on.exit_to_user();
  return sum;
}

// --- timers ----------------------------------------------------------------------------------------------------------

int ModelSyscalls::timerfd_create(int clock, int flags) {
  return static_cast<int>(system_call<call::TimerfdCreate>(
      host_,
      [&] {
        if ((flags & ~Timerfd::kCreateFlags) != 0 || !Timerfd::is_clock(clock)) return -EINVAL;
        Files& files = host_.files();
        host_.scheduler().cpu().charge(files.costs().timerfd_create);
        return process_.fds.open(files.adopt(std::make_unique<Timerfd>(files.next_id(), clock, flags,
                                                                       host_.scheduler(), files.costs())),
                                 (flags & TFD_CLOEXEC) != 0);
      },
      clock, flags));
}

// Linux: fs/timerfd.c do_timerfd_settime(): flags and times are checked before the descriptor
int ModelSyscalls::timerfd_settime(int fd, int flags, const itimerspec& value, itimerspec* old) {
  return static_cast<int>(system_call<call::TimerfdSettime>(
      host_,
      [&] {
        if ((flags & ~Timerfd::kSettimeFlags) != 0 || !Timerfd::is_valid(value)) return -EINVAL;
        const FileRef file = process_.fds.get(fd);
        if (!file) return -EBADF;
        auto* const timer = file.as<Timerfd>();
        if (timer == nullptr) return -EINVAL;
        timer->settime(flags, value, old);
        return 0;
      },
      fd, flags, ns_of(value.it_value), ns_of(value.it_interval)));
}

int ModelSyscalls::timerfd_gettime(int fd, itimerspec& value) {
  return static_cast<int>(system_call<call::TimerfdGettime>(
      host_,
      [&] {
        const FileRef file = process_.fds.get(fd);
        if (!file) return -EBADF;
        auto* const timer = file.as<Timerfd>();
        if (timer == nullptr) return -EINVAL;
        timer->gettime(value);
        return 0;
      },
      fd));
}

}  // namespace stackscope
