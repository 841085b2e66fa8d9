#pragma once
// One host whose costs are nothing, and programs on it that call the kernel through the door.

#include <catch2/catch.hpp>
#include <deque>
#include <functional>
#include <optional>
#include <string_view>

#include "kernel_model/host/host.hpp"
#include "kernel_model/host/model_syscalls.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

class ProgramMachine {
 public:
  ProgramMachine() : host_(shared_, config(), costs_), process_(host_.create_process()) {}
  /// Runs `body` until all is quiet; fails if the thread does not end within `most`.
  void story(const std::function<void(Syscalls&)>& body, Duration most = Duration::s(600)) {
    bool ended = false;
    thread([&](Syscalls& os) { body(os), ended = true; });
    engine_.run_until(engine_.now() + most);
    REQUIRE(ended);
  }
  void thread(std::function<void(Syscalls&)> body) {
    ModelSyscalls& os = syscalls_.emplace_back(host_, process_, static_cast<int>(syscalls_.size()));
    host_.create_thread(process_, {.comm = "thread", .process = process_.id},
                        [&os, body = std::move(body)] { body(os); });
  }
  std::int64_t counter(Counter which) { return host_.network().counters()[which]; }
  std::uint32_t packets_in_flight() const { return packets_.in_flight(); }
  Instant now() { return engine_.now(); }

 private:
  static HostConfig config() {
    HostConfig made;
    made.name = "server", made.cpus = 1, made.hz = Hz{250}, made.address = 0x0a000001;
    return made;
  }
  Engine engine_;
  Schema schema_ = Schema::of<Records>();
  HashOnly sink_;
  Trace trace_{engine_.moment(), schema_, sink_};
  PacketPool packets_;
  StreamStore streams_;
  AddressBook addresses_{{"server", 0x0a000001}};
  Shared shared_{engine_, trace_, packets_, streams_, addresses_, 1};
  Costs costs_;
  Host host_;
  Process& process_;
  std::deque<ModelSyscalls> syscalls_;
};

inline ConstBuffer text(std::string_view from) {
  return {reinterpret_cast<const std::byte*>(from.data()), from.size()};
}

/// A few bytes to read into, and what came as text.
class Room {
 public:
  Buffer of(std::size_t size) { return bytes_.fill(std::byte{'.'}), Buffer{bytes_.data(), size}; }
  std::string_view first(std::int64_t count) const {
    return {reinterpret_cast<const char*>(bytes_.data()),
            static_cast<std::size_t>(std::max<std::int64_t>(count, 0))};
  }

 private:
  std::array<std::byte, 4096> bytes_{};
};

inline SocketAddress local(std::uint16_t port, std::uint32_t address = INADDR_LOOPBACK) {
  return SocketAddress::ipv4(address, port);
}
inline int revents(Syscalls& os, int fd, int events = 0x3fff) {
  pollfd asked{fd, static_cast<short>(events), 0};
  os.poll({&asked, 1}, 0);
  return asked.revents;
}
inline int listen_on(Syscalls& os, std::uint16_t port, int backlog = 5) {
  const int fd = os.socket(AF_INET, SOCK_STREAM, 0);
  os.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  REQUIRE(os.bind(fd, local(port)) == 0);
  REQUIRE(os.listen(fd, backlog) == 0);
  return fd;
}
struct Pair {
  int client, server;
};
inline Pair connected(Syscalls& os, int listener, std::uint16_t port) {
  const int client = os.socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(os.connect(client, local(port)) == 0);
  return {client, os.accept4(listener, 0)};
}
inline int option(Syscalls& os, int fd, int level, int name) {
  int value = -12345;
  const int result = os.getsockopt(fd, level, name, value);
  return result < 0 ? result : value;
}

}  // namespace stackscope
