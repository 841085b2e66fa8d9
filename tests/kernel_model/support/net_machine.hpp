#pragma once
// A machine with the softirqs of the network, and somebody above them who counts what comes up.

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "kernel_model/hardware/loopback.hpp"
#include "kernel_model/hardware/nic.hpp"
#include "kernel_model/softirq/dev.hpp"
#include "sim/encoding.hpp"
#include "tests/kernel_model/support/machine.hpp"

namespace stackscope::test {

/// Stands for the protocols: keeps the names of what came, and consumes it.
class Receiver final : public PacketReceiver {
 public:
  explicit Receiver(PacketPool& packets) : packets_(packets) {}
  void receive(Cpu& cpu, Packet& packet) override {
    got.push_back(packet.id.value);
    cpus.push_back(cpu.number());
    cpu.charge(work);
    if (answer) answer(cpu, packet);
    packets_.give_back(packet);
  }

  std::vector<std::uint32_t> got;
  std::vector<std::uint8_t> cpus;
  Duration work = Duration::ns(500);
  std::function<void(Cpu&, const Packet&)> answer;

 private:
  PacketPool& packets_;
};

class NetMachine : public Machine {
 public:
  explicit NetMachine(std::uint8_t cpus = 1)
      : Machine(cpus),
        net_rx(processors.softirqs(), tick, cpus, limits, device_costs),
        net_tx(processors.softirqs(), cpus, device_costs) {}

  static NetDeviceCosts some_costs() {
    NetDeviceCosts costs;
    costs.dev_queue_xmit = costs.loopback_xmit = costs.netif_rx = Cost{Duration::ns(100)};
    costs.qdisc_enqueue = costs.qdisc_dequeue = costs.nic_tx_frame = costs.nic_tx_clean =
        Cost{Duration::ns(50)};
    costs.net_rx_action = costs.napi_poll = costs.nic_interrupt = costs.nic_unmask = Cost{Duration::ns(200)};
    costs.nic_rx_frame = costs.backlog_dequeue = costs.netif_receive_skb = Cost{Duration::ns(150)};
    return costs;
  }

  /// Looks, or acts as hardware, at this moment.
  void at(Instant when, std::function<void()> action) {
    actions_.push_back(std::make_unique<Action>(std::move(action)));
    engine.schedule(actions_.back()->event, when, Rank::hardware());
  }

  Packet& packet(std::uint32_t payload = 16) {
    Packet& made = packets.take();
    made.payload_bytes = payload;
    return made;
  }

  /// Every record of one kind, decoded.
  template <class R>
  std::vector<std::pair<RecordHeader, R>> all() const {
    std::vector<std::pair<RecordHeader, R>> found;
    for (std::uint64_t i = 1; i <= recording.size(); ++i) {
      const RawRecord raw = recording.at(RecordId{i});
      if (raw.header.kind == KindOf<R>::value)
        found.emplace_back(raw.header, decode_fields<R>(raw.fields.data()));
    }
    return found;
  }
  template <class R>
  std::size_t count() const {
    return all<R>().size();
  }
  /// How long things of a kind waited, in nanoseconds.
  std::vector<std::int64_t> waited(WaitReason reason) const {
    std::vector<std::int64_t> times;
    for (const auto& [header, wait] : all<Waited>()) {
      if (wait.reason == reason) times.push_back((header.at - wait.since).count());
    }
    return times;
  }
  /// Work of each poll in order, of one napi.
  std::vector<std::uint32_t> polls(NapiId napi) const {
    std::vector<std::uint32_t> work;
    for (const auto& [header, poll] : all<NapiPoll>()) {
      if (poll.napi == napi) work.push_back(poll.work);
    }
    return work;
  }
  /// Whether `ancestor` is among what caused `id`, directly or not.
  bool is_caused_by(RecordId id, RecordId ancestor) const {
    while (id && id != ancestor) id = recording.at(id).header.cause;
    return id == ancestor;
  }

  NetDeviceCosts device_costs = some_costs();
  NetdevLimits limits;
  PacketPool packets;
  Receiver receiver{packets};
  NetRx net_rx;
  NetTx net_tx;

 private:
  struct Action {
    explicit Action(std::function<void()> of) : act(std::move(of)) {}
    void fire() { act(); }
    std::function<void()> act;
    Event event = Event::calling<&Action::fire>(*this);
  };
  std::vector<std::unique_ptr<Action>> actions_;
};

/// The other end of a link, an ideal one: keeps what comes, and sends at will.
class FarEnd final : public LinkEnd {
 public:
  explicit FarEnd(PacketPool& packets) : packets_(packets) {}
  void on_frame(Packet& packet) override {
    got.push_back(packet.id.value);
    packets_.give_back(packet);
  }
  void on_sent(RecordId) override { ++sent; }

  std::vector<std::uint32_t> got;
  std::uint32_t sent = 0;

 private:
  PacketPool& packets_;
};

/// A machine with a NIC, linked to a far end.
struct NicMachine : NetMachine {
  static constexpr NapiId kNapi{9};
  static constexpr QueueId kQueue{1};

  explicit NicMachine(const NicConfig& config = {}, LinkConfig wire = {}, std::uint8_t cpus = 1)
      : NetMachine(cpus),
        link(engine, trace, packets, wire),
        nic({kQueue, kNapi, processors.cpu(0)}, link, Link::Side::kA, {net_rx, net_tx, receiver, packets},
            config) {
    link.attach(Link::Side::kB, far, 2);
  }

  /// The far end sends so many frames at once.
  void arrive(std::uint32_t frames, Instant when, std::uint32_t payload = 16) {
    at(when, [this, frames, payload] {
      for (std::uint32_t i = 0; i < frames; ++i) link.send(Link::Side::kB, packet(payload));
    });
  }
  void send(std::uint32_t payload = 16) { dev_queue_xmit(cpu(), nic, packet(payload), device_costs); }

  FarEnd far{packets};
  Link link;
  Nic nic;
};

}  // namespace stackscope::test
