#include <catch2/catch.hpp>
#include <cerrno>
#include <set>

#include "tests/kernel_model/tcp_world.hpp"

using namespace stackscope;
using namespace stackscope::test;
using Lines = std::vector<std::string>;

TEST_CASE("three segments make a connection, and both ends learn the windows of Linux", "[tcp]") {
  World world;
  TcpSocket& listener = listen_on(world.b, 80, 16);
  std::vector<std::uint16_t> windows;
  world.drop = [&](const Packet& p) { return windows.push_back(p.window), false; };
  TcpSocket& client = connect_to(world.a, world.b.address, 80);
  CHECK(client.state() == TcpState::kSynSent);
  CHECK(client.poll_events() == 0);
  world.run_for(Duration::ms(1));
  CHECK(world.log == Lines{"a S 0", "b S. 0", "a . 0"});
  CHECK(windows[0] == 64240);  // 44 segments of 1460 fit half of the 128 KiB of tcp_rmem
  CHECK(windows[1] == 65160);  // 45 of 1448
  CHECK(client.state() == TcpState::kEstablished);
  CHECK(client.receiving().rcv_wscale == 10);
  TcpSocket* server = take(listener);
  REQUIRE(server != nullptr);
  CHECK(server->state() == TcpState::kEstablished);
  CHECK(server->sending().mss_cache == 1448);
  CHECK(client.sending().sndbuf == 46080);  // two windows of ten segments, as ss prints it
  CHECK(take(listener) == nullptr);
  CHECK(world.packets.in_flight() == 0);
}

TEST_CASE("on loopback connect() has its answer before it returns", "[tcp]") {
  World world;
  listen_on(world.a, 80, 16);
  TcpSocket& client = world.a.stack.create();
  REQUIRE(client.own(TaskId{1}));
  CHECK(client.connect(kLoopback, 80) == -EINPROGRESS);
  CHECK(client.state() == TcpState::kSynSent);  // the SYN-ACK waits in the backlog
  client.disown();
  CHECK(client.state() == TcpState::kEstablished);
  CHECK(client.sending().max_window == 65483);
  CHECK(client.sending().sndbuf == 2626560);
}

TEST_CASE("a listener with backlog n completes n + 1 connections", "[tcp][listen]") {
  const int backlog = GENERATE(1, 4, 16);
  World world;
  TcpSocket& listener = listen_on(world.b, 80, backlog);
  std::vector<TcpSocket*> clients;
  for (int i = 0; i < backlog + 3; ++i) {
    clients.push_back(&connect_to(world.a, world.b.address, 80));
    world.run_for(Duration::ms(1));
  }
  CHECK(listener.listening()->accept_queue_length == static_cast<std::uint32_t>(backlog + 1));
  CHECK(world.b.counts[Counter::kListenOverflows] == 2);
  CHECK(world.b.counts[Counter::kListenDrops] == 2);
  CHECK(clients.back()->state() == TcpState::kSynSent);
  SECTION("and takes a dropped SYN when it comes again and there is room") {
    REQUIRE(take(listener) != nullptr);
    world.run_for(Duration::ms(1100));
    CHECK(world.a.counts[Counter::kTcpRetransSegs] == 2);
    CHECK(listener.listening()->accept_queue_length == static_cast<std::uint32_t>(backlog + 1));
    CHECK(world.b.counts[Counter::kTcpPassiveOpens] == backlog + 2);
  }
}

TEST_CASE("a SYN to nobody is repeated each second at first, on the grain of the timer wheel", "[tcp]") {
  World world{Duration::us(50), Hz{250}, Duration{}};
  world.drop = [](const Packet&) { return true; };
  std::vector<std::int64_t> at;
  TcpSocket& client = connect_to(world.a, world.b.address, 80);
  std::size_t seen = world.log.size();
  for (int i = 0; i < 140'000 && client.state() == TcpState::kSynSent; ++i) {
    world.run_for(Duration::ms(1));
    if (world.log.size() > seen) at.push_back(world.engine.now().count() / 1'000'000);
    seen = world.log.size();
  }
  REQUIRE(at.size() == 10);
  const std::int64_t expected[] = {1030, 2050, 3070, 4100, 5120, 7140, 11300, 19400, 35600, 68100};
  for (std::size_t i = 0; i < at.size(); ++i) CHECK(std::abs(at[i] - expected[i]) <= expected[i] / 50);
  CHECK(client.state() == TcpState::kClose);
  CHECK(client.take_error() == ETIMEDOUT);
}

