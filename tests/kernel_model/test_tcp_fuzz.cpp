#include <catch2/catch.hpp>
#include <cerrno>
#include <sys/socket.h>

#include "tests/kernel_model/tcp_world.hpp"

using namespace stackscope;
using namespace stackscope::test;

namespace {

/// A segment that nobody sent: any flags, a sequence number near an interesting one.
void inject(World& world, RandomStream& random, const TcpSocket& to) {
  Packet& packet = world.packets.take();
  packet.source_address = to.tuple.remote_address, packet.source_port = to.tuple.remote_port;
  packet.destination_address = to.tuple.local_address, packet.destination_port = to.tuple.local_port;
  packet.flags = static_cast<std::uint8_t>(random.below(32));
  const auto near = [&] { return static_cast<std::uint32_t>(random.between(-3, 3)); };
  packet.seq = to.receiving().rcv_nxt + near();
  packet.ack = (random.below(2) == 0 ? to.sending().snd_una : to.sending().snd_nxt) + near();
  packet.window = static_cast<std::uint16_t>(random.below(3) * 500);
  packet.payload_bytes = static_cast<std::uint32_t>(random.below(3) * 2);
  packet.stream = to.receiving().stream;
  packet.stream_offset = packet.seq - to.receiving().irs - 1;
  packet.truesize = kSkbOverhead + packet.payload_bytes;
  to.stack().receive(packet);
}

/// What a socket charges is what lies in its queues, and its sequence numbers are in order.
void check_accounts(const TcpSocket& s) {
  std::int64_t queued = 0, packets = 0, held = 0;
  for (const Packet* p = s.sending().write_queue.front(); p != nullptr; p = p->next) queued += p->truesize;
  for (const Packet* p = s.sending().rtx_queue.front(); p != nullptr; p = p->next) {
    queued += p->truesize, packets += p->segments();
  }
  for (const Packet* p = s.receiving().receive_queue.front(); p != nullptr; p = p->next) held += p->truesize;
  REQUIRE(queued == s.sending().wmem_queued);
  REQUIRE(packets == s.sending().packets_out);
  REQUIRE(held <= s.receiving().rmem_alloc);
  REQUIRE_FALSE(after(s.sending().snd_una, s.sending().snd_nxt));
  REQUIRE_FALSE(after(s.receiving().copied_seq, s.receiving().rcv_nxt));
}

}  // namespace

TEST_CASE("no segment, call or loss in any state breaks what must hold", "[tcp][fuzz]") {
  const auto seed = GENERATE(range(1u, 31u));
  CAPTURE(seed);
  RandomStream random{seed, "tcp"};
  World world;
  TcpSocket& listener = listen_on(world.b, 80, 4);
  world.drop = [&](const Packet&) { return random.below(8) == 0; };
  std::vector<std::pair<Host*, SocketId>> open;
  const auto live = [&](std::size_t i) { return open[i].first->stack.find(open[i].second); };
  for (int step = 0; step < 1500; ++step) {
    const auto action = random.below(14);
    if (action == 0 && open.size() < 8) {
      open.emplace_back(&world.a, connect_to(world.a, world.b.address, 80).id());
    } else if (action == 1) {
      if (TcpSocket* s = take(listener)) open.emplace_back(&world.b, s->id());
    } else if (action == 2) {
      world.run_for(Duration::us(static_cast<std::int64_t>(random.below(400'000))));
    } else if (!open.empty()) {
      const std::size_t i = random.below(open.size());
      TcpSocket& s = *live(i);
      if (action < 5) send(s, random.below(5000));
      if (action >= 5 && action < 7) read(s, random.below(9000));
      if (action == 7) shut(s, static_cast<int>(random.below(3)));
      if (action == 8) set(s, static_cast<TcpOption>(random.below(5)), static_cast<int>(random.below(9000)));
      if (action == 9) {
        close(s);
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(i));
      }
      if (action >= 10 && s.tuple.remote_port != 0) inject(world, random, s);
    }
    world.run_for(Duration::us(static_cast<std::int64_t>(random.below(200))));
    for (std::size_t i = 0; i < open.size(); ++i) check_accounts(*live(i));
  }
  // Whatever happened: when everybody lets go, everything goes.
  while (!open.empty()) {
    close(*live(open.size() - 1));
    open.pop_back();
  }
  close(listener);
  world.drop = [](const Packet&) { return false; };
  world.run_for(Duration::s(2000));
  CHECK(world.a.stack.sockets() + world.b.stack.sockets() == 0);
  CHECK(world.a.stack.time_wait_sockets() + world.b.stack.time_wait_sockets() == 0);
  CHECK(world.packets.in_flight() == 0);
  CHECK(world.streams.live() == 0);
}
