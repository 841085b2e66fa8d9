#pragma once
// Two ideal hosts at the two ends of a wire that takes time, each with a loopback that receives at the end of
// the sender's bottom-half section, as Linux does. Charges are free: what is tested is what TCP does, not
// what it costs.

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/net/sequence.hpp"
#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/timers/timer_wheel.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope::test {

inline constexpr std::uint32_t kLoopback = 0x7f000001;

class World;

class Host final : public NetEnvironment {
 public:
  Host(World& world, std::uint32_t address, Hz hz, Duration phase);

  using NetEnvironment::charge;
  void charge(Duration) override {}
  void charge(const Cost&) override {}
  void bh_disable() override { ++bh_depth_; }
  void bh_enable() override {
    if (bh_depth_ == 1) run_backlog();
    --bh_depth_;
  }
  void lock(SpinLock&) override {}
  void unlock(SpinLock&) override {}
  void transmit(Packet& packet) override;
  Route route(std::uint32_t destination) const override {
    if (destination == kLoopback) return {kLoopback, 65535, DeviceKind::kLoopback};
    return {address, mtu, DeviceKind::kIdeal};
  }
  TimerWheel& timer_wheel() override { return wheel; }
  void start_soft(Hrtimer& timer, Instant soft, Duration slack) override {
    hrtimers.start(timer, soft, slack);
  }
  const Tick& tick() const override { return tick_; }
  Engine& engine() override;
  Trace& trace() override;
  PacketPool& packets() override;
  StreamStore& streams() override;
  NetCounters& counters() override { return counts; }
  const Sysctls& sysctls() const override { return knobs; }
  const TcpCosts& tcp_costs() const override { return costs_; }
  RandomStream& random() override { return random_; }

  void run_backlog();

  World& world;
  std::uint32_t address, mtu = 1500;
  Sysctls knobs;
  NetCounters counts;
  Tick tick_;
  TimerWheel wheel;
  HrtimerQueue hrtimers;

  Instant next_timer() {
    const auto expiry = wheel.next_expiry();
    return std::min(hrtimers.next_event(), expiry ? tick_.of(*expiry) : Instant::never());
  }
  void run_timers(Instant now) {
    hrtimers.run_expired(now);
    wheel.run_expired(tick_.at(now));
  }

 private:
  int bh_depth_ = 0;
  bool polling_ = false;
  PacketQueue backlog_;
  TcpCosts costs_;
  RandomStream random_;

 public:
  TcpStack stack;
};

/// What is on the wire: arrives after the delay, unless a test takes it away.
struct InFlight {
  Instant at;
  Packet* packet;
};

class World {
 public:
  explicit World(Duration one_way = Duration::us(50), Hz hz = Hz{250}, Duration phase = Duration::us(700))
      : delay(one_way),
        trace(engine.moment(), schema, sink),
        a(*this, 0x0a000001, hz, phase),
        b(*this, 0x0a000002, hz, phase) {
    trace.set_observer([this](const RawRecord& record) {
      if (watch) watch(schema.kind(record.header.kind).name, record);
    });
  }

  /// Everything that happens up to `until`: segments in order of arrival, timers in order of their ticks.
  void run_until(Instant until) {
    for (;;) {
      const Instant arrival = wire.empty() ? Instant::never() : wire.front().at;
      Host* timers = nullptr;
      Instant next = std::min(arrival, until);
      for (Host* host : {&a, &b}) {
        const Instant timer = host->next_timer();
        if (timer == Instant::never()) continue;
        const Instant at = std::max(timer, engine.now());
        if (at <= until && (at < next || (at == next && timers == nullptr && at < arrival)))
          next = at, timers = host;
      }
      engine.run_until(next);
      engine.moment().cause = RecordId{};
      if (timers != nullptr) {
        timers->run_timers(engine.now());
      } else if (arrival <= until) {
        Packet& packet = *wire.front().packet;
        wire.erase(wire.begin());
        (packet.destination_address == a.address ? a : b).stack.receive(packet);
      } else {
        return;
      }
    }
  }
  void run_for(Duration d) { run_until(engine.now() + d); }

  Engine engine;
  Duration delay;
  Schema schema = Schema::of<Records>();
  HashOnly sink;
  Trace trace;
  PacketPool packets;
  StreamStore streams;
  std::vector<InFlight> wire;
  std::function<bool(const Packet&)> drop = [](const Packet&) { return false; };
  std::function<void(std::string_view, const RawRecord&)> watch;
  std::vector<std::string> log;  // every segment, as a line
  Host a, b;
};

inline std::string flags_text(std::uint8_t flags) {
  std::string text;
  for (const auto& [bit, letter] : {std::pair{tcp_flag::kSyn, 'S'},
                                    {tcp_flag::kFin, 'F'},
                                    {tcp_flag::kRst, 'R'},
                                    {tcp_flag::kPsh, 'P'},
                                    {tcp_flag::kAck, '.'}}) {
    if ((flags & bit) != 0) text += letter;
  }
  return text;
}