TEST_CASE("a SYN-ACK that nobody answers is repeated after 1, 3, 7, 15 and 31 s", "[tcp][listen]") {
  World world;
  TcpSocket& listener = listen_on(world.b, 80, 16);
  std::vector<std::int64_t> at;
  world.drop = [&](const Packet& p) {
    if (p.flags == (tcp_flag::kSyn | tcp_flag::kAck))
      at.push_back(world.engine.now().count() / 1'000'000'000);
    return p.source_address == world.b.address;
  };
  TcpSocket& client = connect_to(world.a, world.b.address, 80);
  world.run_for(Duration::ms(1));
  close(client);  // so that its SYN does not come again
  world.run_for(Duration::s(70));
  CHECK(at == std::vector<std::int64_t>{0, 1, 3, 7, 15, 31});
  CHECK(listener.listening()->syn_queue.empty());
}

TEST_CASE("nobody listens: the answer is a reset", "[tcp][reset]") {
  World world;
  Ear ear;
  TcpSocket& client = connect_to(world.a, world.b.address, 81);
  client.set_user(&ear, {});
  world.run_for(Duration::ms(1));
  CHECK(world.log == Lines{"a S 0", "b R. 0"});
  CHECK(ear.errors == 1);
  CHECK(client.poll_events() == 0x215du);  // IN, OUT, ERR, HUP, RDHUP, RDNORM, WRNORM: no call waits
  CHECK(client.take_error() == ECONNREFUSED);
}

TEST_CASE("both ends open at once: one connection", "[tcp][simultaneous]") {
  World world;
  TcpSocket& a = world.a.stack.create();
  TcpSocket& b = world.b.stack.create();
  owned(a, [](TcpSocket& s) { return s.bind(0, 1000); });
  owned(b, [](TcpSocket& s) { return s.bind(0, 2000); });
  owned(a, [&](TcpSocket& s) { return s.connect(world.b.address, 2000); });
  owned(b, [&](TcpSocket& s) { return s.connect(world.a.address, 1000); });
  world.run_for(Duration::ms(5));
  CHECK(a.state() == TcpState::kEstablished);
  CHECK(b.state() == TcpState::kEstablished);
  CHECK(send(a, 100) == 100);
  world.run_for(Duration::ms(1));
  CHECK(read(b) == 100);
}

TEST_CASE("SO_REUSEPORT spreads connections over its group by hash", "[tcp][reuseport]") {
  World world;
  std::vector<TcpSocket*> group;
  for (int i = 0; i < 8; ++i) {
    TcpSocket& s = world.b.stack.create();
    set(s, TcpOption::kReusePort, 1);
    REQUIRE(owned(s, [](TcpSocket& t) { return t.bind(0, 80); }) == 0);
    REQUIRE(owned(s, [](TcpSocket& t) { return t.listen(4096); }) == 0);
    group.push_back(&s);
  }
  for (int i = 0; i < 2000; ++i) connect_to(world.a, world.b.address, 80);
  world.run_for(Duration::ms(10));
  std::int64_t total = 0, chi = 0;
  for (TcpSocket* s : group) {
    const auto n = static_cast<std::int64_t>(s->listening()->accept_queue_length);
    total += n;
    chi += (n - 250) * (n - 250);
  }
  CHECK(total == 2000);
  CHECK(chi / 250 < 25);  // seven degrees of freedom
  SECTION("and another socket may not join without the option") {
    TcpSocket& s = world.b.stack.create();
    CHECK(owned(s, [](TcpSocket& t) { return t.bind(0, 80); }) == -EADDRINUSE);
  }
}

TEST_CASE("connect() takes even ports first, and none twice", "[tcp][ports]") {
  World world;
  world.a.knobs.ip_local_port_first = 40000, world.a.knobs.ip_local_port_last = 40019;
  listen_on(world.b, 80, 64);
  std::set<std::uint16_t> first, all;
  for (int i = 0; i < 20; ++i) {
    const auto port = connect_to(world.a, world.b.address, 80).tuple.local_port;
    if (i < 10) first.insert(port % 2);
    all.insert(port);
  }
  CHECK(first == std::set<std::uint16_t>{0});
  CHECK(all.size() == 20);
  TcpSocket& one_more = world.a.stack.create();
  CHECK(owned(one_more, [&](TcpSocket& s) { return s.connect(world.b.address, 80); }) == -EADDRNOTAVAIL);
}

TEST_CASE("a port with a connection is taken, unless both sockets have SO_REUSEADDR", "[tcp][ports]") {
  const bool reuse = GENERATE(false, true);
  World world;
  TcpSocket& listener = world.b.stack.create();
  set(listener, TcpOption::kReuseAddr, reuse);
  owned(listener, [](TcpSocket& s) { return s.bind(0, 80); });
  owned(listener, [](TcpSocket& s) { return s.listen(16); });
  connect_to(world.a, world.b.address, 80);
  world.run_for(Duration::ms(1));
  REQUIRE(take(listener) != nullptr);
  close(listener);
  TcpSocket& next = world.b.stack.create();
  set(next, TcpOption::kReuseAddr, 1);
  CHECK(owned(next, [](TcpSocket& s) { return s.bind(0, 80); }) == (reuse ? 0 : -EADDRINUSE));
}
