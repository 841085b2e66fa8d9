#include <catch2/catch.hpp>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>

#include "tests/kernel_model/tcp_world.hpp"

using namespace stackscope;
using namespace stackscope::test;
using Lines = std::vector<std::string>;

namespace {

/// One round: the client writes twice, the server answers when it has both, the client reads the answer.
Duration write_write_read(Pair& pair, std::size_t size, bool quickack = false) {
  World& world = pair.world;
  const Instant began = world.engine.now();
  REQUIRE(send(*pair.client, size) == static_cast<std::int64_t>(size));
  REQUIRE(send(*pair.client, size) == static_cast<std::int64_t>(size));
  std::size_t got = 0;
  bool answered = false;
  for (int i = 0; i < 200'000; ++i) {
    if (quickack) set(*pair.server, TcpOption::kQuickAck, 1);
    const std::int64_t n = read(*pair.server);
    if (n > 0) got += static_cast<std::size_t>(n);
    if (got == 2 * size && !answered) answered = send(*pair.server, size) > 0;
    if (answered && read(*pair.client) > 0) return world.engine.now() - began;
    world.run_for(Duration::us(10));
  }
  FAIL("no answer");
  return {};
}

}  // namespace

TEST_CASE("Nagle and delayed ACK wait for each other, as long as the timer wheel says", "[tcp][nagle]") {
  const std::uint32_t hz = GENERATE(100u, 250u, 1000u);
  CAPTURE(hz);
  World world{Duration::us(20), Hz{hz}};
  Pair pair{world};
  CHECK(write_write_read(pair, 100) < Duration::ms(1));  // a new connection acknowledges quickly
  for (int round = 0; round < 8; ++round) {
    const Duration took = write_write_read(pair, 100);
    // 40 ms in jiffies, and the wheel's one jiffy more: where in its tick a round begins decides
    CHECK(took > Duration::ms(40));
    CHECK(took < Duration::ms(41) + world.a.tick_.jiffy());
    world.run_for(Duration::us(1700));
  }
  CHECK(world.b.counts[Counter::kDelayedAcks] == 8);
}

TEST_CASE("TCP_NODELAY on the writer, or TCP_QUICKACK on the reader: no stall", "[tcp][nagle]") {
  World world{Duration::us(20)};
  Pair pair{world};
  const bool nodelay = GENERATE(true, false);
  if (nodelay) set(*pair.client, TcpOption::kNoDelay, 1);
  for (int round = 0; round < 20; ++round) CHECK(write_write_read(pair, 100, !nodelay) < Duration::ms(1));
}

TEST_CASE("with TCP_QUICKACK = 0 the first round stalls, too", "[tcp][nagle]") {
  World world{Duration::us(20)};
  Pair pair{world};
  set(*pair.server, TcpOption::kQuickAck, 0);
  CHECK(write_write_read(pair, 100) > Duration::ms(35));
}

TEST_CASE("what is corked waits for a full segment or for the cork to come out", "[tcp][cork]") {
  World world;
  Pair pair{world};
  set(*pair.client, TcpOption::kCork, 1);
  send(*pair.client, 100);
  send(*pair.client, 100);
  CHECK(world.log.empty());
  set(*pair.client, TcpOption::kCork, 0);
  CHECK(world.log == Lines{"a P. 200"});
}

