// A client that makes one connection after another, at fixed times, and closes each. Just before it connects it notes
// "connection" with the connection's number: what happens until the next such note belongs to that connection.

#include <optional>
#include <string>

#include "kernel_model/crowd.hpp"
#include "kernel_model/vocabulary/parameter.hpp"
#include "userland/programs.hpp"
#include "userland/sockets.hpp"

namespace stackscope {
namespace {

/// The first multiple of `every` after `now`, counted from `start`: one late connection does not move the others.
Instant next_start(Instant start, Instant now, Duration every) {
  return every ? start + ((now - start) / every + 1) * every : now;
}

void sleep_until(Syscalls& os, Instant then) {
  const Duration left = then - os.clock_gettime();
  if (left > Duration{}) os.nanosleep(left);
}

/// The same for a peer: nothing waits, so each step begins where the one before it was reported.
class ConnectEach final : public CrowdProgram {
 public:
  explicit ConnectEach(const Arguments& args)
      : host_(args.address("to").host),
        port_number_(args.address("to").port),
        connections_(args.integer("connections")),
        every_(args.duration("every")),
        hold_(args.duration("hold")) {}

  void start(CrowdPort& port) override {
    start_ = port.now();
    connect(port);
  }
  void on_connected(CrowdPort& port, CrowdConnection connection) override {
    open_ = connection;
    if (!hold_) return end_connection(port);
    port.set_timer(port.now() + hold_, kHeld);
  }
  void on_data(CrowdPort&, CrowdConnection) override {
  }  // a server that closes first; we close when it is time
  void on_closed(CrowdPort& port, CrowdConnection connection, int error) override {
    if (open_ == connection) {  // reset while it was held: the timer comes nevertheless
      open_.reset();
      return;
    }
    port.note("failed: connect", error);
    wait_for_next(port);
  }
  void on_timer(CrowdPort& port, std::uint64_t token) override {
    if (token == kHeld) return end_connection(port);
    if (made_ < connections_) return connect(port);
    port.finish();
  }

 private:
  static constexpr std::uint64_t kNext = 0, kHeld = 1;

  void connect(CrowdPort& port) {
    port.note("connection", made_++);
    port.connect(port.address_of(host_), port_number_, false);
  }
  void end_connection(CrowdPort& port) {
    if (open_) port.close(*open_);
    open_.reset();
    wait_for_next(port);
  }
  void wait_for_next(CrowdPort& port) { port.set_timer(next_start(start_, port.now(), every_), kNext); }

  const std::string host_;
  const std::uint16_t port_number_;
  const std::int64_t connections_;
  const Duration every_, hold_;
  Instant start_;
  std::int64_t made_ = 0;
  std::optional<CrowdConnection> open_;
};

}  // namespace

void connect_each(Syscalls& os, const Arguments& args) {
  const Address to = args.address("to");
  const SocketAddress server = internet_address(os.address_of(to.host), to.port);
  const Duration every = args.duration("every"), hold = args.duration("hold");
  const Instant start = os.clock_gettime();
  for (std::int64_t i = 0; i < args.integer("connections"); ++i) {
    const int fd = os.socket(AF_INET, SOCK_STREAM, 0);
    if (!succeeded(os, "failed: socket", fd)) return;
    os.note("connection", i);
    const bool connected = succeeded(os, "failed: connect", os.connect(fd, server));
    if (connected && hold) os.nanosleep(hold);
    os.close(fd);
    sleep_until(
        os, next_start(start, os.clock_gettime(), every));  // after the last too: it is still to be served
  }
}

std::unique_ptr<CrowdProgram> connect_each_crowd(const Arguments& args) {
  return std::make_unique<ConnectEach>(args);
}

}  // namespace stackscope
