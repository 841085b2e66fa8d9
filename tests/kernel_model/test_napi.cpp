#include <deque>

#include "tests/kernel_model/support/net_machine.hpp"

using namespace stackscope;
using stackscope::test::NetMachine;
using Names = std::vector<std::string>;
using Counts = std::vector<std::uint32_t>;

namespace {

/// A device that interrupts and has work: as much as a test gives it.
class Device {
 public:
  Device(NetMachine& machine, std::uint32_t id, std::uint32_t weight = 64)
      : napi({id}, weight, this,
             [](void* self, Cpu& cpu, std::uint32_t budget) {
               return static_cast<Device*>(self)->poll(cpu, budget);
             }),
        machine_(machine),
        line_{IrqKind::kNic, QueueId{id}, this, [](void* self, Cpu& cpu) {
                auto& device = *static_cast<Device*>(self);
                device.machine_.net_rx.schedule(cpu, device.napi);
              }} {}

  /// At `at` the device has so much more to do, and interrupts.
  void work_at(Instant at, std::uint32_t amount) {
    amount_ = amount;
    machine_.engine.schedule(event_, at, Rank::hardware());
  }

  void interrupt() { machine_.processors.cpu(0).raise(line_); }

  Napi napi;
  std::uint32_t pending = 0, done = 0;
  Duration cost = Duration::ns(100);
  std::uint32_t refused = 0;  // completions that came to nothing

 private:
  void fire() {
    pending += amount_;
    interrupt();
  }
  std::uint32_t poll(Cpu& cpu, std::uint32_t budget) {
    std::uint32_t work = 0;
    while (work < budget && pending > 0) {
      cpu.charge(cost);
      --pending, ++work, ++done;
    }
    if (work < budget && !machine_.net_rx.complete(cpu, napi)) ++refused;
    return work;
  }

  NetMachine& machine_;
  IrqLine line_;
  Event event_ = Event::calling<&Device::fire>(*this);
  std::uint32_t amount_ = 0;
};

constexpr Instant kSoon = Instant::ns(1'000'000);

std::size_t raised(const NetMachine& machine) {
  const auto all = machine.all<SoftirqRaise>();
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [](const auto& raise) { return raise.second.vec == SoftirqVector::kNetRx; }));
}

}  // namespace

TEST_CASE("an interrupt schedules, the softirq that follows it polls", "[napi]") {
  NetMachine machine;
  Device device{machine, 5};
  device.work_at(kSoon, 3);
  machine.run_for(Duration::us(1100));
  CHECK(device.done == 3);
  auto told = machine.told({"irq:", "napi:"});
  told.erase(told.begin(), std::find(told.begin(), told.end(), "napi:scheduled") - 1);  // of the timer
  CHECK(told == Names{"irq:irq_handler_entry", "napi:scheduled", "irq:softirq_raise", "irq:irq_handler_exit",
                      "irq:softirq_entry", "napi:complete", "napi:napi_poll", "irq:softirq_exit"});
  const auto polls = machine.all<NapiPoll>();
  CHECK(polls[0].second.napi == NapiId{5});
  CHECK(polls[0].second.work == 3);
  CHECK(polls[0].second.budget == 64);
}

TEST_CASE("a device that uses its weight up goes behind those that wait", "[napi]") {
  NetMachine machine;
  Device busy{machine, 5}, quiet{machine, 6};
  busy.work_at(kSoon, 150);
  quiet.work_at(kSoon + Duration::us(6), 10);  // while the other is polled
  machine.run_for(Duration::ms(3));
  std::vector<std::string> polls;
  for (const auto& [header, poll] : machine.all<NapiPoll>()) {
    polls.push_back(std::to_string(poll.napi.value) + ":" + std::to_string(poll.work));
  }
  CHECK(polls == Names{"5:64", "6:10", "5:64", "5:22"});
  CHECK(raised(machine) == 3);  // by the interrupt, and by each net_rx_action() that left a repoll
}

TEST_CASE("the weight is a device's own", "[napi]") {
  NetMachine machine;
  Device device{machine, 5, 16};
  device.work_at(kSoon, 40);
  machine.run_for(Duration::ms(3));
  CHECK(machine.polls({5}) == Counts{16, 16, 8});
  for (const auto& [header, poll] : machine.all<NapiPoll>()) CHECK(poll.budget == 16);
}

TEST_CASE("scheduled by an interrupt during a poll of another: the same softirq polls it, nothing is raised",
          "[napi]") {
  NetMachine machine;
  Device first{machine, 5}, second{machine, 6};
  first.cost = Duration::us(10);
  first.work_at(kSoon, 20);
  second.work_at(kSoon + Duration::us(50), 1);
  machine.run_for(Duration::ms(2));
  CHECK(machine.polls({5}) == Counts{20});
  CHECK(machine.polls({6}) == Counts{1});
  CHECK(raised(machine) == 1);
  CHECK(machine.waited(WaitReason::kSoftirqQueued).size() ==
        2);  // the softirq itself, and the second behind the first
}

