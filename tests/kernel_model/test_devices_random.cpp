// Random traffic in both directions on two CPUs; what must hold at every record is checked over the recording.

#include <map>

#include "sim/random.hpp"
#include "tests/kernel_model/support/net_machine.hpp"

using namespace stackscope;
using stackscope::test::NicMachine;

namespace {

/// What the records say, record by record.
struct Watcher {
  const NicConfig& config;
  std::vector<std::uint32_t> rx, tx;   // what is in the rings
  std::map<std::uint32_t, int> napis;  // 1: on a poll list
  bool masked = false;
  std::vector<std::string> broken;

  void require(bool holds, const char* what) {
    if (!holds) broken.emplace_back(what);
  }
  template <class R>
  void on(const RawRecord& raw) {
    if (raw.header.kind == KindOf<R>::value) see(decode_fields<R>(raw.fields.data()));
  }
  void see(const FrameArrived& frame) {
    rx.push_back(frame.packet.value);
    require(rx.size() <= config.rx_ring, "more frames than slots");
  }
  void see(const FrameDropped&) { require(rx.size() == config.rx_ring, "dropped though there was room"); }
  void see(const RxRingTaken& taken) {
    require(masked, "polled with interrupts on");
    require(!rx.empty() && rx.front() == taken.packet.value, "not the oldest frame");
    if (!rx.empty()) rx.erase(rx.begin());
  }
  void see(const TxRingQueued& queued) {
    tx.push_back(queued.packet.value);
    require(tx.size() <= config.tx_ring, "more sent than slots");
  }
  void see(const TxRingCompleted& completed) {
    require(!tx.empty() && tx.front() == completed.packet.value, "not the oldest slot");
    if (!tx.empty()) tx.erase(tx.begin());
  }
  void see(const NicInterrupt&) { require(!masked, "interrupted while masked"); }
  void see(const NicInterruptMask& mask) {
    require(masked != mask.masked, "masked twice");
    masked = mask.masked;
  }
  void see(const NapiScheduled& scheduled) { require(++napis[scheduled.napi.value] == 1, "listed twice"); }
  void see(const NapiComplete& complete) { require(--napis[complete.napi.value] == 0, "not listed"); }
  void see(const NapiPoll& poll) { require(poll.work <= poll.budget, "over budget"); }
};

Watcher watch(const NicMachine& machine, const NicConfig& config) {
  Watcher watcher{config, {}, {}, {}, false, {}};
  for (std::uint64_t i = 1; i <= machine.recording.size(); ++i) {
    const RawRecord raw = machine.recording.at(RecordId{i});
    watcher.on<FrameArrived>(raw), watcher.on<FrameDropped>(raw), watcher.on<RxRingTaken>(raw);
    watcher.on<TxRingQueued>(raw), watcher.on<TxRingCompleted>(raw), watcher.on<NicInterrupt>(raw);
    watcher.on<NicInterruptMask>(raw), watcher.on<NapiScheduled>(raw), watcher.on<NapiComplete>(raw);
    watcher.on<NapiPoll>(raw);
  }
  return watcher;
}

NicConfig random_config(RandomStream& random) {
  NicConfig config;
  config.rx_ring = static_cast<std::uint32_t>(random.between(8, 80));
  config.tx_ring = static_cast<std::uint32_t>(random.between(8, 40));
  config.tx_queue_len = static_cast<std::uint32_t>(random.between(5, 200));
  config.napi_weight = static_cast<std::uint32_t>(random.between(1, 64));
  config.moderation.rx_usecs = Duration::us(random.between(0, 1) * random.between(0, 60));
  config.moderation.rx_frames = static_cast<std::uint32_t>(random.between(0, 10));
  return config;
}

LinkConfig random_link(RandomStream& random) {
  return LinkConfig{random.between(0, 4) * 100'000'000, Duration::us(random.between(0, 20)),
                    static_cast<std::uint32_t>(random.between(5, 100))};
}

/// 20 bursts from the far end, 120 packets from a thread on each CPU, the interrupt moved to and fro.
void drive(NicMachine& machine, RandomStream& random) {
  for (int burst = 0; burst < 20; ++burst) {
    machine.arrive(static_cast<std::uint32_t>(random.between(1, 60)),
                   Instant::ns(random.between(0, 3'000'000)));
    const auto target = static_cast<std::uint8_t>(random.below(2));
    machine.at(Instant::ns(random.between(0, 3'000'000)),
               [&machine, target] { machine.nic.set_affinity(machine.processors.cpu(target)); });
  }
  for (const CpuMask mask : {1u, 2u}) {
    machine.thread(
        "sender",
        [&machine, &random] {
          for (int i = 0; i < 120; ++i) {
            machine.send(static_cast<std::uint32_t>(random.between(0, 1400)));
            machine.compute(Duration::ns(random.between(0, 30'000)));
          }
        },
        50, mask);
  }
}

}  // namespace

TEST_CASE("random traffic: nothing gets lost or stuck, rings and masks stay in order", "[nic][random]") {
  const std::uint64_t seed = GENERATE(range(1, 41));
  CAPTURE(seed);
  RandomStream random{seed, "devices"};
  const NicConfig config = random_config(random);
  NicMachine machine{config, random_link(random), 2};
  drive(machine, random);
  machine.run_for(Duration::ms(60));

  const Watcher watcher = watch(machine, config);
  CHECK(watcher.broken == std::vector<std::string>{});
  CHECK(watcher.rx.empty());
  CHECK(watcher.tx.empty());
  CHECK_FALSE(watcher.masked);
  CHECK(machine.nic.qdisc().size() == 0);
  CHECK(machine.packets.in_flight() == 0);
  CHECK(machine.receiver.got.size() == machine.count<FrameArrived>());
  CHECK(machine.nic.rx_missed() == machine.count<FrameDropped>());
  CHECK(machine.far.got.size() + machine.link.dropped(Link::Side::kA) + machine.nic.qdisc().dropped() == 240);
  CHECK(std::is_sorted(machine.receiver.got.begin(), machine.receiver.got.end()));
}