TEST_CASE("loopback: an answer is acknowledged before its reader is told, a request after", "[tcp][order]") {
  World world;
  Pair pair{world, true};
  // Warm up until the server is in a conversation and answers without an ACK of its own.
  for (int i = 0; i < 4; ++i) {
    send(*pair.client, 16), read(*pair.server), send(*pair.server, 16), read(*pair.client);
    world.run_for(Duration::ms(300));
  }
  Lines seen;
  world.watch = [&](std::string_view kind, const RawRecord&) {
    for (const char* name : {"tcp:tcp_sendmsg_locked", "tcp:tcp_probe", "sock:sk_data_ready",
                             "timer:timer_start", "tcp:tcp_rcv_space_adjust", "sock:backlog"}) {
      if (kind == name) seen.emplace_back(kind);
    }
  };
  send(*pair.client, 16);
  CHECK(seen == Lines{"tcp:tcp_sendmsg_locked", "tcp:tcp_probe", "sock:sk_data_ready", "timer:timer_start",
                      "timer:timer_start"});
  seen.clear(), world.log.clear();
  read(*pair.server);
  send(*pair.server, 16);
  CHECK(seen == Lines{"tcp:tcp_rcv_space_adjust", "tcp:tcp_sendmsg_locked", "tcp:tcp_probe",
                      "sock:sk_data_ready", "sock:backlog", "timer:timer_start", "sock:backlog",
                      "tcp:tcp_probe"});
  CHECK(world.log == Lines{"lo P. 16", "lo . 0"});
}

TEST_CASE("loopback: 64 KiB are three segments, and memory is what the kernel shows", "[tcp][memory]") {
  World world;
  Pair pair{world, true};
  REQUIRE(send(*pair.client, 65536) == 65536);
  const Lines data{"lo . 32741", "lo P. 32741", "lo P. 54"};
  Lines sent;
  for (const std::string& line : world.log) {
    if (line != "lo . 0") sent.push_back(line);
  }
  REQUIRE(sent.size() == 3);
  CHECK(sent[2] == data[2]);
  CHECK(pair.server->receiving().rmem_alloc == 65536 + 3 * 832);  // SO_MEMINFO on 6.18: 68032
  CHECK(read(*pair.server) == 65536);
  CHECK(pair.server->receiving().rmem_alloc == 0);
}

TEST_CASE("small segments are merged in the receive queue", "[tcp][memory]") {
  World world;
  Pair pair{world, true};
  for (int i = 0; i < 4; ++i) {
    send(*pair.client, 100);
    world.run_for(Duration::ms(60));
  }
  CHECK(pair.server->receiving().rmem_alloc == 1232);  // SO_MEMINFO on 6.18
}

TEST_CASE("bytes arrive as they were written, pattern and blobs alike", "[tcp][content]") {
  const auto lost_every = GENERATE(0u, 7u, 6u);
  CAPTURE(lost_every);
  World world;
  Pair pair{world};
  unsigned count = 0;
  world.drop = [&](const Packet&) { return lost_every != 0 && ++count % lost_every == 0; };
  const char text[] = "GET / HTTP/1.1\r\n\r\n";
  constexpr std::size_t kBulk = 300'000, kText = sizeof text - 1;
  std::vector<std::byte> received;
  std::size_t written = 0;
  for (int i = 0; i < 200'000 && received.size() < kText + kBulk; ++i) {
    if (written < kText) {
      written += static_cast<std::size_t>(owned(*pair.client, [&](TcpSocket& s) {
        return s.send(SendData::bytes(std::as_bytes(std::span(text, kText))));
      }));
    } else if (written < kText + kBulk) {
      const std::int64_t n = send(*pair.client, kText + kBulk - written);
      REQUIRE((n > 0 || n == -EAGAIN));
      if (n > 0) written += static_cast<std::size_t>(n);
    }
    std::byte buffer[5000];
    const std::int64_t n =
        owned(*pair.server, [&](TcpSocket& s) { return s.receive(sizeof buffer, buffer); });
    if (n > 0) received.insert(received.end(), buffer, buffer + n);
    world.run_for(lost_every == 0 ? Duration::us(100) : Duration::ms(5));
  }
  REQUIRE(received.size() == kText + kBulk);
  CHECK(std::memcmp(received.data(), text, kText) == 0);
  bool same = true;
  for (std::size_t i = kText; i < received.size(); ++i) same = same && received[i] == pattern_byte(i);
  CHECK(same);
  if (lost_every != 0) CHECK(world.a.counts[Counter::kTcpRetransSegs] > 0);
  world.drop = [](const Packet&) { return false; };
  world.run_for(Duration::s(2));
  CHECK(world.packets.in_flight() == 0);
}

