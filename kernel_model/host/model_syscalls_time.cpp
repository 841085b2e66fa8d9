// System calls of timers that are files.

#include "kernel_model/files/timerfd.hpp"
#include "kernel_model/host/model_syscalls.hpp"
#include "kernel_model/host/system_call.hpp"

namespace stackscope {

namespace {

/// As records tell a time: in nanoseconds. What is not valid is told as it would add up, in 64 bits.
std::int64_t ns_of(const timespec& time) {
  const auto sum =
      static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(time.tv_nsec);
  return static_cast<std::int64_t>(sum);
}

}  // namespace

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
