#include "kernel_model/hardware/wire.hpp"
#include "tests/kernel_model/support/net_machine.hpp"

using namespace stackscope;
using stackscope::test::FarEnd;
using stackscope::test::NetMachine;

namespace {

struct Wire : NetMachine {
  explicit Wire(const LinkConfig& config) : link(engine, trace, packets, config) {
    link.attach(Link::Side::kA, a, 1);
    link.attach(Link::Side::kB, b, 2);
  }
  std::vector<std::int64_t> sent_at() const { return times<LinkSent>(); }
  std::vector<std::int64_t> delivered_at() const { return times<LinkDelivered>(); }
  template <class R>
  std::vector<std::int64_t> times() const {
    std::vector<std::int64_t> at;
    for (const auto& [header, record] : all<R>()) at.push_back(header.at.count());
    return at;
  }
  FarEnd a{packets}, b{packets};
  Link link;
};

using Times = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("a frame takes the time of its bits, then the delay", "[link]") {
  Wire wire{{.bits_per_second = 1'000'000'000, .delay = Duration::us(50)}};
  wire.link.send(Link::Side::kA,
                 wire.packet(1460));  // 1500 of IP, 1518 with Ethernet, 1538 with preamble and gap
  wire.run_for(Duration::ms(1));
  CHECK(wire.sent_at() == Times{1538 * 8});
  CHECK(wire.delivered_at() == Times{1538 * 8 + 50'000});
  CHECK(wire.b.got == std::vector<std::uint32_t>{1});
  CHECK(wire.a.sent == 1);
  CHECK(wire.packets.in_flight() == 0);
  CHECK(wire.all<LinkSent>()[0].first.place == Place{1, Place::kNoCpu});
  CHECK(wire.all<LinkDelivered>()[0].first.place == Place{2, Place::kNoCpu});
}

TEST_CASE("a small packet is padded to the least frame", "[link]") {
  Wire wire{{.bits_per_second = 1'000'000'000, .delay = {}}};
  wire.link.send(Link::Side::kA, wire.packet(0));  // 40 of IP: 58 with Ethernet, so 64, so 84
  wire.run_for(Duration::ms(1));
  CHECK(wire.sent_at() == Times{84 * 8});
}

TEST_CASE("a super-packet costs the wire all of its frames", "[link]") {
  Wire wire{{.bits_per_second = 1'000'000'000, .delay = {}}};
  Packet& packet = wire.packet(3000);
  packet.gso_size = 1460;  // 1460, 1460 and 80
  wire.link.send(Link::Side::kA, packet);
  wire.run_for(Duration::ms(1));
  CHECK(wire.sent_at() == Times{(1538 + 1538 + 158) * 8});
  CHECK(wire.b.got.size() == 1);
}

TEST_CASE("frames back to back keep the rate exactly, though a frame is no whole number of nanoseconds",
          "[link]") {
  Wire wire{{.bits_per_second = 10'000'000'000, .delay = {}}};
  for (int i = 0; i < 10; ++i) wire.link.send(Link::Side::kA, wire.packet(0));  // 67.2 ns each
  wire.run_for(Duration::ms(1));
  CHECK(wire.sent_at() == Times{67, 134, 201, 268, 336, 403, 470, 537, 604, 672});
}

TEST_CASE("without a rate only the delay is left", "[link]") {
  Wire wire{{.bits_per_second = 0, .delay = Duration::us(3)}};
  for (int i = 0; i < 3; ++i) wire.link.send(Link::Side::kA, wire.packet(1460));
  wire.run_for(Duration::ms(1));
  CHECK(wire.delivered_at() == Times{3'000, 3'000, 3'000});
  CHECK(wire.b.got == std::vector<std::uint32_t>{1, 2, 3});
}

TEST_CASE("the two directions do not slow each other down", "[link]") {
  Wire wire{{.bits_per_second = 1'000'000'000, .delay = {}}};
  wire.link.send(Link::Side::kA, wire.packet(1460));
  wire.link.send(Link::Side::kB, wire.packet(1460));
  wire.run_for(Duration::ms(1));
  CHECK(wire.sent_at() == Times{12'304, 12'304});
  CHECK(wire.a.got == std::vector<std::uint32_t>{2});
  CHECK(wire.b.got == std::vector<std::uint32_t>{1});
}

TEST_CASE("many frames fly at once; their order stays, even where the delay becomes shorter", "[link]") {
  Wire wire{{.bits_per_second = 0, .delay = Duration::us(100)}};
  wire.link.send(Link::Side::kA, wire.packet());
  wire.run_for(Duration::us(10));
  wire.link.set_config({.bits_per_second = 0, .delay = Duration::us(1)});
  wire.link.send(Link::Side::kA, wire.packet());
  wire.run_for(Duration::us(1));
  CHECK(wire.link.flying(Link::Side::kA) == 2);
  wire.run_for(Duration::ms(1));
  CHECK(wire.b.got == std::vector<std::uint32_t>{1, 2});
  CHECK(wire.delivered_at() == Times{100'000, 100'000});
}

TEST_CASE("a frame that finds the queue full is dropped, and the others are not", "[link]") {
  Wire wire{{.bits_per_second = 1'000'000'000, .delay = {}, .queue = 3}};
  std::vector<bool> taken;
  for (int i = 0; i < 6; ++i) taken.push_back(wire.link.send(Link::Side::kA, wire.packet()));
  CHECK(taken == std::vector<bool>{true, true, true, true, false, false});  // one is being sent, three wait
  CHECK(wire.link.queued(Link::Side::kA) == 4);
  wire.run_for(Duration::ms(1));
  CHECK(wire.b.got == std::vector<std::uint32_t>{1, 2, 3, 4});
  CHECK(wire.count<KfreeSkb>() == 2);
  CHECK(wire.link.dropped(Link::Side::kA) == 2);
  CHECK(wire.packets.in_flight() == 0);
}

TEST_CASE("a link that is cut loses what is sent from then on, and tells nobody", "[link]") {
  Wire wire{{.bits_per_second = 0, .delay = Duration::us(50), .cut = Duration::us(20)}};
  wire.link.send(Link::Side::kA, wire.packet(100));
  wire.run_for(Duration::us(20));
  CHECK_FALSE(wire.link.send(Link::Side::kA, wire.packet(100)));
  CHECK_FALSE(wire.link.send(Link::Side::kB, wire.packet(100)));
  wire.run_for(Duration::ms(1));
  CHECK(wire.delivered_at() == Times{50'000});  // what was under way arrives
  CHECK(wire.all<KfreeSkb>().size() == 2);
  CHECK(wire.packets.in_flight() == 0);
}
