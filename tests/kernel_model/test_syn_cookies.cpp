// SYN cookies, by segments: what the host at the other end answers, and what it counts.

#include <catch2/catch.hpp>

#include "tests/kernel_model/tcp_world.hpp"

using namespace stackscope;
using namespace stackscope::test;

namespace {

/// A listener with a backlog of 0 at `b`, whose SYN queue a lost answer fills; `a` connects after that.
struct Flooded {
  explicit Flooded(std::uint8_t syncookies) {
    world.b.knobs.tcp_syncookies = syncookies;
    listener = &listen_on(world.b, 80, 0);
    world.drop = [this](const Packet& packet) {
      return packet.destination_address == world.a.address && packet.destination_port == lost_port;
    };
    TcpSocket& lost = world.a.stack.create();
    REQUIRE(owned(lost, [&](TcpSocket& s) { return s.bind(0, lost_port); }) == 0);
    REQUIRE(owned(lost, [&](TcpSocket& s) { return s.connect(world.b.address, 80); }) == -EINPROGRESS);
    world.run_for(Duration::ms(1));
  }
  std::int64_t count(Counter counter) const { return world.b.counts[counter]; }

  static constexpr std::uint16_t lost_port = 9;
  World world;
  TcpSocket* listener = nullptr;
};

}  // namespace

TEST_CASE("a full SYN queue drops without cookies, and answers with them", "[tcp][cookies]") {
  const auto syncookies = static_cast<std::uint8_t>(GENERATE(0, 1, 2));
  Flooded flooded(syncookies);
  TcpSocket& client = connect_to(flooded.world.a, flooded.world.b.address, 80);
  flooded.world.run_for(Duration::ms(1));
  CHECK((client.state() == TcpState::kEstablished) == (syncookies != 0));
  CHECK((take(*flooded.listener) != nullptr) == (syncookies != 0));
  CHECK(flooded.count(Counter::kReqQFullDrop) == (syncookies == 0 ? 1 : 0));
  CHECK(flooded.count(Counter::kSyncookiesSent) ==
        syncookies);  // always: also for the one whose answer is lost
  CHECK(flooded.count(Counter::kReqQFullDoCookies) == syncookies);
  CHECK(flooded.count(Counter::kSyncookiesRecv) == (syncookies == 0 ? 0 : 1));
  CHECK(flooded.count(Counter::kListenDrops) == (syncookies == 0 ? 1 : 0));
}

TEST_CASE("a cookie keeps scale and SACK in the timestamp, and bytes go both ways", "[tcp][cookies]") {
  Flooded flooded(2);
  flooded.world.a.knobs.tcp_timestamps = GENERATE(true, false);
  const bool has_timestamps = flooded.world.a.knobs.tcp_timestamps;
  TcpSocket& client = connect_to(flooded.world.a, flooded.world.b.address, 80);
  flooded.world.run_for(Duration::ms(1));
  TcpSocket* server = take(*flooded.listener);
  REQUIRE(server != nullptr);
  CHECK(server->receiving().sack_ok == has_timestamps);
  CHECK((server->receiving().rcv_wscale > 0) == has_timestamps);
  CHECK((server->sending().snd_wscale > 0) == has_timestamps);
  CHECK(send(client, 500) == 500);
  CHECK(send(*server, 700) == 700);
  flooded.world.run_for(Duration::ms(1));
  CHECK(read(*server) == 500);
  CHECK(read(client) == 700);
}

TEST_CASE("a cookie is good for its connection, its minute and the next", "[tcp][cookies]") {
  const SynCookies cookies(7);
  const FourTuple tuple{1, 2, 80, 4'000};
  std::uint16_t mss = 1'459;
  const std::uint32_t cookie = cookies.make(tuple, 1'000, 5, mss);
  CHECK(mss == 1'440);
  CHECK(cookies.check(tuple, 1'000, 5, cookie) == 1'440);
  CHECK(cookies.check(tuple, 1'000, 6, cookie) == 1'440);
  CHECK(cookies.check(tuple, 1'000, 7, cookie) == 0);
  // A number that is off by less than there are sizes is taken for another size, on Linux too.
  CHECK(cookies.check(tuple, 1'100, 5, cookie) == 0);
  CHECK(cookies.check({1, 2, 80, 4'001}, 1'000, 5, cookie) == 0);
}
