// What is left of a connection: whose it is, how long it waits, and who may take its place.

#include <catch2/catch.hpp>
#include <cerrno>
#include <sys/socket.h>

#include "tests/kernel_model/tcp_world.hpp"

using namespace stackscope;
using namespace stackscope::test;

namespace {

/// The client closes first and waits.
void end(Pair& pair, bool holds = false) {
  holds ? void(shut(*pair.client, SHUT_WR)) : close(*pair.client);
  pair.world.run_for(Duration::ms(60));
  close(*pair.server);
  pair.world.run_for(Duration::ms(5));
}

struct Told {
  explicit Told(World& world) {
    world.watch = [this](std::string_view name, const RawRecord&) {
      if (name == TimeWaitBegan::kName || name == SocketDestroyed::kName || name == InetSockSetState::kName)
        names.emplace_back(name);
    };
  }
  std::vector<std::string> names;
};

int connect_again(Host& from, std::uint32_t to, TcpSocket*& made) {
  made = &from.stack.create();
  return owned(*made, [&](TcpSocket& s) { return s.connect(to, 80); });
}

}  // namespace

TEST_CASE("the socket is done, and something with an identity of its own waits", "[tcp][time_wait]") {
  World world;
  Pair pair{world};
  const SocketId client = pair.client->id();
  end(pair, true);
  CHECK(pair.client->state() == TcpState::kClose);
  CHECK_FALSE(pair.client->is_bound());
  REQUIRE(world.a.stack.time_wait_sockets() == 1);
  SocketId waits;
  world.a.stack.for_each_time_wait([&](SocketId id, const TimeWait& rest) {
    waits = id;
    CHECK(rest.substate() == TcpState::kTimeWait);
    CHECK(rest.tuple == FourTuple{world.a.address, world.b.address, pair.client->tuple.local_port, 80});
  });
  CHECK(waits != client);
  CHECK(world.a.stack.find(waits) == nullptr);
  SECTION("which outlives the socket") {
    close(*pair.client);
    CHECK(world.a.stack.find(client) == nullptr);
    CHECK(world.a.stack.time_wait_sockets() == 1);
  }
  SECTION("which does not keep the socket from connecting to somebody else, by another port") {
    const std::uint16_t port = pair.client->tuple.local_port;
    owned(*pair.client, [](TcpSocket& s) { return s.disconnect(), 0; });
    CHECK(owned(*pair.client, [&](TcpSocket& s) { return s.connect(world.b.address, 80); }) == -EINPROGRESS);
    CHECK(pair.client->tuple.local_port != port);
  }
}

TEST_CASE("the wait is told before the socket's end, as the kernel does it", "[tcp][time_wait]") {
  World world;
  Pair pair{world};
  close(*pair.client);
  world.run_for(Duration::ms(60));
  Told told{world};  // from here on: FIN_WAIT2 of an orphan waits already
  close(*pair.server);
  world.run_for(Duration::s(64));
  // The server: LAST_ACK, CLOSE, gone; the client's rest has only its end to tell.
  CHECK(told.names == std::vector<std::string>{"sock:inet_sock_set_state", "sock:inet_sock_set_state",
                                               "sock:destroyed", "sock:destroyed"});
}

TEST_CASE("a port that bind() named is the socket's and the rest's together", "[tcp][time_wait][ports]") {
  World world;
  listen_on(world.b, 80, 16);
  TcpSocket& client = world.a.stack.create();
  CHECK(owned(client, [](TcpSocket& s) { return s.bind(0, 5000); }) == 0);
  CHECK(owned(client, [&](TcpSocket& s) { return s.connect(world.b.address, 80); }) == -EINPROGRESS);
  world.run_for(Duration::ms(3));
  const auto bind_5000 = [&] {
    TcpSocket& other = world.a.stack.create();
    return owned(other, [](TcpSocket& s) { return s.bind(0, 5000); });
  };
  SECTION("a reset leaves it to the socket") {
    owned(client, [](TcpSocket& s) { return s.disconnect(), 0; });
    CHECK(bind_5000() == -EADDRINUSE);
    close(client);
    CHECK(bind_5000() == 0);
  }
  SECTION("an orderly end leaves it to both") {
    TcpSocket* server = nullptr;
    world.b.stack.for_each([&](TcpSocket& s) { server = s.is_listening() ? take(s) : server; });
    REQUIRE(server != nullptr);
    shut(client, SHUT_WR);
    world.run_for(Duration::ms(60));
    close(*server);
    world.run_for(Duration::ms(5));
    REQUIRE(world.a.stack.time_wait_sockets() == 1);
    CHECK(client.is_bound());
    close(client);
    CHECK(bind_5000() == -EADDRINUSE);
    world.run_for(Duration::s(64));
    CHECK(bind_5000() == 0);
  }
}

