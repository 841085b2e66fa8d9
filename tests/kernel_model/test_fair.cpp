#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <random>
#include <vector>

#include "kernel_model/scheduler/fair.hpp"

using namespace stackscope;

namespace {

constexpr std::int64_t kUs = 1'000, kMs = 1'000'000;

/// One CPU that does what the core scheduler does: ticks, switches, sleeps and wake-ups.
class Cpu {
 public:
  explicit Cpu(unsigned cpus = 2, Hz hz = Hz{250}) : queue(FairTunables::for_machine(cpus, hz)) {}

  FairEntity& spawn(int nice = 0) {
    FairEntity& entity = entities_.emplace_back();
    entity.load = weight_of_nice(nice);
    queue.enqueue(entity, FairRunQueue::Enqueue::kNew, now);
    after_wakeup(entity);
    return entity;
  }
  /// Lets whoever is current run until `until`, with ticks.
  void run_until(Instant until) {
    while (now < until) {
      const std::int64_t tick = queue.tunables().tick;
      const Instant next_tick = Instant::ns((now.count() / tick + 1) * tick);
      now = std::min(until, next_tick);
      if (now != next_tick) break;
      queue.tick(now);
      if (queue.needs_resched()) schedule();
    }
    queue.update_curr(now);
  }
  void run_for(std::int64_t ns) { run_until(now + Duration::ns(ns)); }
  void sleep_current() {
    queue.dequeue(*queue.current(), FairRunQueue::Dequeue::kSleep, now);
    schedule();
  }
  void sleep(FairEntity& entity) {
    queue.dequeue(entity, FairRunQueue::Dequeue::kSleep, now);
    if (&entity == queue.current()) schedule();
  }
  /// Returns whether it runs at once.
  bool wake(FairEntity& entity) {
    queue.enqueue(entity, FairRunQueue::Enqueue::kWakeup, now);
    after_wakeup(entity);
    return queue.current() == &entity;
  }
  void schedule() {
    FairEntity* next = queue.pick_next(now);
    if (next == queue.current()) return;
    queue.put_prev(now);
    if (next) queue.set_next(*next, now);
  }

  FairRunQueue queue;
  Instant now = Instant::ns(1);

 private:
  void after_wakeup(FairEntity& entity) {
    if (!queue.current() || queue.wakeup_preempt(entity, now)) schedule();
  }
  std::deque<FairEntity> entities_;
};

std::int64_t ran(const FairEntity& entity) { return entity.sum_exec_runtime.count(); }

}  // namespace

