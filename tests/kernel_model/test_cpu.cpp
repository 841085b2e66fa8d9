#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>

#include "kernel_model/hardware/spin_lock.hpp"
#include "kernel_model/scheduler/mutex.hpp"
#include "kernel_model/scheduler/wait_queue.hpp"
#include "tests/kernel_model/support/machine.hpp"

using namespace stackscope;
using stackscope::test::Machine;

TEST_CASE("a woken task runs when the waker leaves the CPU, and not before") {
  Machine machine;
  std::string log;
  WaitQueue queue{machine.scheduler()};
  machine.thread("sleeper", [&] {
    WaitEntry entry = entry_for_current(machine.scheduler(), true);
    queue.add(entry, WaitPlace::kTail);
    machine.scheduler().set_sleeping();
    machine.scheduler().schedule();
    queue.remove(entry);
    log += "woken ";
  });
  machine.thread("waker", [&] {
    log += "waking ";
    queue.wake_up(0);
    machine.compute(Duration::us(5));
    log += "done ";
  });
  machine.run_for(Duration::ms(1));
  CHECK(log == "waking done woken ");
}

TEST_CASE("an interrupt runs on top of a computation and makes it finish later by as much") {
  Machine machine;
  std::int64_t ended = 0;
  struct Device {
    Machine& machine;
    IrqLine line;
    Event event = Event::calling<&Device::fire>(*this);
    void fire() { machine.processors.cpu(0).raise(line); }
  } device{machine, {IrqKind::kNic, {}, nullptr, [](void*, Cpu& cpu) { cpu.charge(Duration::us(7)); }}};
  std::int64_t began = 0;
  machine.thread("program", [&] {
    began = machine.now_ns();
    machine.compute(Duration::us(100));
    ended = machine.now_ns();
  });
  machine.engine.schedule(device.event, Instant::ns(50'000), Rank::hardware());
  machine.run_for(Duration::ms(1));
  CHECK(ended - began == 100'000 + 7'000 + 200 + 100);  // the handler, irq_entry, irq_exit
}

TEST_CASE("with interrupts off an interrupt waits, and says so") {
  Machine machine;
  std::int64_t handled = 0;
  struct Device {
    Machine& machine;
    std::int64_t& handled;
    IrqLine line;
    Event event = Event::calling<&Device::fire>(*this);
    void fire() { machine.processors.cpu(0).raise(line); }
  } device{machine, handled, {IrqKind::kNic, {}, &device, [](void* d, Cpu&) {
                                auto& self = *static_cast<Device*>(d);
                                self.handled = self.machine.now_ns();
                              }}};
  std::int64_t enabled = 0;
  machine.thread("driver", [&] {
    IrqSection off{machine.cpu()};
    machine.cpu().charge(Duration::us(100));
    enabled = machine.now_ns();
  });
  machine.engine.schedule(device.event, Instant::ns(50'000), Rank::hardware());
  machine.run_for(Duration::ms(1));
  CHECK(handled == enabled + 200);
  CHECK(machine.told({"wait:waited"}).size() >= 1);
}

TEST_CASE("a softirq raised by an interrupt is run on its way out, whatever it interrupts") {
  // The second interrupt meets the first one's handler, its softirq, and every step until the CPU halts again.
  const std::int64_t distance = GENERATE(range(std::int64_t{0}, std::int64_t{2'000}, std::int64_t{20}));
  CAPTURE(distance);
  CpuCosts costs = Machine::default_costs();
  costs.softirq_entry = Cost{Duration::ns(150)};
  costs.softirq_exit = Cost{Duration::ns(120)};
  Machine machine{1, costs};
  struct Device {
    Machine& machine;
    IrqLine line;
    Event event = Event::calling<&Device::fire>(*this);
    void fire() { machine.processors.cpu(0).raise(line); }
  };
  const auto raise = [](void* m, Cpu& cpu) {
    static_cast<Machine*>(m)->processors.softirqs().raise(cpu, SoftirqVector::kNetRx);
  };
  Device first{machine, {IrqKind::kNic, {}, &machine, raise}},
      second{machine, {IrqKind::kNic, {}, &machine, raise}};
  std::int64_t handled = 0;
  machine.processors.softirqs().open(SoftirqVector::kNetRx, &handled, [](void* at, Cpu& cpu) {
    cpu.charge(Duration::ns(300));
    *static_cast<std::int64_t*>(at) = cpu.engine().now().count();
  });
  machine.thread("busy", [&] { machine.compute(Duration::us(200)); });
  machine.engine.schedule(first.event, Instant::ns(50'000), Rank::hardware());
  machine.engine.schedule(second.event, Instant::ns(50'000 + distance), Rank::hardware());
  machine.run_for(Duration::us(100));
  CHECK(machine.processors.softirqs().pending(machine.processors.cpu(0)) == 0);
  CHECK(handled > 50'000 + distance);
}

TEST_CASE("a SCHED_FIFO task that must make room goes to an idle CPU at once") {
  Machine machine{2};
  std::int64_t ended = 0;
  machine.thread("low", [&] {
    machine.sleep_until(Instant::ns(500'000));
    machine.compute(Duration::ms(2));
    ended = machine.now_ns();
  });
  machine.thread(
      "high",
      [&] {
        machine.sleep_until(Instant::ns(1'000'000));
        machine.compute(Duration::ms(20));
      },
      60, CpuMask{1});
  machine.thread(
      "elsewhere", [&] { machine.compute(Duration::us(800)); }, 70, CpuMask{2});  // so `low` runs on CPU 0
  machine.run_for(Duration::ms(30));
  CHECK(ended > 0);
  CHECK(ended < 3'000'000);
}

TEST_CASE("a higher SCHED_FIFO priority preempts user code at once; an equal one waits") {
  const auto priority = GENERATE(std::uint8_t{49}, std::uint8_t{50}, std::uint8_t{51});
  Machine machine;
  std::int64_t hog_ended = 0, other_ran = 0;
  machine.thread(
      "sleeper",
      [&] {
        machine.sleep_until(Instant::ns(1'000'000));
        other_ran = machine.now_ns();
      },
      priority);
  machine.thread("hog", [&] {
    machine.compute(Duration::ms(5));
    hog_ended = machine.now_ns();
  });
  machine.run_for(Duration::ms(20));
  REQUIRE(other_ran > 0);
  CHECK((other_ran < hog_ended) == (priority > 50));
}

TEST_CASE("a task woken on an idle CPU: the waker sends an interrupt, the target puts it on its run queue") {
  Machine machine{2};
  WaitQueue queue{machine.scheduler()};
  std::int64_t woke = 0, ran = 0;
  machine.thread(
      "sleeper",
      [&] {
        WaitEntry entry = entry_for_current(machine.scheduler(), false);
        queue.add(entry, WaitPlace::kHead);
        machine.scheduler().set_sleeping();
        machine.scheduler().schedule();
        ran = machine.now_ns();
      },
      50, 2);
  machine.thread(
      "waker",
      [&] {
        machine.sleep_until(Instant::ns(500'000));
        woke = machine.now_ns();
        queue.wake_up(0);
      },
      50, 1);
  machine.run_for(Duration::ms(2));
  CHECK(ran - woke == 50 + 300 + 3000 + 200 + 100 + 100 + 1000);
  const auto told = machine.told({"ipi:", "sched:sched_wak", "sched:sched_switch"});
  CHECK(std::find(told.begin(), told.end(), "ipi:ipi_send_cpu") != told.end());
}

TEST_CASE("a spinlock held by another CPU costs its waiter the time until it is free") {
  Machine machine{2};
  SpinLock lock;
  std::vector<std::int64_t> got;
  for (const CpuMask mask : {1u, 2u}) {
    machine.thread(
        "locker",
        [&] {
          lock.lock(machine.cpu());
          got.push_back(machine.now_ns());
          machine.cpu().charge(Duration::us(20));
          lock.unlock(machine.cpu());
        },
        50, mask);
  }
  machine.run_for(Duration::ms(1));
  REQUIRE(got.size() == 2);
  CHECK(got[1] == got[0] + 20'000);
}

TEST_CASE("a mutex is handed over to the one who slept for it first") {
  Machine machine;
  Mutex mutex;
  std::string log;
  machine.thread("owner", [&] {
    mutex.lock(machine.scheduler());
    machine.sleep_until(Instant::ns(100'000));
    mutex.unlock(machine.scheduler());
    log += "o";
  });
  for (const char* name : {"a", "b"}) {
    machine.thread(name, [&, name] {
      mutex.lock(machine.scheduler());
      log += name;
      mutex.unlock(machine.scheduler());
    });
  }
  machine.run_for(Duration::ms(1));
  CHECK(log == "oab");
}

TEST_CASE("two SCHED_OTHER hogs share a CPU, slice by slice, on the tick") {
  Machine machine;
  Duration got[2];
  for (int i = 0; i < 2; ++i) {
    machine.thread(
        "hog",
        [&machine, &got, i] {
          for (;;) {
            machine.compute(Duration::us(10));
            got[i] += Duration::us(10);
          }
        },
        0);
  }
  machine.run_for(Duration::s(1));
  CHECK(got[0].count() + got[1].count() > 950'000'000);
  CHECK(std::abs(got[0].count() - got[1].count()) < 10'000'000);
}

TEST_CASE("switching the fast path off, or adding a timer that does nothing, changes no record") {
  struct Nothing {
    void fire() {}
    Event event = Event::calling<&Nothing::fire>(*this);
  };
  const auto run = [](bool fast, bool with_timer) {
    Machine machine{2};
    for (std::uint8_t n = 0; n < 2; ++n) machine.processors.cpu(n).set_fast_path(fast);
    std::deque<Nothing> timers;
    if (with_timer) {
      for (int i = 1; i < 2000; ++i) {
        machine.engine.schedule(timers.emplace_back().event, Instant::ns(i * 503), Rank::timers());
      }
    }
    WaitQueue queue{machine.scheduler()};
    for (int i = 0; i < 4; ++i) {
      machine.thread(
          "worker",
          [&] {
            for (int round = 0; round < 50; ++round) {
              WaitEntry entry = entry_for_current(machine.scheduler(), true);
              queue.add(entry, WaitPlace::kTail);
              machine.scheduler().set_sleeping();
              machine.scheduler().schedule_until(machine.engine.now() + Duration::us(30), Duration{});
              queue.remove(entry);
              machine.compute(Duration::us(3));
              queue.wake_up(0);
            }
          },
          0);
    }
    machine.run_for(Duration::ms(50));
    return machine.trace.fingerprints();
  };
  const auto expected = run(true, false);
  CHECK(run(false, false).whole == expected.whole);
  CHECK(run(true, true).whole == expected.whole);
}
