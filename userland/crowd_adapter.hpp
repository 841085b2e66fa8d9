#pragma once
// Runs a crowd program on system calls: one thread, one epoll instance, non-blocking sockets, edge-triggered.
//
// The program cannot tell it from a peer, but for time: system calls cost, and its timers are epoll_wait()'s timeouts,
// in whole milliseconds and rounded up, so that a timer is up to 1 ms late (and what the kernel's slack adds).

#include <deque>
#include <map>
#include <memory>
#include <span>
#include <utility>

#include "kernel_model/crowd.hpp"
#include "kernel_model/syscalls.hpp"

namespace stackscope {

/// Everything it allocates belongs to it and nothing to the stack of run(): an owner outside of the fiber can drop both.
///
/// Invariant: the program is called from run() alone, never from inside a call that it makes; so what happens at once
///            (a connection refused, an error met by send()) is told later, in the order in which it happened.
/// Order:     what was put off, then timers by time and then by the order in which they were set, then epoll's order.
class CrowdAdapter final : public CrowdPort {
 public:
  /// REQUIRES: both outlive this.
  CrowdAdapter(Syscalls& os, CrowdProgram& program) : os_(os), program_(program) {}

  /// Returns when the program has finished; what it left open is closed then. Where epoll fails, that is noted
  /// ("failed: epoll_wait", errno), and the program is over.
  void run();

  Instant now() const override { return os_.clock_gettime(); }
  std::uint32_t address_of(std::string_view host) const override { return os_.address_of(host); }
  CrowdConnection connect(std::uint32_t address, std::uint16_t port, bool nodelay) override;
  std::int64_t send(CrowdConnection connection, ConstBuffer from) override;
  std::int64_t receive(CrowdConnection connection, Buffer to) override;
  void close(CrowdConnection connection) override;
  int spoof_syn(std::uint32_t address, std::uint16_t port, std::uint32_t number) override;
  void set_timer(Instant at, std::uint64_t token) override;
  void finish() override { is_finished_ = true; }
  void note(std::string_view what, std::int64_t value) override { os_.note(what, value); }
  void request_begins(std::uint64_t number, CrowdConnection connection) override;
  void request_ends(std::uint64_t number, CrowdConnection connection) override;

 private:
  struct Open {
    int fd = -1;                  // none: socket() failed, which the program is still to be told
    bool is_connecting = true;    // on_connected() is still to come
    bool waits_to_write = false;  // send() said EAGAIN
    bool has_failed = false;      // on_closed() is put off
  };
  struct Timer {
    Instant at;
    std::uint64_t sequence;
    auto operator<=>(const Timer&) const = default;
  };
  struct Failure {
    CrowdConnection connection;
    int error;
  };

  int open_socket(CrowdConnection connection, const SocketAddress& to, bool nodelay);
  Open* find(CrowdConnection connection);
  bool is_open(CrowdConnection connection) { return !is_finished_ && find(connection) != nullptr; }
  int fd_of(CrowdConnection connection);
  void fail_later(CrowdConnection connection, int error);
  std::int64_t seen(CrowdConnection connection, std::int64_t result);

  void tell_failures();
  void fire_timers();
  int timeout_ms() const;
  bool wait();
  void handle(CrowdConnection connection, std::uint32_t events);
  void end(CrowdConnection connection, int error);

  Syscalls& os_;
  CrowdProgram& program_;
  int epoll_ = -1;
  std::uint32_t next_connection_ = 0;
  std::uint64_t next_timer_ = 0;
  bool is_finished_ = false;
  std::map<CrowdConnection, Open> open_;
  std::map<Timer, std::uint64_t> timers_;  // tokens
  std::deque<Failure> failures_;
};

/// A crowd program and its adapter, for one thread. Its owner is not the thread: a run may end, and drop the thread's
/// fiber, while run() is under way.
class CrowdThread {
 public:
  /// REQUIRES: `os` outlives this.
  CrowdThread(Syscalls& os, std::unique_ptr<CrowdProgram> program)
      : program_(std::move(program)), adapter_(os, *program_) {}
  void run() { adapter_.run(); }

 private:
  std::unique_ptr<CrowdProgram> program_;
  CrowdAdapter adapter_;
};

}  // namespace stackscope
