#include "tests/kernel_model/support/net_machine.hpp"

using namespace stackscope;
using stackscope::test::NicMachine;
using Names = std::vector<std::string>;
using Counts = std::vector<std::uint32_t>;

namespace {

// A frame of 16 bytes takes 94 on the wire: 7.52 us at 100 Mbit/s.
constexpr LinkConfig kSlowLink{.bits_per_second = 100'000'000, .delay = {}};

Counts numbers(std::uint32_t from, std::uint32_t to) {
  Counts ids;
  for (std::uint32_t id = from; id <= to; ++id) ids.push_back(id);
  return ids;
}

void send_at_start(NicMachine& machine, std::uint32_t frames, CpuMask where = kAnyCpu) {
  machine.thread(
      "sender",
      [&machine, frames] {
        for (std::uint32_t i = 0; i < frames; ++i) machine.send();
      },
      50, where);
}

}  // namespace

TEST_CASE("a packet's way to the wire, and its slot's way back", "[nic][transmit]") {
  NicMachine machine{{}, kSlowLink};
  send_at_start(machine, 1);
  machine.run_for(Duration::ms(2));
  auto told = machine.told({"link:", "nic:", "net:", "napi:", "irq:softirq"});
  CHECK(told == Names{"net:net_dev_queue", "net:net_dev_start_xmit", "nic:tx_queued", "net:net_dev_xmit",
                      "link:sent", "nic:interrupt", "link:delivered", "nic:interrupt_mask", "napi:scheduled",
                      "irq:softirq_raise", "irq:softirq_entry", "nic:tx_completed", "napi:complete",
                      "nic:interrupt_mask", "napi:napi_poll", "irq:softirq_exit"});
  CHECK(machine.polls(NicMachine::kNapi) == Counts{0});
  CHECK(machine.far.got == Counts{1});
  CHECK(machine.nic.tx_ring().size() == 0);
  CHECK(machine.all<NetDevXmit>()[0].second.device == DeviceKind::kNic);
}

TEST_CASE("a full transmit ring stops the queue; packets wait in front of it and go on in order",
          "[nic][transmit]") {
  NicMachine machine{{.tx_ring = 8}, kSlowLink};
  send_at_start(machine, 20);
  bool was_stopped = false;
  std::uint32_t waited_in_front = 0;
  machine.at(Instant::ns(7'500 + 1'200), [&] {
    was_stopped = machine.nic.is_stopped();
    waited_in_front = machine.nic.qdisc().size();
  });
  machine.run_for(Duration::ms(5));
  CHECK(was_stopped);
  CHECK(waited_in_front == 12);
  CHECK(machine.far.got == numbers(1, 20));
  CHECK_FALSE(machine.nic.is_stopped());
  const auto waits = machine.waited(WaitReason::kTransmitRing);
  CHECK(waits.size() == 12);
  CHECK(*std::min_element(waits.begin(), waits.end()) > 0);
  const auto raises = machine.all<SoftirqRaise>();
  CHECK(std::any_of(raises.begin(), raises.end(),
                    [](const auto& raise) { return raise.second.vec == SoftirqVector::kNetTx; }));
}

TEST_CASE("the queue in front of the ring has its limit: what is too much is dropped, and told",
          "[nic][transmit]") {
  NicMachine machine{{.tx_ring = 8, .tx_queue_len = 5}, kSlowLink};
  send_at_start(machine, 20);
  machine.run_for(Duration::ms(5));
  CHECK(machine.nic.qdisc().dropped() == 7);
  const auto dropped = machine.all<KfreeSkb>();
  REQUIRE(dropped.size() == 7);
  CHECK(dropped[0].second.reason == DropReason::kTransmitQueueFull);
  CHECK(machine.far.got == numbers(1, 13));
  CHECK(machine.packets.in_flight() == 0);
}

TEST_CASE("a frame that the link drops gives its slot back, in its turn", "[nic][transmit]") {
  LinkConfig link = kSlowLink;
  link.queue = 2;
  NicMachine machine{{.tx_ring = 16}, link};
  send_at_start(machine, 10);
  machine.run_for(Duration::ms(5));
  CHECK(Counts(machine.far.got.begin(), machine.far.got.begin() + 3) ==
        numbers(1, 3));  // one sent, two behind it
  CHECK(machine.link.dropped(Link::Side::kA) > 0);
  CHECK(machine.far.got.size() + machine.link.dropped(Link::Side::kA) == 10);
  CHECK(machine.nic.tx_ring().size() == 0);
  Counts completed;
  for (const auto& [header, record] : machine.all<TxRingCompleted>())
    completed.push_back(record.packet.value);
  CHECK(completed == numbers(1, 10));
}

TEST_CASE("two CPUs that send at once: each packet leaves once, each CPU's in order", "[nic][transmit]") {
  NicMachine machine{{.tx_ring = 8}, kSlowLink, 2};
  std::vector<Counts> sent(2);
  for (const std::uint8_t n : {0, 1}) {
    machine.thread(
        "sender",
        [&machine, &mine = sent[n]] {
          for (int i = 0; i < 40; ++i) {
            Packet& packet = machine.packet();
            mine.push_back(packet.id.value);
            dev_queue_xmit(machine.cpu(), machine.nic, packet, machine.device_costs);
          }
        },
        50, CpuMask{1} << n);
  }
  machine.run_for(Duration::ms(5));
  REQUIRE(machine.far.got.size() == 80);
  for (const Counts& mine : sent) {
    Counts seen;
    std::copy_if(machine.far.got.begin(), machine.far.got.end(), std::back_inserter(seen),
                 [&](std::uint32_t id) { return std::find(mine.begin(), mine.end(), id) != mine.end(); });
    CHECK(seen == mine);
  }
  CHECK(machine.waited(WaitReason::kSpinLock).size() > 0);
}

TEST_CASE("sent frames left to clean make the poll repeat itself: 128 at a time", "[nic][transmit]") {
  NicConfig config;
  config.moderation.rx_usecs = Duration::ms(2);
  NicMachine machine{config, {.bits_per_second = 0, .delay = {}}};
  send_at_start(machine, 300);
  machine.run_for(Duration::ms(5));
  CHECK(machine.count<NicInterrupt>() == 1);
  CHECK(machine.polls(NicMachine::kNapi) == Counts{64, 64, 0});  // 128, 128 and 44 slots
  CHECK(machine.count<TxRingCompleted>() == 300);
}

TEST_CASE("each sent packet's completion is caused by its own sending", "[nic][transmit]") {
  NicMachine machine{{.tx_ring = 8}, kSlowLink};
  send_at_start(machine, 12);
  machine.run_for(Duration::ms(5));
  const auto sent = machine.all<LinkSent>();
  std::size_t at = 0;
  for (const auto& [header, completed] : machine.all<TxRingCompleted>()) {
    const RawRecord cause = machine.recording.at(header.cause);
    REQUIRE(cause.header.kind == KindOf<LinkSent>::value);
    CHECK(decode_fields<LinkSent>(cause.fields.data()).packet == completed.packet);
    CHECK(sent[at++].second.packet == completed.packet);
  }
  CHECK(at == 12);
}
