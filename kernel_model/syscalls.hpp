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
#include <functional>
#include <optional>
#include <poll.h>
#include <span>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <vector>

#include "kernel_model/vocabulary/buffer.hpp"
#include "kernel_model/vocabulary/socket_address.hpp"
#include "sim/time.hpp"

namespace stackscope {

/// What sendmsg() takes. Linux: struct msghdr
struct SendMessage {
  std::span<const ConstBuffer> parts;
  SocketAddress to = {};             // none: the socket is connected
  std::span<const int> rights = {};  // descriptors to hand over, SCM_RIGHTS
};

/// What recvmsg() fills. Linux: struct msghdr
struct ReceiveMessage {
  std::span<const Buffer> parts;
  SocketAddress from = {};       // none where the protocol tells none
  std::size_t most_rights = 0;   // for how many descriptors there is room
  std::vector<int> rights = {};  // those that came, open here from now on
  int flags = 0;                 // MSG_TRUNC, MSG_CTRUNC, MSG_OOB …
};

/// A set of descriptors for select(), a bit each, in as many words as it needs. Linux: fd_set_bits
using FdBits = std::span<unsigned long>;

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
  /// Null: for ever. Linux: EINVAL where it is no valid time
  virtual int epoll_pwait2(int /*epoll*/, std::span<epoll_event>, const timespec* /*timeout*/) {
    return -ENOSYS;
  }
  virtual int poll(std::span<pollfd> fds, int timeout_ms) = 0;
  virtual int ppoll(std::span<pollfd>, const timespec* /*timeout*/) { return -ENOSYS; }
  /// The first `n` descriptors; an empty set stands for a null pointer, others hold at least `n` bits.
  virtual int pselect6(int /*n*/, FdBits /*read*/, FdBits /*write*/, FdBits /*except*/,
                       const timespec* /*timeout*/) {
    return -ENOSYS;
  }

  // --- sockets -------------------------------------------------------------------------------------------------------
  virtual int socket(int family, int type, int protocol) = 0;
  virtual int socketpair(int /*family*/, int /*type*/, int /*protocol*/, std::array<int, 2>& /*fds*/) {
    return -ENOSYS;
  }
  virtual int bind(int fd, const SocketAddress& address) = 0;
  virtual int listen(int fd, int backlog) = 0;
  /// `peer`: whose the connection is; null: nobody asks.
  virtual int accept4(int fd, SocketAddress* peer, int flags) = 0;
  int accept4(int fd, int flags) { return accept4(fd, nullptr, flags); }
  virtual int connect(int fd, const SocketAddress& address) = 0;
  virtual int getsockname(int fd, SocketAddress& address) = 0;
  virtual int getpeername(int /*fd*/, SocketAddress& /*address*/) { return -ENOSYS; }
  virtual int shutdown(int fd, int how) = 0;

  virtual int setsockopt(int fd, int level, int option, const void* value, socklen_t length) = 0;
  /// `length`: the room at `value`, then how much of it was filled.
  virtual int getsockopt(int fd, int level, int option, void* value, socklen_t& length) = 0;
  int setsockopt(int fd, int level, int option, int value) {
    return setsockopt(fd, level, option, &value, sizeof value);
  }
  int getsockopt(int fd, int level, int option, int& value) {
    socklen_t length = sizeof value;
    return getsockopt(fd, level, option, &value, length);
  }

  /// `to`: null where the socket is connected.
  virtual std::int64_t sendto(int, ConstBuffer, int /*flags*/, const SocketAddress* /*to*/) {
    return -ENOSYS;
  }
  /// `from`: null where nobody asks.
  virtual std::int64_t recvfrom(int, Buffer, int /*flags*/, SocketAddress* /*from*/) { return -ENOSYS; }
  virtual std::int64_t sendmsg(int, const SendMessage&, int /*flags*/) { return -ENOSYS; }
  virtual std::int64_t recvmsg(int, ReceiveMessage&, int /*flags*/) { return -ENOSYS; }
  std::int64_t send(int fd, ConstBuffer from, int flags) { return sendto(fd, from, flags, nullptr); }
  std::int64_t recv(int fd, Buffer to, int flags) { return recvfrom(fd, to, flags, nullptr); }

