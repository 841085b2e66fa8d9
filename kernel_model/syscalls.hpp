#pragma once
// The only door for programs: Linux's system calls, under their names, with their arguments and errors.
//
// There are two implementations: the model, and the kernel underneath (measure/). A program cannot tell which
// it runs on, but for time. Calls return a value or −errno. Constants and structs are those of the system's headers.
//
// Differs: a call that an implementation lacks answers −ENOSYS, which is what a body here does; what is not here at all
//          does not compile.

#include <array>
#include <cerrno>
#include <cstdint>
#include <netinet/in.h>
#include <poll.h>
#include <span>
#include <string_view>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "kernel_model/vocabulary/buffer.hpp"
#include "sim/time.hpp"

namespace stackscope {

class Syscalls {
 public:
  virtual ~Syscalls() = default;

  // --- descriptors -------------------------------------------------------------------------------------------------
  virtual std::int64_t read(int fd, Buffer to) = 0;
  virtual std::int64_t write(int fd, ConstBuffer from) = 0;
  virtual std::int64_t readv(int, std::span<const Buffer>) { return -ENOSYS; }
  virtual std::int64_t writev(int, std::span<const ConstBuffer>) { return -ENOSYS; }
  virtual int close(int fd) = 0;
  virtual int dup(int fd) = 0;
  virtual int dup2(int /*old_fd*/, int /*new_fd*/) { return -ENOSYS; }
  virtual int dup3(int /*old_fd*/, int /*new_fd*/, int /*flags*/) { return -ENOSYS; }
  /// F_GETFL, F_SETFL, F_GETFD, F_SETFD, F_DUPFD, F_DUPFD_CLOEXEC, F_GETPIPE_SZ, F_SETPIPE_SZ
  virtual int fcntl(int fd, int command, int argument) = 0;
  /// FIONREAD and SIOCOUTQ write `value`, FIONBIO reads it.
  virtual int ioctl(int /*fd*/, unsigned long /*request*/, int& /*value*/) { return -ENOSYS; }

  // --- files that are no sockets -------------------------------------------------------------------------------------
  virtual int eventfd(unsigned count, int flags) = 0;
  /// The reading end, then the writing one.
  virtual int pipe2(std::array<int, 2>& /*fds*/, int /*flags*/) { return -ENOSYS; }
  virtual int timerfd_create(int /*clock*/, int /*flags*/) { return -ENOSYS; }
  virtual int timerfd_settime(int /*fd*/, int /*flags*/, const itimerspec& /*value*/, itimerspec* /*old*/) {
    return -ENOSYS;
  }
  virtual int timerfd_gettime(int /*fd*/, itimerspec& /*value*/) { return -ENOSYS; }

  // --- readiness ---------------------------------------------------------------------------------------------------
  virtual int epoll_create1(int flags) = 0;
  virtual int epoll_ctl(int epoll, int operation, int fd, epoll_event event) = 0;
  virtual int epoll_wait(int epoll, std::span<epoll_event> events, int timeout_ms) = 0;
  virtual int poll(std::span<pollfd> fds, int timeout_ms) = 0;

  // --- sockets -------------------------------------------------------------------------------------------------------
  virtual int socket(int family, int type, int protocol) = 0;
  virtual int bind(int fd, const sockaddr_in& address) = 0;
  virtual int listen(int fd, int backlog) = 0;
  virtual int accept4(int fd, int flags) = 0;
  virtual int connect(int fd, const sockaddr_in& address) = 0;
  virtual int getsockname(int fd, sockaddr_in& address) = 0;
  virtual int setsockopt(int fd, int level, int option, int value) = 0;
  virtual int getsockopt(int fd, int level, int option, int& value) = 0;
  virtual int shutdown(int fd, int how) = 0;

  // --- time and threads ----------------------------------------------------------------------------------------------
  virtual int nanosleep(Duration time) = 0;
  virtual Instant clock_gettime() = 0;  // CLOCK_MONOTONIC, from the start of the run
  virtual int sched_yield() = 0;
  virtual int sched_setaffinity(std::uint64_t mask) = 0;
  /// `word` names one of the process's words (see below). Returns 0, −EAGAIN where it is not `expected`, −ETIMEDOUT.
  virtual int futex_wait(unsigned word, std::uint32_t expected, Duration timeout) = 0;
  virtual int futex_wake(unsigned word, int most) = 0;

  // --- what is not a system call -------------------------------------------------------------------------------------
  /// User code of this length runs here; others may preempt it.
  virtual void compute(Duration time) = 0;

  /// Memory that the threads of a process share. REQUIRES: word < kSharedWords.
  static constexpr unsigned kSharedWords = 64;
  virtual std::uint32_t load(unsigned word) const = 0;
  virtual void store(unsigned word, std::uint32_t value) = 0;

  /// Which of its process's threads this is, from 0, and how many there are.
  virtual int thread_number() const = 0;
  virtual int threads() const = 0;

  /// The IPv4 address of a host or peer, in network byte order.
  virtual std::uint32_t address_of(std::string_view host) const = 0;

  /// The program says something about itself, into the recording.
  virtual void note(std::string_view what, std::int64_t value) = 0;
  /// A request that this program makes begins, or was answered; `number` tells it from its others.
  virtual void request_begins(std::uint64_t number, int fd) = 0;
  virtual void request_ends(std::uint64_t number, int fd) = 0;
};

}  // namespace stackscope