inline Host::Host(World& w, std::uint32_t address_of, Hz hz, Duration phase)
    : world(w),
      address(address_of),
      tick_(hz, phase),
      wheel(hz, tick_.at(Instant{})),
      random_(1, address_of == 0x0a000001 ? "a" : "b"),
      stack(*this) {}

inline Engine& Host::engine() { return world.engine; }
inline Trace& Host::trace() { return world.trace; }
inline PacketPool& Host::packets() { return world.packets; }
inline StreamStore& Host::streams() { return world.streams; }

inline void Host::transmit(Packet& packet) {
  const char* from = packet.source_address == world.a.address ? "a"
                     : packet.source_address == kLoopback     ? "lo"
                                                              : "b";
  world.log.push_back(std::string(from) + " " + flags_text(packet.flags) + " " +
                      std::to_string(packet.payload_bytes));
  if (world.drop(packet)) return world.packets.give_back(packet);
  if (packet.destination_address == kLoopback) {
    packet.arrived_on = DeviceKind::kLoopback;
    backlog_.push(packet);
    if (bh_depth_ == 0) run_backlog();
    return;
  }
  packet.arrived_on = DeviceKind::kIdeal;
  world.wire.push_back({world.engine.now() + world.delay, &packet});
}

inline void Host::run_backlog() {
  if (polling_) return;
  polling_ = true;
  while (!backlog_.is_empty()) stack.receive(backlog_.pop());
  polling_ = false;
}

/// Counts what it is told.
struct Ear final : SocketUser {
  void on_data_ready(TcpSocket&) override { ++data; }
  void on_write_space(TcpSocket&) override { ++space; }
  void on_state_change(TcpSocket&) override { ++state; }
  void on_error_report(TcpSocket&) override { ++errors; }
  int data = 0, space = 0, state = 0, errors = 0;
};

/// A call as a program makes it: the socket is owned meanwhile.
template <class Call>
auto owned(TcpSocket& socket, Call&& call) {
  REQUIRE(socket.own(TaskId{1}));
  auto result = call(socket);
  socket.disown();
  return result;
}
inline std::int64_t send(TcpSocket& s, std::size_t n) {
  return owned(s, [&](TcpSocket& t) { return t.send(SendData::pattern(n)); });
}
inline std::int64_t read(TcpSocket& s, std::size_t n = 1 << 20) {
  return owned(s, [&](TcpSocket& t) { return t.receive(n, nullptr); });
}
inline void close(TcpSocket& s) {
  owned(s, [](TcpSocket& t) { return t.close(), 0; });
}
inline int shut(TcpSocket& s, int how) {
  return owned(s, [&](TcpSocket& t) { return t.shutdown(how); });
}
inline int set(TcpSocket& s, TcpOption option, int value) {
  return owned(s, [&](TcpSocket& t) { return t.set_option(option, value); });
}
inline TcpSocket& listen_on(Host& host, std::uint16_t port, int backlog) {
  TcpSocket& s = host.stack.create();
  REQUIRE(owned(s, [&](TcpSocket& t) { return t.bind(0, port); }) == 0);
  REQUIRE(owned(s, [&](TcpSocket& t) { return t.listen(backlog); }) == 0);
  return s;
}
inline TcpSocket& connect_to(Host& from, std::uint32_t address, std::uint16_t port) {
  TcpSocket& s = from.stack.create();
  REQUIRE(owned(s, [&](TcpSocket& t) { return t.connect(address, port); }) == -EINPROGRESS);
  return s;
}
inline TcpSocket* take(TcpSocket& listener) {
  return owned(listener, [](TcpSocket& t) { return t.accept(); });
}

/// A connection from `a` to port 80 of `b`, or of `a` itself.
struct Pair {
  explicit Pair(World& w, bool loopback = false, std::function<void(TcpSocket&)> prepare = {}) : world(w) {
    Host& server_host = loopback ? w.a : w.b;
    listener = &listen_on(server_host, 80, 16);
    if (prepare) prepare(*listener);
    client = &connect_to(w.a, loopback ? kLoopback : w.b.address, 80);
    w.run_for(Duration::ms(3));
    server = take(*listener);
    REQUIRE(server != nullptr);
    client_ear = std::make_unique<Ear>(), server_ear = std::make_unique<Ear>();
    client->set_user(client_ear.get(), {});
    server->set_user(server_ear.get(), {});
    w.log.clear();
  }
  World& world;
  TcpSocket* listener;
  TcpSocket* client;
  TcpSocket* server;
  std::unique_ptr<Ear> client_ear, server_ear;
};

}  // namespace stackscope::test