TEST_CASE("the base slice grows with the logarithm of the CPUs, up to eight", "[fair]") {
  for (auto [cpus, slice] : {std::pair{1u, 700'000},
                             {2u, 1'400'000},
                             {3u, 1'400'000},
                             {4u, 2'100'000},
                             {7u, 2'100'000},
                             {8u, 2'800'000},
                             {64u, 2'800'000}}) {
    CHECK(FairTunables::for_machine(cpus, Hz{250}).base_slice ==
          slice);  // 2 CPUs: as /sys/kernel/debug/sched says
  }
}

TEST_CASE("virtual time runs by 1024 / weight", "[fair]") {
  CHECK(calc_delta_fair(1'000'000, weight_of_nice(0)) == 1'000'000);
  for (int nice = -20; nice <= 19; ++nice) {
    const std::int64_t exact = std::int64_t{3'600'000'000'000} * 1024 / weight_of_nice(nice).weight;
    const std::int64_t virtual_ns = calc_delta_fair(3'600'000'000'000, weight_of_nice(nice));
    CAPTURE(nice, exact, virtual_ns);
    CHECK(std::abs(virtual_ns - exact) <= exact / 20'000);  // the inverse has five digits at nice -20
  }
}

TEST_CASE("hogs share the CPU by weight", "[fair]") {
  const auto hz = Hz{GENERATE(100u, 250u, 1000u)};
  Cpu cpu(2, hz);
  SECTION("two equals: half each") {
    FairEntity &a = cpu.spawn(), &b = cpu.spawn();
    cpu.run_for(10'000 * kMs);
    CHECK(ran(a) + ran(b) == 10'000 * kMs);
    CHECK(std::abs(ran(a) - ran(b)) <= 2 * cpu.queue.tunables().tick);
  }
  SECTION("nice 0 and nice 1: 1024 to 820") {
    FairEntity &a = cpu.spawn(0), &b = cpu.spawn(1);
    cpu.run_for(100'000 * kMs);
    CHECK(ran(a) / kMs == Approx(100'000.0 * 1024 / 1844).margin(2.0 * 1000 / hz.value));
    CHECK(ran(a) + ran(b) == 100'000 * kMs);
  }
  SECTION("nice -5, 0, 5 and 19") {
    const int nices[] = {-5, 0, 5, 19};
    std::vector<FairEntity*> all;
    double weights = 0;
    for (int nice : nices) all.push_back(&cpu.spawn(nice)), weights += weight_of_nice(nice).weight;
    cpu.run_for(100'000 * kMs);
    for (FairEntity* entity : all) {
      CHECK(ran(*entity) / double(kMs) ==
            Approx(100'000.0 * entity->load.weight / weights).margin(8.0 * 1000 / hz.value));
    }
  }
}

TEST_CASE("with slices below a tick, equals take turns every tick", "[fair]") {
  Cpu cpu;
  FairEntity &a = cpu.spawn(), &b = cpu.spawn();
  std::vector<FairEntity*> turns;
  for (int i = 0; i < 8; ++i) {
    turns.push_back(cpu.queue.current());
    cpu.run_until(Instant::ns((i + 1) * 4 * kMs));
  }
  CHECK(std::count(turns.begin(), turns.end(), &a) == 4);
  CHECK(std::count(turns.begin(), turns.end(), &b) == 4);
}

TEST_CASE("a sleeper that is owed time preempts a hog when it wakes", "[fair]") {
  Cpu cpu;
  FairEntity& hog = cpu.spawn();
  FairEntity& sleeper = cpu.spawn();
  while (cpu.queue.current() != &sleeper) cpu.run_for(4 * kMs);
  cpu.run_for(50 * kUs);
  REQUIRE(cpu.queue.is_eligible(sleeper));
  cpu.sleep_current();
  CHECK_FALSE(sleeper.on_rq);
  const std::int64_t owed = sleeper.vlag;
  CHECK(owed > 0);
  REQUIRE(cpu.queue.current() == &hog);

  SECTION("with its lag as it was, however long it slept") {
    const std::int64_t nap = GENERATE(1 * kMs, 100 * kMs, 60'000 * kMs);
    cpu.run_for(nap);
    cpu.queue.enqueue(sleeper, FairRunQueue::Enqueue::kWakeup, cpu.now);
    CHECK(std::abs(cpu.queue.lag(sleeper) - owed) <= 1);
  }
  SECTION("once the hog has used the slice it was given") {
    cpu.run_for(400 * kMs + 1500 * kUs);  // beyond 1.4 ms since its last tick
    CHECK(cpu.wake(sleeper));
  }
}

TEST_CASE("right after it was picked, a hog is not preempted by an equal", "[fair][protection]") {
  Cpu cpu;
  FairEntity& hog = cpu.spawn();
  FairEntity& sleeper = cpu.spawn();
  cpu.queue.dequeue(sleeper, FairRunQueue::Dequeue::kMove, cpu.now);
  sleeper.rel_deadline = false;
  cpu.schedule();
  hog.vprot = hog.deadline;
  cpu.run_for(100 * kUs);
  sleeper.vlag = 0;

  SECTION("RUN_TO_PARITY: while it is eligible and within its slice") { CHECK_FALSE(cpu.wake(sleeper)); }
  SECTION("PREEMPT_SHORT: one that asks for a shorter slice goes first") {
    sleeper.custom_slice = true;
    sleeper.slice = 100 * kUs;
    CHECK(cpu.wake(sleeper));
    CHECK(hog.vprot <= hog.vruntime);
  }
  SECTION("SCHED_BATCH does not preempt even so") {
    sleeper.custom_slice = sleeper.batch_or_idle = true;
    sleeper.slice = 100 * kUs;
    CHECK_FALSE(cpu.wake(sleeper));
  }
  SECTION("SCHED_IDLE is preempted at once") {
    hog.idle_policy = hog.batch_or_idle = true;
    cpu.queue.reweight(hog, kIdleWeight, cpu.now);
    cpu.run_for(100 * kUs);
    CHECK(cpu.wake(sleeper));
  }
}

TEST_CASE("sleeping pays no debts: who owes time stays on the queue", "[fair][delayed]") {
  Cpu cpu;
  FairEntity &a = cpu.spawn(), &b = cpu.spawn();
  FairEntity& debtor = *cpu.queue.current();
  FairEntity& other = &debtor == &a ? b : a;
  cpu.run_for(1 * kMs);
  REQUIRE_FALSE(cpu.queue.is_eligible(debtor));
  const std::int64_t debt = cpu.queue.lag(debtor);
  CHECK(debt == -500 * kUs);
  cpu.sleep_current();
  CHECK(debtor.sched_delayed);
  CHECK(debtor.on_rq);
  CHECK(cpu.queue.queued() == 2);
  CHECK(cpu.queue.runnable() == 1);
  REQUIRE(cpu.queue.current() == &other);

  SECTION("woken early, it still owes what is left") {
    cpu.run_for(400 * kUs);
    cpu.wake(debtor);
    CHECK_FALSE(debtor.sched_delayed);
    CHECK(cpu.queue.lag(debtor) == debt + 200 * kUs);
    CHECK(cpu.queue.runnable() == 2);
  }
  SECTION("woken after its debt is paid, it is owed nothing") {
    cpu.run_for(2900 * kUs);  // before the next tick
    REQUIRE(debtor.sched_delayed);
    cpu.wake(debtor);
    CHECK(std::abs(cpu.queue.lag(debtor)) <= 1);
  }
  SECTION("when it would be picked, it leaves, without credit") {
    cpu.run_for(40 * kMs);
    CHECK_FALSE(debtor.on_rq);
    CHECK_FALSE(debtor.sched_delayed);
    CHECK(debtor.vlag == 0);
    CHECK(cpu.queue.queued() == 1);
    CHECK(cpu.queue.current() == &other);
  }
}

TEST_CASE("sched_yield() gives up the rest of the slice", "[fair]") {
  Cpu cpu;
  FairEntity &a = cpu.spawn(), &b = cpu.spawn();
  FairEntity& current = *cpu.queue.current();
  const std::int64_t deadline = current.deadline;
  cpu.queue.yield(cpu.now);
  CHECK(current.vruntime == deadline);
  CHECK(current.deadline == deadline + 1400 * kUs);
  cpu.schedule();
  CHECK(cpu.queue.current() == (&current == &a ? &b : &a));
  SECTION("alone, it does nothing") {
    Cpu lone;
    FairEntity& only = lone.spawn();
    lone.queue.yield(lone.now);
    CHECK(only.vruntime < only.deadline);
  }
}

TEST_CASE("equal deadlines run in the order of arrival", "[fair]") {
  Cpu cpu;
  FairEntity &a = cpu.spawn(), &b = cpu.spawn(), &c = cpu.spawn(), &d = cpu.spawn();
  std::vector<FairEntity*> order;
  for (; cpu.queue.current(); cpu.sleep_current()) order.push_back(cpu.queue.current());
  CHECK(order == std::vector{&a, &b, &c, &d});
}

TEST_CASE("protection lasts no longer than the shortest slice that anybody asks for", "[fair][protection]") {
  Cpu cpu(2, Hz{1000});
  FairEntity hog, brief;
  hog.custom_slice = brief.custom_slice = true;
  hog.slice = 10 * kMs, brief.slice = 200 * kUs;
  cpu.queue.enqueue(hog, FairRunQueue::Enqueue::kWakeup, cpu.now);

  SECTION("of those that are there when it is picked; then the tick makes it look again") {
    cpu.queue.enqueue(brief, FairRunQueue::Enqueue::kWakeup, cpu.now);
    cpu.queue.set_next(hog, cpu.now);
    CHECK(hog.vprot == hog.vruntime + 200 * kUs);
    cpu.queue.tick(cpu.now + Duration::us(199));
    CHECK_FALSE(cpu.queue.needs_resched());
    cpu.queue.tick(cpu.now + Duration::us(200));
    CHECK(cpu.queue.needs_resched());
  }
  SECTION("or that come later, though they may not run yet") {
    cpu.queue.set_next(hog, cpu.now);
    CHECK(hog.vprot == hog.deadline);
    cpu.now += Duration::ms(1);
    brief.vlag = -100 * kUs;
    cpu.queue.enqueue(brief, FairRunQueue::Enqueue::kWakeup, cpu.now);
    CHECK_FALSE(cpu.queue.wakeup_preempt(brief, cpu.now));
    CHECK(hog.vprot == hog.vruntime + 200 * kUs);
  }
  SECTION("and a change of nice keeps it, in real time") {
    cpu.queue.set_next(hog, cpu.now);
    cpu.queue.reweight(hog, weight_of_nice(5), cpu.now);
    CHECK(hog.vprot - hog.vruntime == 10 * kMs * 1024 / 335);
  }
}

TEST_CASE("nobody is owed more than the longest slice and a tick", "[fair]") {
  Cpu cpu;
  FairEntity &a = cpu.spawn(), &b = cpu.spawn();
  FairEntity& waiting = cpu.queue.current() == &a ? b : a;
  cpu.queue.update_curr(cpu.now + Duration::ms(100));  // interrupts were off: no tick
  CHECK(cpu.queue.lag(waiting) == 1400 * kUs + 4 * kMs);
  CHECK(cpu.queue.lag(*cpu.queue.current()) == -(1400 * kUs + 4 * kMs));
}

TEST_CASE("one that had more than its share gives up nothing by yielding", "[fair]") {
  Cpu cpu;
  cpu.spawn(), cpu.spawn();
  cpu.run_for(1 * kMs);
  FairEntity& current = *cpu.queue.current();
  REQUIRE_FALSE(cpu.queue.is_eligible(current));
  const std::int64_t vruntime = current.vruntime, deadline = current.deadline;
  cpu.queue.yield(cpu.now);
  CHECK(current.vruntime == vruntime);
  CHECK(current.deadline == deadline);
}

TEST_CASE("a new task starts with half a slice, at the average", "[fair]") {
  Cpu cpu;
  FairEntity& first = cpu.spawn();
  cpu.run_for(10 * kMs);
  const std::int64_t average = cpu.queue.avg_vruntime();
  FairEntity& child = cpu.spawn();
  CHECK(child.vruntime == average);
  CHECK(child.deadline - child.vruntime == 700 * kUs);
  CHECK(first.vruntime == average);
}

TEST_CASE("a task that moves takes lag and deadline along", "[fair]") {
  Cpu here, there;
  FairEntity &a = here.spawn(), &b = here.spawn();
  there.spawn(), there.spawn();
  here.run_for(500 * kUs);
  there.now = here.now;
  FairEntity& mover = here.queue.current() == &a ? b : a;
  const std::int64_t lag = here.queue.lag(mover), left = mover.deadline - mover.vruntime;
  here.queue.dequeue(mover, FairRunQueue::Dequeue::kMove, here.now);
  there.queue.enqueue(mover, FairRunQueue::Enqueue::kMoved, there.now);
  CHECK(std::abs(there.queue.lag(mover) - lag) <= 1);
  CHECK(mover.deadline - mover.vruntime == left);
}

TEST_CASE("a change of nice keeps what is owed in real time", "[fair]") {
  Cpu cpu;
  FairEntity &a = cpu.spawn(), &b = cpu.spawn();
  cpu.run_for(600 * kUs);
  FairEntity& waiting = cpu.queue.current() == &a ? b : a;
  const std::int64_t lag = cpu.queue.lag(waiting);
  cpu.queue.reweight(waiting, weight_of_nice(5), cpu.now);
  CHECK(cpu.queue.lag(waiting) == Approx(double(lag) * 1024 / 335).epsilon(0.001));
  CHECK(waiting.load.weight == 335);
}

namespace {

/// Eligibility and pick by the definitions: exact sums over everybody, no tree.
struct Reference {
  __extension__ typedef __int128 Wide;
  std::vector<const FairEntity*> on_queue;

  bool eligible(const FairEntity& entity) const {
    Wide owed = 0;
    for (const FairEntity* each : on_queue)
      owed += Wide{each->vruntime - entity.vruntime} * each->load.weight;
    return owed >= 0;
  }
  /// The least deadline among the eligible (several may have it); none where the current one is protected.
  std::int64_t least_deadline() const {
    std::int64_t least = INT64_MAX;
    for (const FairEntity* each : on_queue) {
      if (eligible(*each)) least = std::min(least, each->deadline);
    }
    return least;
  }
};

/// Twelve lives on one queue, led by a seed: weights, slices, sleep, wake, yield, time.
struct RandomLives {
  std::mt19937_64 random;
  Cpu cpu;
  std::vector<FairEntity*> all;

  explicit RandomLives(unsigned seed)
      : random(seed),
        cpu{1 + static_cast<unsigned>(random() % 8), Hz{std::vector{100u, 250u, 1000u}[random() % 3]}} {
    for (int i = 0; i < 12; ++i) {
      all.push_back(&cpu.spawn(random_nice()));
      if (random() % 3 != 0) continue;
      all.back()->custom_slice = true;
      all.back()->slice = static_cast<std::int64_t>(100 * kUs + random() % (5 * kMs));
    }
  }

  int random_nice() { return static_cast<int>(random() % 40) - 20; }

  void step() {
    FairEntity& entity = *all[random() % all.size()];
    switch (random() % 6) {
      case 0:
        if (entity.on_rq && !entity.sched_delayed) cpu.sleep(entity);
        break;
      case 1:
      case 2:
        if (!entity.on_rq || entity.sched_delayed) cpu.wake(entity);
        break;
      case 3:
        cpu.queue.yield(cpu.now);
        break;
      case 4:
        if (!entity.sched_delayed) cpu.queue.reweight(entity, weight_of_nice(random_nice()), cpu.now);
        break;
      default:
        cpu.run_for(static_cast<std::int64_t>(random() % (6 * kMs)));
    }
  }

  Reference reference() const {
    Reference now;
    for (const FairEntity* each : all) {
      if (each->on_rq) now.on_queue.push_back(each);
    }
    return now;
  }
};

}  // namespace

TEST_CASE("random lives: every pick is the earliest eligible deadline, lags stay bounded", "[fair][random]") {
  const auto seed = GENERATE(range(1u, 13u));
  CAPTURE(seed);
  RandomLives lives(seed);
  Cpu& cpu = lives.cpu;
  std::size_t picks = 0, protections = 0;
  for (int step = 0; step < 3000; ++step) {
    lives.step();
    Reference reference = lives.reference();
    REQUIRE(cpu.queue.queued() == reference.on_queue.size());
    for (const FairEntity* each : reference.on_queue) {
      REQUIRE(cpu.queue.is_eligible(*each) == reference.eligible(*each));
    }
    const FairEntity* const before = cpu.queue.current();
    FairEntity* const picked = cpu.queue.pick_next(cpu.now);
    reference = lives.reference();  // the delayed that came up are gone
    REQUIRE((picked == nullptr) == reference.on_queue.empty());
    if (!picked) continue;
    REQUIRE_FALSE(picked->sched_delayed);
    const bool was_protected = picked == before && picked->vruntime < picked->vprot;
    if (was_protected) ++protections;
    if (!was_protected && reference.on_queue.size() > 1) {
      REQUIRE(reference.eligible(*picked));
      REQUIRE(picked->deadline == reference.least_deadline());
      ++picks;
    }
    cpu.schedule();
  }
  CHECK(picks > 300);
  CHECK(protections > 30);
}

TEST_CASE("among equals that never sleep the lag stays within a slice and a tick", "[fair]") {
  const auto hz = Hz{GENERATE(100u, 250u, 1000u)};
  Cpu cpu(2, hz);
  std::vector<FairEntity*> all;
  for (int i = 0; i < 20; ++i) all.push_back(&cpu.spawn());
  const std::int64_t bound = cpu.queue.tunables().base_slice + cpu.queue.tunables().tick;
  for (int i = 0; i < 2000; ++i) {
    cpu.run_for(1700 * kUs);
    const std::int64_t average = cpu.queue.avg_vruntime();
    for (const FairEntity* each : all) REQUIRE(std::abs(average - each->vruntime) <= bound);
  }
}
