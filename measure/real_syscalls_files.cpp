// The real kernel's calls on descriptors of any kind, and on files that are no sockets.

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "measure/real_syscalls.hpp"

namespace stackscope {

namespace {

/// As records tell a time: in nanoseconds; −1 stands for ever. What is not valid is told as it would add up, in 64 bits.
std::int64_t ns_of(const timespec& time) {
  const auto sum =
      static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(time.tv_nsec);
  return static_cast<std::int64_t>(sum);
}
std::int64_t ns_of(const timespec* time) { return time != nullptr ? ns_of(*time) : -1; }

constexpr std::size_t kKernelSigset = 8;  // bytes, as the kernel counts a set of signals

}  // namespace

RealSyscalls::RealSyscalls(RealProcess& process, ThreadSlot& slot)
    : process_(process), thread_(process.arena(), slot, process.lock(), process.counts_wakeups()) {}

void* RealSyscalls::data_of(Buffer to) {
  touch(to);
  return to.data != nullptr ? to.data : dropped_.room(to.size);
}
const void* RealSyscalls::data_of(ConstBuffer from) {
  return from.data != nullptr ? from.data : dropped_.room(from.size);
}

// --- descriptors -----------------------------------------------------------------------------------------------------

std::int64_t RealSyscalls::read(int fd, Buffer to) {
  void* const data = data_of(to);
  return thread_.call<call::Read>([&] { return or_errno(::read(fd, data, to.size)); }, fd, to.size);
}

std::int64_t RealSyscalls::write(int fd, ConstBuffer from) {
  const void* const data = data_of(from);
  return thread_.call<call::Write>([&] { return or_errno(::write(fd, data, from.size)); }, fd, from.size);
}

std::int64_t RealSyscalls::readv(int fd, std::span<const Buffer> parts) {
  const std::vector<iovec> vector = dropped_.vector_of(parts);
  const auto count = static_cast<int>(vector.size());
  return thread_.call<call::Readv>([&] { return or_errno(::readv(fd, vector.data(), count)); }, fd, count);
}

std::int64_t RealSyscalls::writev(int fd, std::span<const ConstBuffer> parts) {
  const std::vector<iovec> vector = dropped_.vector_of(parts);
  const auto count = static_cast<int>(vector.size());
  return thread_.call<call::Writev>([&] { return or_errno(::writev(fd, vector.data(), count)); }, fd, count);
}

int RealSyscalls::close(int fd) {
  return static_cast<int>(thread_.call<call::Close>([&] { return or_errno(::close(fd)); }, fd));
}

int RealSyscalls::dup(int fd) {
  return static_cast<int>(thread_.call<call::Dup>([&] { return or_errno(::dup(fd)); }, fd));
}

int RealSyscalls::dup2(int old_fd, int new_fd) {
  return static_cast<int>(
      thread_.call<call::Dup2>([&] { return or_errno(::dup2(old_fd, new_fd)); }, old_fd, new_fd));
}

int RealSyscalls::dup3(int old_fd, int new_fd, int flags) {
  return static_cast<int>(thread_.call<call::Dup3>([&] { return or_errno(::dup3(old_fd, new_fd, flags)); },
                                                   old_fd, new_fd, flags));
}

// The C library gives some commands another meaning, so past it.
int RealSyscalls::fcntl(int fd, int command, int argument) {
  return static_cast<int>(thread_.call<call::Fcntl>(
      [&] { return or_errno(::syscall(SYS_fcntl, fd, command, static_cast<long>(argument))); }, fd, command,
      argument));
}

int RealSyscalls::ioctl(int fd, unsigned long request, int& value) {
  return static_cast<int>(
      thread_.call<call::Ioctl>([&] { return or_errno(::ioctl(fd, request, &value)); }, fd, request, value));
}

// --- files that are no sockets ---------------------------------------------------------------------------------------

int RealSyscalls::eventfd(unsigned count, int flags) {
  return static_cast<int>(
      thread_.call<call::Eventfd2>([&] { return or_errno(::eventfd(count, flags)); }, count, flags));
}

int RealSyscalls::pipe2(std::array<int, 2>& fds, int flags) {
  return static_cast<int>(
      thread_.call<call::Pipe2>([&] { return or_errno(::pipe2(fds.data(), flags)); }, flags));
}

int RealSyscalls::timerfd_create(int clock, int flags) {
  return static_cast<int>(thread_.call<call::TimerfdCreate>(
      [&] { return or_errno(::timerfd_create(clock, flags)); }, clock, flags));
}

int RealSyscalls::timerfd_settime(int fd, int flags, const itimerspec& value, itimerspec* old) {
  return static_cast<int>(
      thread_.call<call::TimerfdSettime>([&] { return or_errno(::timerfd_settime(fd, flags, &value, old)); },
                                         fd, flags, ns_of(value.it_value), ns_of(value.it_interval)));
}

int RealSyscalls::timerfd_gettime(int fd, itimerspec& value) {
  return static_cast<int>(
      thread_.call<call::TimerfdGettime>([&] { return or_errno(::timerfd_gettime(fd, &value)); }, fd));
}

// --- readiness -------------------------------------------------------------------------------------------------------

int RealSyscalls::epoll_create1(int flags) {
  return static_cast<int>(
      thread_.call<call::EpollCreate1>([&] { return or_errno(::epoll_create1(flags)); }, flags));
}

int RealSyscalls::epoll_ctl(int epoll, int operation, int fd, epoll_event event) {
  const std::uint32_t events = event.events;  // out of the packed struct
  const std::uint64_t data = event.data.u64;
  return static_cast<int>(
      thread_.call<call::EpollCtl>([&] { return or_errno(::epoll_ctl(epoll, operation, fd, &event)); }, epoll,
                                   operation, fd, events, data));
}

int RealSyscalls::epoll_wait(int epoll, std::span<epoll_event> events, int timeout_ms) {
  const auto most = static_cast<int>(events.size());
  return static_cast<int>(thread_.call<call::EpollWait>(
      [&] { return or_errno(::epoll_wait(epoll, events.data(), most, timeout_ms)); }, epoll, most,
      timeout_ms));
}

int RealSyscalls::epoll_pwait2(int epoll, std::span<epoll_event> events, const timespec* timeout) {
  const auto most = static_cast<int>(events.size());
  return static_cast<int>(thread_.call<call::EpollPwait2>(
      [&] {
        return or_errno(
            ::syscall(SYS_epoll_pwait2, epoll, events.data(), most, timeout, nullptr, kKernelSigset));
      },
      epoll, most, ns_of(timeout)));
}

int RealSyscalls::poll(std::span<pollfd> fds, int timeout_ms) {
  return static_cast<int>(thread_.call<call::Poll>(
      [&] { return or_errno(::poll(fds.data(), fds.size(), timeout_ms)); }, fds.size(), timeout_ms));
}

// The kernel writes the time that is left into what it is given, which the caller's is not for.
int RealSyscalls::ppoll(std::span<pollfd> fds, const timespec* timeout) {
  timespec left = timeout != nullptr ? *timeout : timespec{};
  timespec* const given = timeout != nullptr ? &left : nullptr;
  return static_cast<int>(thread_.call<call::Ppoll>(
      [&] { return or_errno(::syscall(SYS_ppoll, fds.data(), fds.size(), given, nullptr, kKernelSigset)); },
      fds.size(), ns_of(timeout)));
}

int RealSyscalls::pselect6(int n, FdBits read, FdBits write, FdBits except, const timespec* timeout) {
  timespec left = timeout != nullptr ? *timeout : timespec{};
  timespec* const given = timeout != nullptr ? &left : nullptr;
  const auto set = [](FdBits bits) { return bits.empty() ? nullptr : bits.data(); };
  return static_cast<int>(thread_.call<call::Pselect6>(
      [&] {
        return or_errno(::syscall(SYS_pselect6, n, set(read), set(write), set(except), given, nullptr));
      },
      n, ns_of(timeout)));
}

}  // namespace stackscope
