#pragma once
// System calls of the model: the way of one thread into its host.
//
// Each call enters the kernel, charges for the way in, records its arguments, does its work, records its result, and
// returns to user mode, where another task may take over.
//
// Linux:   arch/x86/entry/syscall_64.c do_syscall_64(); errors in the order in which net/socket.c, fs/eventpoll.c,
//          fs/read_write.c find them
// Differs: pointers are never bad, so EFAULT does not occur.
// Differs: no raw and packet sockets: −ENOSYS.

#include <vector>

#include "kernel_model/host/host.hpp"
#include "kernel_model/host/process.hpp"
#include "kernel_model/readiness/poll.hpp"
#include "kernel_model/syscalls.hpp"

namespace stackscope {

class UnixSocketFile;

class ModelSyscalls final : public Syscalls {
 public:
  using Syscalls::accept4, Syscalls::clock_gettime, Syscalls::getsockopt, Syscalls::setsockopt;

  /// For the thread that runs on `task`. All must outlive the thread.
  ModelSyscalls(Host& host, Process& process, int thread_number);

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
  int timerfd_create(int clock, int flags) override;
  int timerfd_settime(int fd, int flags, const itimerspec& value, itimerspec* old) override;
  int timerfd_gettime(int fd, itimerspec& value) override;
  int pipe2(std::array<int, 2>& fds, int flags) override;

  int epoll_create1(int flags) override;
  int epoll_ctl(int epoll, int operation, int fd, epoll_event event) override;
  int epoll_wait(int epoll, std::span<epoll_event> events, int timeout_ms) override;
  int epoll_pwait2(int epoll, std::span<epoll_event> events, const timespec* timeout) override;
  int poll(std::span<pollfd> fds, int timeout_ms) override;
  int ppoll(std::span<pollfd> fds, const timespec* timeout) override;
  int pselect6(int n, FdBits read, FdBits write, FdBits except, const timespec* timeout) override;

  int socket(int family, int type, int protocol) override;
  int bind(int fd, const SocketAddress& address) override;
  int listen(int fd, int backlog) override;
  int accept4(int fd, SocketAddress* peer, int flags) override;
  int connect(int fd, const SocketAddress& address) override;
  int getsockname(int fd, SocketAddress& address) override;
  int setsockopt(int fd, int level, int option, const void* value, socklen_t length) override;
  int getsockopt(int fd, int level, int option, void* value, socklen_t& length) override;
  int shutdown(int fd, int how) override;
  int socketpair(int family, int type, int protocol, std::array<int, 2>& fds) override;
  int getpeername(int fd, SocketAddress& address) override;
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
  [[noreturn]] void exit_group(int status) override;

  void compute(Duration time) override;
  std::uint32_t load(unsigned word) const override { return process_.words[word]; }
  void store(unsigned word, std::uint32_t value) override { process_.words[word] = value; }
  int thread_number() const override { return thread_number_; }
  int threads() const override { return process_.threads; }
  std::uint32_t address_of(std::string_view host) const override;
  void wait_until_blocked(std::span<const int> tids) override;
  std::int64_t wakeups(int tid) override;
  std::optional<std::int64_t> counter(std::string_view name) override;
  void print(int stream, std::string_view line) override;
  void log(std::string_view line) override;
  void mark(std::string_view name, bool begins) override;
  void note(std::string_view what, std::int64_t value) override;
  void request_begins(std::uint64_t number, int fd) override { mark_request(number, fd, true); }
  void request_ends(std::uint64_t number, int fd) override { mark_request(number, fd, false); }

 private:
  Task& task() { return host_.scheduler().current(); }
  int wait_for_events(int epoll, std::span<epoll_event> events, Duration timeout);
  int poll_them(std::span<pollfd> fds, Duration timeout);
  Duration at_last_tick() const;
  Duration cpu_time(int clock);
  int may_clone(const Cost& cost);
  int open_socket(int family, int type, int protocol);
  UnixSocketFile& open_unix(int type);
  int open_pair(int family, int type, int protocol, std::array<int, 2>& fds);
  int hold_rights(std::span<const int> fds);
  void let_go_rights();
  void install_rights(ReceiveMessage& message, bool close_on_exec);
  void mark_request(std::uint64_t number, int fd, bool begins);

  Host& host_;
  Process& process_;
  int thread_number_;
  // What a call under way works on; kept here and not on its stack, which is never unwound.
  PollHooks poll_hooks_;                 // of poll and select
  std::vector<unsigned long> selected_;  // what select finds
  std::vector<const Task*> awaited_;     // by wait_until_blocked()
  std::vector<File*> rights_;
};

}  // namespace stackscope