TEST_CASE("scheduled during its own poll: it does not get lost, but is polled once more", "[napi]") {
  NetMachine machine;
  Device device{machine, 5};
  device.cost = Duration::us(10);
  device.work_at(kSoon, 5);
  bool missed_before = true, missed_after = false;
  machine.at(kSoon + Duration::us(19), [&] { missed_before = device.napi.is_missed(); });
  machine.at(kSoon + Duration::us(20), [&] { device.interrupt(); });  // and no news
  machine.at(kSoon + Duration::us(22), [&] { missed_after = device.napi.is_missed(); });
  machine.run_for(Duration::ms(2));
  CHECK_FALSE(missed_before);
  CHECK(missed_after);
  CHECK(machine.polls({5}) == Counts{5, 0});
  CHECK(device.refused == 1);
  CHECK_FALSE(device.napi.is_scheduled());
}

TEST_CASE("netdev_budget ends a softirq; the devices that are left come first in the next", "[napi]") {
  NetMachine machine;
  std::deque<Device> devices;
  for (std::uint32_t id = 1; id <= 6; ++id) {
    devices.emplace_back(machine, id).cost = id == 1 ? Duration::us(2) : Duration::ns(100);
    devices.back().work_at(kSoon + Duration::us(5) * id, 64 + id);
  }
  machine.run_for(Duration::ms(3));
  Counts order;
  for (const auto& [header, poll] : machine.all<NapiPoll>()) order.push_back(poll.napi.value);
  // the first alone, while the others interrupt; then five use 320 of 300 up, and the first waits behind them
  CHECK(order == Counts{1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6});
  CHECK(machine.net_rx.time_squeeze(machine.processors.cpu(0)) == 1);
  CHECK(raised(machine) == 3);
}

TEST_CASE("a smaller netdev_budget ends it after every poll", "[napi]") {
  NetMachine machine;
  machine.limits.netdev_budget = 10;
  Device device{machine, 5};
  device.work_at(kSoon, 200);
  machine.run_for(Duration::ms(3));
  CHECK(machine.polls({5}) == Counts{64, 64, 64, 8});  // the budget is looked at after a poll, not during
  CHECK(machine.net_rx.time_squeeze(machine.processors.cpu(0)) == 3);
}

TEST_CASE("two jiffies end it, too: they are counted, so a long poll is never cut short", "[napi]") {
  NetMachine machine;
  Device slow{machine, 5}, waiting{machine, 6};
  slow.cost = Duration::us(150);  // 9.6 ms a poll, from jiffy 0 into jiffy 2
  slow.work_at(kSoon, 64);
  waiting.work_at(kSoon + Duration::us(100), 1);
  machine.run_for(Duration::ms(20));
  CHECK(machine.polls({5}) == Counts{64, 0});
  CHECK(machine.polls({6}) == Counts{1});
  CHECK(machine.net_rx.time_squeeze(machine.processors.cpu(0)) == 1);
  CHECK(raised(machine) == 2);
}

TEST_CASE("what an interrupt's softirqs cannot finish is left to ksoftirqd, so that tasks get their turn",
          "[napi]") {
  NetMachine machine;
  Device device{machine, 5};
  device.cost = Duration::ns(500);
  device.work_at(kSoon, 20'000);  // ten rounds of 320 are too few
  std::int64_t program_ran = 0;
  machine.thread(
      "program",
      [&] {
        machine.compute(Duration::ms(2));
        program_ran = machine.now_ns();
      },
      0);
  machine.run_for(Duration::ms(100));
  CHECK(device.done == 20'000);
  CHECK(program_ran > 0);
  TaskId daemon;
  for (const auto& task : machine.scheduler().tasks()) {
    if (task->attributes().comm == "ksoftirqd/0") daemon = task->id();
  }
  REQUIRE(daemon);
  std::uint32_t by_daemon = 0;
  TaskId running;
  for (std::uint64_t i = 1; i <= machine.recording.size(); ++i) {
    const RawRecord raw = machine.recording.at(RecordId{i});
    if (raw.header.kind == KindOf<SchedSwitch>::value)
      running = decode_fields<SchedSwitch>(raw.fields.data()).next;
    if (raw.header.kind == KindOf<NapiPoll>::value && running == daemon) ++by_daemon;
  }
  CHECK(by_daemon > 0);
  CHECK(by_daemon < machine.polls({5}).size());
}
