#include "tests/kernel_model/support/net_machine.hpp"

using namespace stackscope;
using stackscope::test::NetMachine;
using Names = std::vector<std::string>;

namespace {

struct LoopbackMachine : NetMachine {
  explicit LoopbackMachine(std::uint8_t cpus = 1)
      : NetMachine(cpus), backlog(net_rx, cpus, receiver, packets) {}
  void send() { dev_queue_xmit(cpu(), lo, packet(), device_costs); }
  Names story() const { return told({"net:", "napi:napi_poll", "irq:softirq", "skb:"}); }

  Backlog backlog;
  Loopback lo{backlog, device_costs};
};

const Names kSent{"net:net_dev_queue", "net:net_dev_start_xmit", "net:netif_rx", "irq:softirq_raise",
                  "net:net_dev_xmit"};
const Names kSentInSoftirq{"net:net_dev_queue", "net:net_dev_start_xmit", "net:netif_rx", "net:net_dev_xmit"};

Names operator+(Names a, const Names& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

TEST_CASE("loopback: a packet is received inside the call that sends it, in the kernel's order",
          "[loopback]") {
  LoopbackMachine machine;
  std::size_t received_before = 1, received_after = 0;
  machine.thread("client", [&] {
    received_before = machine.receiver.got.size();
    machine.send();
    received_after = machine.receiver.got.size();
  });
  machine.run_for(Duration::ms(1));
  CHECK(received_before == 0);
  CHECK(received_after == 1);
  CHECK(machine.story() ==
        kSent + Names{"irq:softirq_entry", "net:netif_receive_skb", "napi:napi_poll", "irq:softirq_exit"});
  const auto polls = machine.all<NapiPoll>();
  CHECK(polls[0].second.napi == Backlog::napi_of(0));
  CHECK(polls[0].second.work == 1);
  CHECK(polls[0].second.budget == 64);
  CHECK(machine.all<NetDevQueue>()[0].second.len == 16 + 40 + 14);
  CHECK(machine.all<NetifRx>()[0].second.len == 16 + 40);
}

TEST_CASE("loopback: an answer sent while receiving is received by the same poll, without another softirq",
          "[loopback]") {
  LoopbackMachine machine;
  machine.receiver.answer = [&](Cpu&, const Packet& packet) {
    if (packet.id.value == 1) machine.send();
  };
  machine.thread("server", [&] { machine.send(); });
  machine.run_for(Duration::ms(1));
  CHECK(machine.story() == kSent + Names{"irq:softirq_entry", "net:netif_receive_skb"} + kSentInSoftirq +
                               Names{"net:netif_receive_skb", "napi:napi_poll", "irq:softirq_exit"});
  CHECK(machine.polls(Backlog::napi_of(0)) == std::vector<std::uint32_t>{2});
}

TEST_CASE("loopback: within a section of the caller's, receiving waits for its end", "[loopback]") {
  LoopbackMachine machine;
  std::size_t inside = 9, after = 0;
  machine.thread("client", [&] {
    {
      BhSection off{machine.cpu()};
      machine.send();
      machine.send();
      inside = machine.receiver.got.size();
    }
    after = machine.receiver.got.size();
  });
  machine.run_for(Duration::ms(1));
  CHECK(inside == 0);
  CHECK(after == 2);
  CHECK(machine.count<SoftirqRaise>() == 1);
  CHECK(machine.polls(Backlog::napi_of(0)) == std::vector<std::uint32_t>{2});
}

TEST_CASE("each packet's cause leads to what sent it, also where another asked for the softirq",
          "[loopback]") {
  LoopbackMachine machine;
  machine.thread("client", [&] {
    BhSection off{machine.cpu()};
    for (int i = 0; i < 3; ++i) machine.send();
  });
  machine.run_for(Duration::ms(1));
  std::vector<RecordId> queued;
  std::vector<RecordId> received;
  for (std::uint64_t i = 1; i <= machine.recording.size(); ++i) {
    const auto& name = test::schema().kind(machine.recording.at(RecordId{i}).header.kind).name;
    if (name == NetifRx::kName) queued.push_back(RecordId{i});
    if (name == NetifReceiveSkb::kName) received.push_back(RecordId{i});
  }
  REQUIRE(queued.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(machine.is_caused_by(received[i], queued[i]));
    if (i > 0) CHECK_FALSE(machine.is_caused_by(received[i], received[i - 1]));
  }
  CHECK(machine.waited(WaitReason::kSoftirqQueued).size() == 3);  // the softirq, and the two other packets
}

TEST_CASE("a poll handles 64 packets; what is left is polled in the next round of softirqs", "[backlog]") {
  LoopbackMachine machine;
  machine.thread("client", [&] {
    BhSection off{machine.cpu()};
    for (int i = 0; i < 200; ++i) machine.send();
  });
  machine.run_for(Duration::ms(8));
  CHECK(machine.receiver.got.size() == 200);
  CHECK(machine.polls(Backlog::napi_of(0)) == std::vector<std::uint32_t>{64, 64, 64, 8});
  // a napi that used its budget up is not polled twice in one net_rx_action()
  const auto entries = machine.all<SoftirqEntry>();
  CHECK(std::count_if(entries.begin(), entries.end(),
                      [](const auto& entry) { return entry.second.vec == SoftirqVector::kNetRx; }) == 4);
  CHECK(machine.net_rx.time_squeeze(machine.processors.cpu(0)) == 0);
}

TEST_CASE("net.core.dev_weight is the backlog's budget, from the next poll on", "[backlog]") {
  LoopbackMachine machine;
  machine.limits.dev_weight = 10;
  machine.thread("client", [&] {
    machine.send();
    BhSection off{machine.cpu()};
    for (int i = 0; i < 25; ++i) machine.send();
  });
  machine.run_for(Duration::ms(8));
  CHECK(machine.polls(Backlog::napi_of(0)) == std::vector<std::uint32_t>{1, 10, 10, 5});
}

TEST_CASE("more than netdev_max_backlog packets: the overflow is dropped, and nothing else", "[backlog]") {
  LoopbackMachine machine;
  machine.limits.netdev_max_backlog = 100;
  std::uint32_t waiting = 0;
  machine.thread("client", [&] {
    BhSection off{machine.cpu()};
    for (int i = 0; i < 110; ++i) machine.send();
    waiting = machine.backlog.size(machine.cpu());
  });
  machine.run_for(Duration::ms(8));
  CHECK(waiting == 101);  // the kernel compares before it adds
  CHECK(machine.receiver.got.size() == 101);
  CHECK(machine.receiver.got.back() == 101);
  CHECK(machine.backlog.dropped(machine.processors.cpu(0)) == 9);
  for (const auto& [header, dropped] : machine.all<KfreeSkb>())
    CHECK(dropped.reason == DropReason::kBacklogFull);
  CHECK(machine.count<KfreeSkb>() == 9);
  CHECK(machine.count<NetDevXmit>() == 110);  // the driver took them all
  CHECK(machine.packets.in_flight() == 0);
}

TEST_CASE("every CPU has a backlog of its own", "[backlog]") {
  LoopbackMachine machine{2};
  for (const CpuMask mask : {1u, 2u}) machine.thread("client", [&] { machine.send(); }, 50, mask);
  machine.run_for(Duration::ms(1));
  CHECK(machine.polls(Backlog::napi_of(0)) == std::vector<std::uint32_t>{1});
  CHECK(machine.polls(Backlog::napi_of(1)) == std::vector<std::uint32_t>{1});
  auto cpus = machine.receiver.cpus;
  std::sort(cpus.begin(), cpus.end());
  CHECK(cpus == std::vector<std::uint8_t>{0, 1});
}
