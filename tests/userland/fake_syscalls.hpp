#pragma once
// System calls without a kernel: each call is written down as a line, and answers what the test scripted for it.

#include <array>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "kernel_model/syscalls.hpp"
#include "kernel_model/vocabulary/parameter.hpp"

namespace stackscope {

/// The program's arguments: defaults, and what is named here, as a person would write it.
Arguments arguments_of(std::string_view program,
                       const std::vector<std::pair<std::string_view, std::string_view>>& given = {});

/// Descriptors count from 3. Unscripted, calls succeed, accept4() says EAGAIN, write() takes everything and read()
/// answers EAGAIN. Time passes in nanosleep(), compute(), connect() and in timeouts alone. A wait for which nothing is
/// scripted and that has no timeout answers ECANCELED: no program expects that, so it ends.
class FakeSyscalls final : public Syscalls {
 public:
  struct Ready {
    int fd;
    std::uint32_t events;
  };

  // --- the script ----------------------------------------------------------------------------------------------------
  void answer(const std::string& call, std::initializer_list<std::int64_t> results);
  /// One epoll_wait() reports these; none: its timeout passes.
  void report(std::vector<Ready> ready) { reports_.push_back(std::move(ready)); }
  /// During one futex_wait() another thread stores this.
  void store_while_waiting(std::uint32_t value) { stored_while_waiting_.push_back(value); }
  int thread = 0, thread_count = 1;
  Duration connect_takes = Duration::us(20);
  std::uint32_t so_error = 0;

  // --- what happened -------------------------------------------------------------------------------------------------
  std::vector<std::string> lines;
  /// The lines since the last call of this.
  std::vector<std::string> news();
  int calls_of(std::string_view name) const;
  bool has_line(std::string_view line) const;
  Instant now;

  std::int64_t read(int fd, Buffer to) override;
  std::int64_t write(int fd, ConstBuffer from) override;
  std::int64_t writev(int fd, std::span<const ConstBuffer> parts) override;
  std::int64_t sendto(int fd, ConstBuffer from, int flags, const SocketAddress* to) override;
  int close(int fd) override;
  int dup(int fd) override { return told("dup", {fd}, next_fd_++); }
  int fcntl(int fd, int command, int argument) override { return told("fcntl", {fd, command, argument}, 0); }
  int eventfd(unsigned, int flags) override { return told("eventfd", {flags}, next_fd_++); }
  int epoll_create1(int) override { return descriptor("epoll_create1()"); }
  int epoll_ctl(int epoll, int operation, int fd, epoll_event event) override;
  int epoll_wait(int epoll, std::span<epoll_event> events, int timeout_ms) override;
  int poll(std::span<pollfd> fds, int timeout_ms) override;
  int socket(int family, int type, int protocol) override;
  int bind(int fd, const SocketAddress& address) override;
  int listen(int fd, int backlog) override { return told("listen", {fd, backlog}, 0); }
  int accept4(int fd, SocketAddress* peer, int flags) override;
  int connect(int fd, const SocketAddress& address) override;
  int getsockname(int fd, SocketAddress&) override { return told("getsockname", {fd}, 0); }
  int setsockopt(int fd, int level, int option, const void* value, socklen_t length) override;
  int getsockopt(int fd, int level, int option, void* value, socklen_t& length) override;
  int shutdown(int fd, int how) override { return told("shutdown", {fd, how}, 0); }
  int nanosleep(Duration time) override;
  Instant clock_gettime() override { return now; }
  int sched_yield() override { return told("sched_yield", {}, 0); }
  int sched_setaffinity(std::uint64_t) override { return told("sched_setaffinity", {}, 0); }
  int futex_wait(unsigned word, std::uint32_t expected, Duration timeout) override;
  int futex_wake(unsigned word, int most) override;
  void compute(Duration time) override;
  std::uint32_t load(unsigned word) const override { return words_.at(word); }
  void store(unsigned word, std::uint32_t value) override { words_.at(word) = value; }
  int thread_number() const override { return thread; }
  int threads() const override { return thread_count; }
  std::uint32_t address_of(std::string_view host) const override;
  void note(std::string_view what, std::int64_t value) override;
  void request_begins(std::uint64_t number, int fd) override;
  void request_ends(std::uint64_t number, int fd) override;

 private:
  std::int64_t scripted(const std::string& call, std::int64_t otherwise);
  int told(const std::string& call, std::initializer_list<std::int64_t> arguments, std::int64_t otherwise);
  int descriptor(const std::string& line);

  int next_fd_ = 3;
  std::map<std::string, std::deque<std::int64_t>> answers_;
  std::deque<std::vector<Ready>> reports_;
  std::deque<std::uint32_t> stored_while_waiting_;
  std::map<std::pair<int, int>, epoll_event> watched_;  // by epoll and fd
  std::array<std::uint32_t, kSharedWords> words_{};
  std::size_t told_ = 0;
};

}  // namespace stackscope
