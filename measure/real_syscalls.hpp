#pragma once
// System calls of the real kernel: the same door as the model's, with the kernel underneath behind it.
//
// Arguments go to the kernel as they are, and results come back as they are, −errno included: nothing is checked here, so
// nothing can be checked wrongly. One object a thread.
//
// Differs: on the real kernel kill() reaches only the run's own processes. RequestMark names no socket.

#include "kernel_model/syscalls.hpp"
#include "measure/dropped_bytes.hpp"
#include "measure/real_process.hpp"
#include "measure/real_thread.hpp"

namespace stackscope {

class RealSyscalls final : public Syscalls {
 public:
  using Syscalls::accept4, Syscalls::getsockopt, Syscalls::setsockopt;

  /// For the calling thread, which has `slot`. Both must outlive it.
  RealSyscalls(RealProcess& process, ThreadSlot& slot);
  RealThread& thread() { return thread_; }

  std::int64_t read(int fd, Buffer to) override;
  std::int64_t write(int fd, ConstBuffer from) override;
  std::int64_t readv(int fd, std::span<const Buffer> parts) override;
  std::int64_t writev(int fd, std::span<const ConstBuffer> parts) override;
  int close(int fd) override;
  int dup(int fd) override;
  int dup2(int old_fd, int new_fd) override;
  int dup3(int old_fd, int new_fd, int flags) override;
  int fcntl(int fd, int command, int argument) override;
  int ioctl(int fd, unsigned long request, int& value) override;

  int eventfd(unsigned count, int flags) override;
  int pipe2(std::array<int, 2>& fds, int flags) override;
  int timerfd_create(int clock, int flags) override;
  int timerfd_settime(int fd, int flags, const itimerspec& value, itimerspec* old) override;
  int timerfd_gettime(int fd, itimerspec& value) override;

  int epoll_create1(int flags) override;
  int epoll_ctl(int epoll, int operation, int fd, epoll_event event) override;
  int epoll_wait(int epoll, std::span<epoll_event> events, int timeout_ms) override;
  int epoll_pwait2(int epoll, std::span<epoll_event> events, const timespec* timeout) override;
  int poll(std::span<pollfd> fds, int timeout_ms) override;
  int ppoll(std::span<pollfd> fds, const timespec* timeout) override;
  int pselect6(int n, FdBits read, FdBits write, FdBits except, const timespec* timeout) override;

  int socket(int family, int type, int protocol) override;
  int socketpair(int family, int type, int protocol, std::array<int, 2>& fds) override;
  int bind(int fd, const SocketAddress& address) override;
  int listen(int fd, int backlog) override;
  int accept4(int fd, SocketAddress* peer, int flags) override;
  int connect(int fd, const SocketAddress& address) override;
  int getsockname(int fd, SocketAddress& address) override;
  int getpeername(int fd, SocketAddress& address) override;
  int shutdown(int fd, int how) override;
  int setsockopt(int fd, int level, int option, const void* value, socklen_t length) override;
  int getsockopt(int fd, int level, int option, void* value, socklen_t& length) override;
  std::int64_t sendto(int fd, ConstBuffer from, int flags, const SocketAddress* to) override;
  std::int64_t recvfrom(int fd, Buffer to, int flags, SocketAddress* from) override;
  std::int64_t sendmsg(int fd, const SendMessage& message, int flags) override;
  std::int64_t recvmsg(int fd, ReceiveMessage& message, int flags) override;

  int nanosleep(Duration time) override;
  Instant clock_gettime() override;
  int clock_gettime(int clock, timespec& now) override;

  int sched_yield() override;
  int sched_setaffinity(std::uint64_t mask) override;
  int sched_setscheduler(int policy, int priority) override;
  int futex_wait(unsigned word, std::uint32_t expected, Duration timeout) override;
  int futex_wake(unsigned word, int most) override;
  int thread_create(std::function<void(Syscalls&)> body) override;
  int thread_join(int tid) override;
  int fork(std::function<int(Syscalls&)> child) override;
  int waitpid(int pid, int& status, int options) override;
  int kill(int pid, int signal) override;
  int getpid() override;
  int gettid() override;
  void exit_group(int status) override;

  void compute(Duration time) override;
  std::uint32_t load(unsigned word) const override;
  void store(unsigned word, std::uint32_t value) override;
  int thread_number() const override;
  int threads() const override;
  std::uint32_t address_of(std::string_view host) const override;
  void wait_until_blocked(std::span<const int> tids) override;
  std::int64_t wakeups(int tid) override;
  std::optional<std::int64_t> counter(std::string_view name) override;
  void print(int stream, std::string_view line) override;
  void log(std::string_view line) override;
  void mark(std::string_view name, bool begins) override;
  void note(std::string_view what, std::int64_t value) override;
  void request_begins(std::uint64_t number, int fd) override;
  void request_ends(std::uint64_t number, int fd) override;

 private:
  void* data_of(Buffer to);
  const void* data_of(ConstBuffer from);
  bool ask_about(std::span<const int> tids, Request request);
  std::int64_t fork_locked(ProcessSlot& process, ThreadSlot& thread,
                           const std::function<int(Syscalls&)>& child);
  bool may_kill(int pid);

  RealProcess& process_;
  RealThread thread_;
  DroppedBytes dropped_;
};

}  // namespace stackscope
