#include "tests/kernel_model/support/net_machine.hpp"

using namespace stackscope;
using stackscope::test::NicMachine;
using Names = std::vector<std::string>;
using Counts = std::vector<std::uint32_t>;
using Times = std::vector<std::int64_t>;

namespace {

constexpr Instant kSoon = Instant::ns(1'000'000);
constexpr LinkConfig kInstantLink{.bits_per_second = 0, .delay = {}};

std::vector<std::int64_t> interrupts_at(const NicMachine& machine) {
  std::vector<std::int64_t> at;
  for (const auto& [header, record] : machine.all<NicInterrupt>()) at.push_back(header.at.count());
  return at;
}

Counts first_of(std::uint32_t count) {
  Counts ids;
  for (std::uint32_t id = 1; id <= count; ++id) ids.push_back(id);
  return ids;
}

}  // namespace

TEST_CASE("a frame's way from the wire to the protocols", "[nic]") {
  NicMachine machine;
  machine.arrive(1, kSoon);
  machine.run_for(Duration::ms(2));
  auto told = machine.told({"link:", "nic:", "net:", "napi:", "irq:"});
  told.erase(told.begin(), std::find(told.begin(), told.end(), "link:sent"));
  CHECK(told == Names{"link:sent", "link:delivered", "nic:frame_arrived", "nic:interrupt",
                      "irq:irq_handler_entry", "nic:interrupt_mask", "napi:scheduled", "irq:softirq_raise",
                      "irq:irq_handler_exit", "irq:softirq_entry", "nic:rx_taken", "net:netif_receive_skb",
                      "napi:complete", "nic:interrupt_mask", "napi:napi_poll", "irq:softirq_exit"});
  CHECK(machine.all<FrameArrived>()[0].second.length_bytes == 16 + 40 + 14);
  CHECK(machine.all<FrameArrived>()[0].first.place == Place{1, Place::kNoCpu});
  CHECK(machine.all<NetifReceiveSkb>()[0].second.device == DeviceKind::kNic);
  CHECK(machine.all<NetifReceiveSkb>()[0].first.place == Place{1, 0});
  CHECK_FALSE(machine.nic.is_masked());
  CHECK(machine.packets.in_flight() == 0);
}

TEST_CASE("a full receive ring drops exactly the overflow, and the kernel never hears of it", "[nic]") {
  NicMachine machine{{.rx_ring = 8}, kInstantLink};
  machine.arrive(20, kSoon);
  machine.run_for(Duration::ms(2));
  CHECK(machine.receiver.got == first_of(8));
  CHECK(machine.count<FrameDropped>() == 12);
  CHECK(machine.nic.rx_missed() == 12);
  CHECK(machine.count<KfreeSkb>() == 0);
  CHECK(machine.packets.in_flight() == 0);
}

TEST_CASE("a slot is free again as soon as the driver has taken its frame", "[nic]") {
  NicMachine machine{{.rx_ring = 8}, kInstantLink};
  machine.receiver.work = Duration::us(10);
  machine.arrive(8, kSoon);
  machine.arrive(5, kSoon + Duration::us(30));  // two or three are taken by then
  machine.run_for(Duration::ms(2));
  const std::size_t dropped = machine.count<FrameDropped>();
  CHECK(dropped > 0);
  CHECK(dropped < 5);
  CHECK(machine.receiver.got.size() + dropped == 13);
  Counts slots;
  for (const auto& [header, frame] : machine.all<FrameArrived>()) slots.push_back(frame.ring_slot);
  for (std::uint32_t i = 0; i < slots.size(); ++i) CHECK(slots[i] == i % 8);
}

TEST_CASE("a burst is polled 64 at a time, and one interrupt is enough", "[nic]") {
  NicMachine machine{{}, kInstantLink};
  machine.arrive(150, kSoon);
  machine.run_for(Duration::ms(2));
  CHECK(machine.polls(NicMachine::kNapi) == Counts{64, 64, 22});
  CHECK(machine.count<NicInterrupt>() == 1);
  CHECK(machine.receiver.got == first_of(150));
}

TEST_CASE("frames that come while the driver polls raise no interrupt: the poll takes them", "[nic]") {
  NicMachine machine{{}, kInstantLink};
  machine.receiver.work = Duration::us(5);
  machine.arrive(3, kSoon);
  machine.arrive(2, kSoon + Duration::us(12));
  machine.run_for(Duration::ms(2));
  CHECK(machine.polls(NicMachine::kNapi) == Counts{5});
  CHECK(machine.count<NicInterrupt>() == 1);
}