TEST_CASE("tcp_max_tw_buckets: what does not fit is forgotten", "[tcp][time_wait]") {
  World world;
  world.a.knobs.tcp_max_tw_buckets = 1;
  TcpSocket& listener = listen_on(world.b, 80, 16);
  for (int i = 0; i < 3; ++i) {
    TcpSocket& client = connect_to(world.a, world.b.address, 80);
    world.run_for(Duration::ms(3));
    close(client);
    world.run_for(Duration::ms(60));
    close(*take(listener));
    world.run_for(Duration::ms(5));
  }
  CHECK(world.a.stack.time_wait_sockets() == 1);
  CHECK(world.a.counts[Counter::kTimeWait] == 1);
  CHECK(world.a.counts[Counter::kTimeWaitOverflow] == 2);
  CHECK(world.a.stack.sockets() == 0);
}

TEST_CASE("tcp_tw_reuse: whose place connect() takes, and when", "[tcp][time_wait][ports]") {
  struct Case {
    std::uint8_t reuse;
    bool loopback, timestamps;
    Duration after;
    bool is_taken;
  };
  const Case c = GENERATE(values<Case>({{0, true, true, Duration::s(2), false},
                                        {1, true, true, Duration::s(2), true},
                                        {2, true, true, Duration::s(2), true},
                                        {2, false, true, Duration::s(2), false},
                                        {1, false, true, Duration::s(2), true},
                                        {1, false, true, Duration::ms(900), false},
                                        {1, false, false, Duration::s(2), false}}));
  CAPTURE(int{c.reuse}, c.loopback, c.timestamps, c.after / Duration::ms(1));
  World world;
  Sysctls& knobs = world.a.knobs;
  knobs.ip_local_port_first = knobs.ip_local_port_last = 40'000;
  knobs.tcp_tw_reuse = c.reuse;
  knobs.tcp_timestamps = c.timestamps;
  Pair pair{world, c.loopback};
  const std::uint32_t sent_last = pair.client->sending().snd_nxt + 1;  // our FIN takes one
  end(pair);
  REQUIRE(world.a.stack.time_wait_sockets() == 1);
  world.run_for(c.after);
  TcpSocket* again = nullptr;
  const int result = connect_again(world.a, c.loopback ? kLoopback : world.b.address, again);
  CHECK(result == (c.is_taken ? -EINPROGRESS : -EADDRNOTAVAIL));
  CHECK(world.a.counts[Counter::kTimeWaitRecycled] == (c.is_taken ? 1 : 0));
  CHECK(world.a.stack.time_wait_sockets() == (c.is_taken ? 0u : 1u));
  if (!c.is_taken) return;
  CHECK(again->sending().iss == sent_last + 65'537);
  world.run_for(Duration::ms(3));
  CHECK(again->state() == TcpState::kEstablished);
}

TEST_CASE("an orphan's FIN_WAIT2 waits for 3.5 retransmission timeouts at least", "[tcp][time_wait]") {
  World world{Duration::s(1)};  // the round trip takes 2 s, so the timeout some 6 s
  TcpSocket& listener = listen_on(world.b, 80, 16);
  TcpSocket& client = connect_to(world.a, world.b.address, 80);
  world.run_for(Duration::s(5));
  REQUIRE(client.state() == TcpState::kEstablished);
  CHECK(take(listener) != nullptr);
  world.a.knobs.tcp_fin_timeout_s = 1;
  close(client);
  while (world.a.stack.time_wait_sockets() == 0) world.run_for(Duration::ms(10));
  const Instant began = world.engine.now();
  while (world.a.stack.time_wait_sockets() == 1) world.run_for(Duration::ms(100));
  const Duration took = world.engine.now() - began;
  CHECK(took > Duration::s(15));
  CHECK(took < Duration::s(40));
}

TEST_CASE("a tcp_fin_timeout of more than a minute is first the socket's, then the rest's",
          "[tcp][time_wait]") {
  World world;
  world.a.knobs.tcp_fin_timeout_s = 70;
  Pair pair{world};
  const SocketId client = pair.client->id();
  close(*pair.client);
  world.run_for(Duration::s(9));
  REQUIRE(world.a.stack.find(client) != nullptr);
  CHECK(pair.client->state() == TcpState::kFinWait2);
  world.run_for(Duration::s(3));
  CHECK(world.a.stack.find(client) == nullptr);
  CHECK(world.a.stack.time_wait_sockets() == 1);
  world.run_for(Duration::s(11));
  CHECK(world.a.stack.time_wait_sockets() == 0);
}

TEST_CASE("a range of the socket's own: every port of it, and no other", "[tcp][ports]") {
  World world;
  listen_on(world.b, 80, 64);
  const auto connect_within = [&](std::uint16_t first, std::uint16_t last) {
    TcpSocket& s = world.a.stack.create();
    s.change_options().local_port_range = last << 16 | first;
    return std::pair{owned(s, [&](TcpSocket& t) { return t.connect(world.b.address, 80); }),
                     s.tuple.local_port};
  };
  std::vector<std::uint16_t> ports;
  for (int i = 0; i < 3; ++i) ports.push_back(connect_within(33'001, 33'003).second);
  std::ranges::sort(ports);
  CHECK(ports == std::vector<std::uint16_t>{33'001, 33'002, 33'003});
  CHECK(connect_within(33'001, 33'003).first == -EADDRNOTAVAIL);
  CHECK(connect_within(100, 32'768).second == 32'768);  // what lies outside of the host's range is the host's
}