TEST_CASE("a reader that does not read closes the window, and reading opens it again", "[tcp][window]") {
  const int asked = GENERATE(4096, 16384, 65536);
  CAPTURE(asked);
  World world;
  Pair pair{world, false, [&](TcpSocket& listener) { set(listener, TcpOption::kRcvBuf, asked); }};
  std::size_t written = 0;
  const auto write_all = [&] {
    while (written < 1'000'000) {
      const std::int64_t n = send(*pair.client, std::min<std::size_t>(4096, 1'000'000 - written));
      if (n <= 0) break;
      written += static_cast<std::size_t>(n);
    }
  };
  for (int i = 0; i < 300; ++i) write_all(), world.run_for(Duration::ms(10));
  const auto held = pair.server->receiving().rcv_nxt - pair.server->receiving().copied_seq;
  CHECK(held <= 2 * static_cast<std::uint32_t>(asked));
  CHECK(held >= static_cast<std::uint32_t>(asked) / 2);
  CHECK(pair.client->poll_events() == 0);  // no room to write
  CHECK(world.a.counts[Counter::kWinProbe] > 0);
  std::size_t got = 0;
  for (int i = 0; i < 100'000 && got < 1'000'000; ++i) {
    write_all();
    const std::int64_t n = read(*pair.server, 3000);
    if (n > 0) got += static_cast<std::size_t>(n);
    world.run_for(Duration::us(200));
  }
  CHECK(got == 1'000'000);
  CHECK(pair.client_ear->space > 0);
}

TEST_CASE("the retransmission timer is 200 ms and the round trip, in jiffies, and doubles", "[tcp][rto]") {
  World world;
  Pair pair{world};
  CHECK(pair.client->rtt().rto == 51);
  world.drop = [](const Packet& p) { return p.payload_bytes > 0; };
  send(*pair.client, 100);
  world.run_for(Duration::s(2));
  CHECK(world.a.counts[Counter::kTcpRetransSegs] == 3);  // after 0.2, 0.6 and 1.4 s
  world.drop = [](const Packet&) { return false; };
  world.run_for(Duration::s(2));
  CHECK(read(*pair.server) == 100);
  CHECK(pair.client->sending().packets_out == 0);
}

TEST_CASE("a segment for a socket that a task owns waits in its backlog", "[tcp][backlog]") {
  World world;
  Pair pair{world};
  send(*pair.client, 100);
  REQUIRE(pair.server->own(TaskId{7}));
  CHECK_FALSE(pair.server->own(TaskId{8}));
  world.run_for(Duration::ms(1));
  CHECK_FALSE(pair.server->is_readable());
  CHECK(pair.server_ear->data == 0);
  pair.server->disown();
  CHECK(pair.server->is_readable());
  CHECK(pair.server_ear->data == 1);
}

TEST_CASE("room to write is told when a third of the buffer is free", "[tcp][sndbuf]") {
  World world;
  Pair pair{world};
  set(*pair.client, TcpOption::kSndBuf, 20'000);
  std::int64_t written = 0;
  while (true) {
    const std::int64_t n = send(*pair.client, 1000);
    if (n <= 0) break;
    written += n;
  }
  CHECK((pair.client->poll_events() & 4u) == 0);
  CHECK(pair.client_ear->space == 0);
  world.run_for(Duration::ms(5));
  CHECK((pair.client->poll_events() & 4u) != 0);
  CHECK(pair.client_ear->space == 1);
  CHECK(read(*pair.server) == written);
}

TEST_CASE("an endpoint takes less than a KiB", "[tcp][memory]") {
  CHECK(sizeof(TcpSocket) + sizeof(TuningState) < 1024);
}