TEST_CASE("a frame that comes after the driver's last look is not lost: unmasking interrupts again",
          "[nic]") {
  NicMachine machine{{}, kInstantLink};
  machine.device_costs.nic_unmask = Cost{Duration::us(20)};
  machine.arrive(1, kSoon);
  machine.arrive(1, kSoon + Duration::us(15));
  machine.run_for(Duration::ms(2));
  CHECK(machine.receiver.got == first_of(2));
  CHECK(machine.polls(NicMachine::kNapi) == Counts{1, 1});
  CHECK(machine.count<NicInterrupt>() == 2);
  // the second came on top of the first poll, in the same softirq
  const auto names = machine.told({"nic:interrupt", "irq:softirq_entry", "napi:napi_poll"});
  CHECK(std::vector<std::string>(names.end() - 7, names.end()) ==
        Names{"irq:softirq_entry", "nic:interrupt_mask", "nic:interrupt", "nic:interrupt_mask",
              "napi:napi_poll", "nic:interrupt_mask", "napi:napi_poll"});
}

TEST_CASE("moderation: the interrupt waits for more frames, and says so", "[nic][moderation]") {
  NicConfig config;
  config.moderation.rx_usecs = Duration::us(50);
  SECTION("until the time is over, from the first frame on") {
    NicMachine machine{config, kInstantLink};
    for (int i = 0; i < 3; ++i) machine.arrive(1, kSoon + Duration::us(20) * i);
    machine.run_for(Duration::ms(2));
    CHECK(interrupts_at(machine) == Times{1'050'000});
    CHECK(machine.waited(WaitReason::kModeration) == Times{50'000});
    CHECK(machine.polls(NicMachine::kNapi) == Counts{3});
  }
  SECTION("or until there are enough") {
    config.moderation.rx_frames = 2;
    NicMachine machine{config, kInstantLink};
    for (int i = 0; i < 3; ++i) machine.arrive(1, kSoon + Duration::us(20) * i);
    machine.run_for(Duration::ms(2));
    CHECK(interrupts_at(machine) == Times{1'020'000, 1'090'000});
    CHECK(machine.waited(WaitReason::kModeration) == Times{20'000, 50'000});
  }
  SECTION("switched off while running") {
    NicMachine machine{config, kInstantLink};
    machine.arrive(1, kSoon);
    machine.at(kSoon + Duration::us(500), [&] { machine.nic.set_moderation({}); });
    machine.arrive(1, kSoon + Duration::us(600));
    machine.run_for(Duration::ms(2));
    CHECK(interrupts_at(machine) == Times{1'050'000, 1'600'000});
    CHECK(machine.waited(WaitReason::kModeration) == Times{50'000});
  }
}

TEST_CASE("the wait of each frame can be followed: of the first through the interrupt, of others behind it",
          "[nic]") {
  NicConfig config;
  config.moderation.rx_usecs = Duration::us(50);
  NicMachine machine{config, kInstantLink};
  machine.arrive(1, kSoon);
  machine.arrive(1, kSoon + Duration::us(10));
  machine.run_for(Duration::ms(2));
  std::vector<RecordId> arrived, taken, interrupt;
  for (std::uint64_t i = 1; i <= machine.recording.size(); ++i) {
    const std::uint16_t kind = machine.recording.at(RecordId{i}).header.kind;
    if (kind == KindOf<FrameArrived>::value) arrived.push_back(RecordId{i});
    if (kind == KindOf<RxRingTaken>::value) taken.push_back(RecordId{i});
    if (kind == KindOf<NicInterrupt>::value) interrupt.push_back(RecordId{i});
  }
  REQUIRE(taken.size() == 2);
  CHECK(machine.is_caused_by(interrupt[0], arrived[0]));
  CHECK(machine.is_caused_by(taken[0], interrupt[0]));
  CHECK(machine.is_caused_by(taken[1], arrived[1]));
  CHECK_FALSE(machine.is_caused_by(taken[1], interrupt[0]));
}

TEST_CASE("an interrupt goes to the CPU that its affinity names", "[nic]") {
  NicMachine machine{{}, kInstantLink, 2};
  machine.arrive(1, kSoon);
  machine.at(kSoon + Duration::us(500), [&] { machine.nic.set_affinity(machine.processors.cpu(1)); });
  machine.arrive(1, kSoon + Duration::us(600));
  machine.run_for(Duration::ms(2));
  CHECK(machine.receiver.cpus == std::vector<std::uint8_t>{0, 1});
  const auto interrupts = machine.all<NicInterrupt>();
  REQUIRE(interrupts.size() == 2);
  CHECK(interrupts[1].second.target_cpu == 1);
}

TEST_CASE("receiving takes its time from whoever computes on that CPU, and from nobody else", "[nic]") {
  NicMachine machine{{}, kInstantLink, 2};
  std::vector<std::int64_t> took(2);
  for (const std::uint8_t n : {0, 1}) {
    machine.thread(
        "program",
        [&, n] {
          const std::int64_t began = machine.now_ns();
          machine.compute(Duration::us(900));
          took[n] = machine.now_ns() - began;
        },
        50, CpuMask{1} << n);
  }
  machine.arrive(100, Instant::ns(300'000));
  machine.run_for(Duration::ms(2));
  CHECK(took[0] >= 900'000 + 100 * (150 + 150 + 500));
  CHECK(took[1] == 900'000);
}
