#include <catch2/catch.hpp>

#include "kernel_model/scheduler/realtime.hpp"

using namespace stackscope;

namespace {

RealtimeEntity fifo(std::uint8_t priority) {
  RealtimeEntity entity;
  entity.priority = priority;
  return entity;
}

}  // namespace

TEST_CASE("the highest priority runs, and equals in the order in which they woke", "[realtime]") {
  RealtimeRunQueue queue(Hz{250});
  RealtimeEntity low = fifo(1), first = fifo(50), second = fifo(50), top = fifo(99);
  CHECK(queue.pick() == nullptr);
  for (RealtimeEntity* entity : {&low, &first, &second}) queue.enqueue(*entity);
  REQUIRE(queue.pick() == &first);

  SECTION("one that is preempted goes on before its equals") {
    CHECK(RealtimeRunQueue::wakeup_preempts(top, first));
    queue.enqueue(top);
    CHECK(queue.pick() == &top);
    queue.dequeue(top);
    CHECK(queue.pick() == &first);
  }
  SECTION("an equal that wakes does not preempt") {
    CHECK_FALSE(RealtimeRunQueue::wakeup_preempts(second, first));
  }
  SECTION("one that sleeps comes back behind its equals") {
    queue.dequeue(first);
    queue.enqueue(first);
    CHECK(queue.pick() == &second);
  }
  SECTION("sched_yield() goes behind the equals, not below") {
    queue.yield(first);
    CHECK(queue.pick() == &second);
    queue.yield(second);
    CHECK(queue.pick() == &first);
  }
  SECTION("who lowers himself to equals goes before them, who raises himself behind") {
    queue.set_priority(first, 1);
    CHECK(queue.pick() == &second);
    queue.dequeue(second);
    CHECK(queue.pick() == &first);
    queue.dequeue(first), queue.enqueue(second);
    queue.set_priority(low, 50);
    CHECK(queue.pick() == &second);
  }
  SECTION("the lowest priority is found when nobody else is left") {
    queue.dequeue(first), queue.dequeue(second);
    CHECK(queue.pick() == &low);
    CHECK_FALSE(queue.is_overloaded());
    queue.dequeue(low);
    CHECK(queue.empty());
  }
}

TEST_CASE("SCHED_RR turns among equals every 100 ms, SCHED_FIFO never", "[realtime]") {
  const auto hz = Hz{GENERATE(100u, 250u, 1000u)};
  RealtimeRunQueue queue(hz);
  RealtimeEntity a = fifo(10), b = fifo(10);
  a.round_robin = GENERATE(true, false);
  queue.enqueue(a);
  const auto ticks_until_turn = [&] {
    std::uint32_t ticks = 1;
    while (!queue.tick(a) && ticks < 10 * hz.value) ++ticks;
    return ticks;
  };
  SECTION("alone it keeps running") { CHECK(ticks_until_turn() == 10 * hz.value); }
  SECTION("with an equal") {
    queue.enqueue(b);
    CHECK(ticks_until_turn() == (a.round_robin ? hz.value / 10 : 10 * hz.value));
    CHECK(queue.pick() == (a.round_robin ? &b : &a));
  }
}
