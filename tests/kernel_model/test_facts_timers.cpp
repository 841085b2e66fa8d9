// What was measured of TCP's timers on a Linux 6.18 at HZ 250, and what the same rule of the timer wheel gives at HZ 100 and
// 1000 and with the tick elsewhere. The rule is written here once more, from kernel/time/timer.c calc_wheel_index(), so that
// nothing is compared with itself.

#include <catch2/catch.hpp>
#include <sys/socket.h>

#include "tests/kernel_model/tcp_world.hpp"

using namespace stackscope;
using namespace stackscope::test;

namespace {

/// A machine's ticks: the first at `phase`, and the number that it has there.
struct Grid {
  std::uint32_t hz;
  Duration phase;

  std::int64_t period() const { return 1'000'000'000 / hz; }
  /// INITIAL_JIFFIES: -300 * HZ, as 32 bits
  std::uint64_t first() const { return static_cast<std::uint32_t>(-300 * static_cast<std::int32_t>(hz)); }
  /// REQUIRES: not before the first tick.
  std::uint64_t jiffies(Instant t) const {
    return first() + static_cast<std::uint64_t>((t.count() - phase.count()) / period());
  }
  Instant of(std::uint64_t jiffies) const {
    return Instant::ns(phase.count() + static_cast<std::int64_t>(jiffies - first()) * period());
  }

  /// When a timer fires that was armed at `t`: a level's buckets are eight times as wide as those of the level below, which
  /// reach 63 buckets far; the bucket is the one after that in which the timer lies.
  Instant fires(Instant t, std::uint64_t timeout) const {
    const std::uint64_t expires = jiffies(t) + timeout;
    unsigned shift = 0;
    for (std::uint64_t reach = 63; timeout >= reach; reach <<= 3) shift += 3;
    return of(((expires >> shift) + 1) << shift);
  }
};

/// Every rate, and the tick at several places. 0 is left out: there the world begins in a tick.
Grid any_grid() {
  const std::uint32_t hz = GENERATE(250u, 100u, 1000u);
  const std::int64_t share = GENERATE(1, 7, 13, 19);  // of 20
  return {hz, Duration::ns(1'000'000'000 / hz * share / 20)};
}

/// When which segments of a host leave, which may get lost.
struct Departures {
  std::vector<Instant> at;
  Departures(World& world, std::uint32_t source, std::uint8_t flags, bool drops) {
    world.drop = [this, &world, source, flags, drops](const Packet& packet) {
      const bool is_meant = packet.source_address == source && packet.flags == flags;
      if (is_meant) at.push_back(world.engine.now());
      return is_meant && drops;
    };
  }
};

}  // namespace

TEST_CASE("fact: a delayed ACK comes 40 ms later, on the next tick but one: 40 to 44 ms at HZ 250",
          "[tcp][facts]") {
  const Grid grid = any_grid();
  CAPTURE(grid.hz, grid.phase.count());
  World world{Duration::us(20), Hz{grid.hz}, grid.phase};
  Pair pair{world};
  set(*pair.server, TcpOption::kQuickAck, 0);
  for (int round = 0; round < 6; ++round) {
    world.run_for(Duration::ms(500) + Duration::us(733 * round));  // each at another place between two ticks
    const Departures acks(world, world.b.address, tcp_flag::kAck, false);
    send(*pair.client, 100);
    const Instant arrives = world.engine.now() + Duration::us(20);
    world.run_for(Duration::ms(300));
    REQUIRE(acks.at.size() == 1);
    const Duration took = acks.at[0] - arrives;
    CAPTURE(round, took.count());
    CHECK(took > Duration::ms(40));
    CHECK(took <= Duration::ms(200) + Duration::ns(grid.period()));
    CHECK(acks.at[0] == grid.of(grid.jiffies(acks.at[0])));  // on a tick
    if (round == 0) CHECK(acks.at[0] == grid.fires(arrives, grid.hz / 25));
    REQUIRE(read(*pair.server) == 100);
    set(*pair.server, TcpOption::kQuickAck, 0);
  }
}

TEST_CASE("fact: with TCP_QUICKACK = 0 the third segment waits 200 ms, TCP_DELACK_MAX", "[tcp][facts]") {
  const Grid grid = any_grid();
  CAPTURE(grid.hz, grid.phase.count());
  World world{Duration::us(20), Hz{grid.hz}, grid.phase};
  listen_on(world.b, 80, 16);
  world.run_for(Duration::ms(11));
  TcpSocket& client = world.a.stack.create();
  set(client, TcpOption::kQuickAck, 0);
  const Departures acks(world, world.a.address, tcp_flag::kAck, false);
  REQUIRE(owned(client, [&](TcpSocket& t) { return t.connect(world.b.address, 80); }) == -EINPROGRESS);
  const Instant established = world.engine.now() + Duration::us(40);
  world.run_for(Duration::ms(400));
  REQUIRE(acks.at.size() == 1);
  CHECK(acks.at[0] == grid.fires(established, grid.hz / 5));
}

TEST_CASE("fact: a SYN that nobody answers is repeated after 1.03, 2.05, 3.07 … s", "[tcp][facts]") {
  const Grid grid = any_grid();
  CAPTURE(grid.hz, grid.phase.count());
  World world{Duration::us(50), Hz{grid.hz}, grid.phase};
  world.run_for(Duration::ms(100));
  const Departures syns(world, world.a.address, tcp_flag::kSyn, true);
  const Instant began = world.engine.now();
  TcpSocket& client = connect_to(world.a, world.b.address, 80);
  world.run_for(Duration::s(140));
  CHECK(client.state() == TcpState::kClose);
  REQUIRE(syns.at.size() == 11);
  // tcp_syn_linear_timeouts = 4: the pause doubles after the fourth that was repeated
  const std::uint64_t pauses[] = {1, 1, 1, 1, 1, 2, 4, 8, 16, 32};
  constexpr std::int64_t kMeasuredMs[] = {1030, 2050, 3070, 4100, 5120, 7140, 11300, 19400, 35600, 68100};
  Instant armed = began;
  for (std::size_t i = 0; i < 10; ++i) {
    CAPTURE(i);
    armed = grid.fires(armed, pauses[i] * grid.hz);
    CHECK(syns.at[i + 1] == armed);
    if (grid.hz != 250) continue;
    const std::int64_t off = (armed - began).count() / 1'000'000 - kMeasuredMs[i];
    CHECK(std::abs(off) <=
          kMeasuredMs[i] / 40);  // where in a tick and a bucket it began is the measured machine's affair
  }
}

TEST_CASE("fact: a SYN-ACK that nobody answers is repeated after 1, 3, 7, 15 s", "[tcp][facts]") {
  const Grid grid = any_grid();
  CAPTURE(grid.hz, grid.phase.count());
  World world{Duration::us(50), Hz{grid.hz}, grid.phase};
  listen_on(world.b, 80, 16);
  world.run_for(Duration::ms(77));
  const Departures answers(world, world.b.address, tcp_flag::kSyn | tcp_flag::kAck, true);
  TcpSocket& client = connect_to(world.a, world.b.address, 80);
  world.run_for(Duration::us(60));
  close(client);  // its SYN does not come again
  world.run_for(Duration::s(70));
  REQUIRE(answers.at.size() == 6);
  Instant armed = answers.at[0];
  for (std::size_t i = 1; i < answers.at.size(); ++i) {
    CAPTURE(i);
    armed = grid.fires(armed, std::uint64_t{grid.hz} << (i - 1));
    CHECK(answers.at[i] == armed);
    const double since = static_cast<double>((armed - answers.at[0]).count()) / 1e9;
    CHECK(since >= static_cast<double>((1 << i) - 1));
    CHECK(since < static_cast<double>((1 << i) - 1) * 1.13);  // a bucket is 8/63 of the shortest time in it
  }
}

TEST_CASE(
    "fact: data that nobody acknowledges are repeated after 200 ms and the round trip, doubled each time",
    "[tcp][facts]") {
  const Grid grid = any_grid();
  CAPTURE(grid.hz, grid.phase.count());
  World world{Duration::us(50), Hz{grid.hz}, grid.phase};
  Pair pair{world};
  world.run_for(Duration::ms(313));
  const Departures data(world, world.a.address, tcp_flag::kPsh | tcp_flag::kAck, true);
  send(*pair.client, 100);
  // srtt of 100 us and the least variance: 200.1 ms in whole jiffies
  std::uint64_t rto = (200'100 * std::uint64_t{grid.hz} + 999'999) / 1'000'000;
  world.run_for(Duration::s(8));
  REQUIRE(data.at.size() == 6);
  Instant armed = data.at[0];
  for (std::size_t i = 1; i < data.at.size(); ++i, rto *= 2) {
    CAPTURE(i);
    armed = grid.fires(armed, rto);
    CHECK(data.at[i] == armed);
  }
}

TEST_CASE("fact: TIME_WAIT lasts 60 s and the wheel's grain: 61 to 63 s seen", "[tcp][facts]") {
  const Grid grid = any_grid();
  CAPTURE(grid.hz, grid.phase.count());
  World world{Duration::us(50), Hz{grid.hz}, grid.phase};
  Pair pair{world};
  world.run_for(Duration::ms(500));
  close(*pair.server);
  world.run_for(Duration::ms(300));
  close(*pair.client);
  const Instant fin_arrives = world.engine.now() + Duration::us(50);
  Instant ended = Instant::never();
  world.watch = [&](std::string_view name, const RawRecord& record) {
    if (name == "timer:timer_expire_entry") ended = record.header.at;
  };
  world.run_for(Duration::s(70));
  CHECK(world.b.stack.time_wait_sockets() == 0);
  CHECK(ended == grid.fires(fin_arrives, 60 * grid.hz));
  CHECK(ended - fin_arrives >= Duration::s(60));
  CHECK(ended - fin_arrives <= Duration::s(65));  // 512 jiffies at HZ 100 are 5.12 s
}