  // --- time ----------------------------------------------------------------------------------------------------------
  virtual int nanosleep(Duration time) = 0;
  virtual Instant clock_gettime() = 0;  // CLOCK_MONOTONIC, from the start of the run
  virtual int clock_gettime(int /*clock*/, timespec& /*now*/) { return -ENOSYS; }

  // --- threads and processes -----------------------------------------------------------------------------------------
  virtual int sched_yield() = 0;
  virtual int sched_setaffinity(std::uint64_t mask) = 0;
  /// Of the calling thread. EINVAL, EPERM. Linux: SCHED_OTHER and SCHED_BATCH with priority 0, SCHED_FIFO and SCHED_RR
  virtual int sched_setscheduler(int /*policy*/, int /*priority*/) { return -ENOSYS; }
  /// `word` names one of the process's words (see below). Returns 0, −EAGAIN where it is not `expected`, −ETIMEDOUT.
  virtual int futex_wait(unsigned word, std::uint32_t expected, Duration timeout) = 0;
  virtual int futex_wake(unsigned word, int most) = 0;

  /// A thread of this process that runs `body`, on its own way into the kernel, and ends with it. Returns its gettid().
  /// Linux: clone() as pthread_create() calls it
  // NOLINTNEXTLINE(performance-unnecessary-value-param): who implements it keeps it
  virtual int thread_create(std::function<void(Syscalls&)> /*body*/) { return -ENOSYS; }
  /// Sleeps until that thread of this process has ended; 0, −ESRCH, −EDEADLK (itself). May be repeated.
  virtual int thread_join(int /*tid*/) { return -ENOSYS; }
  /// A process with the caller's descriptors, in which `child` runs on the one thread; its result is the exit code. What
  /// `child` refers to is the caller's to copy, but for the words below. Returns the child's getpid().
  // NOLINTNEXTLINE(performance-unnecessary-value-param): who implements it keeps it
  virtual int fork(std::function<int(Syscalls&)> /*child*/) { return -ENOSYS; }
  /// `status` as <sys/wait.h> reads it. ECHILD; WNOHANG.
  virtual int waitpid(int /*pid*/, int& /*status*/, int /*options*/) { return -ENOSYS; }
  virtual int kill(int /*pid*/, int /*signal*/) { return -ENOSYS; }
  virtual int getpid() { return -ENOSYS; }
  virtual int gettid() { return -ENOSYS; }
  /// All threads of this process end here and now. Does not return.
  virtual void exit_group(int /*status*/) {}

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

  /// Sleeps until each of these threads of this process sleeps inside a call of its own, with no wake-up of it under way,
  /// or has ended. Timers and packets in flight are not waited for.
  virtual void wait_until_blocked(std::span<const int> /*tids*/) {}
  /// How many of that thread's sleeps inside its own calls have ended.
  virtual std::int64_t wakeups(int /*tid*/) { return 0; }
  /// A counter of the host's network by its name ("TcpExtListenOverflows"), from when the program began; none by others.
  virtual std::optional<std::int64_t> counter(std::string_view /*name*/) { return std::nullopt; }
  /// A whole line to standard output or standard error (STDOUT_FILENO, STDERR_FILENO), without being a call of the
  /// program's.
  virtual void print(int /*stream*/, std::string_view /*line*/) {}
  /// A line into the recording.
  virtual void log(std::string_view /*line*/) {}
  /// A stretch of the program's own begins or ends, under its own name.
  virtual void mark(std::string_view /*name*/, bool /*begins*/) {}

  /// The program says something about itself, into the recording.
  virtual void note(std::string_view what, std::int64_t value) = 0;
  /// A request that this program makes begins, or was answered; `number` tells it from its others.
  virtual void request_begins(std::uint64_t number, int fd) = 0;
  virtual void request_ends(std::uint64_t number, int fd) = 0;
};

}  // namespace stackscope
