#pragma once
// A task's part in fair scheduling (EEVDF).
//
// Linux: include/linux/sched.h struct sched_entity
// Units: nanoseconds; "virtual" ones run by 1024 / weight of the real ones.

#include <cstdint>

#include "kernel_model/scheduler/fair_weight.hpp"
#include "sim/time.hpp"

namespace stackscope {

class Task;
struct FairEntity;

/// An entity's links in the run queue's tree. Belongs to FairTimeline.
struct FairNode {
  FairEntity* left = nullptr;
  FairEntity* right = nullptr;
  std::uint64_t sequence = 0;     // of insertion; breaks ties between equal deadlines
  std::int64_t min_vruntime = 0;  // of the subtree, as are the two slices
  std::int64_t min_slice = 0, max_slice = 0;
};

struct FairEntity {
  Task* task = nullptr;  // who this is; never orders anything
  LoadWeight load;       // set it while the entity is off the queue, or call reweight()

  std::int64_t vruntime = 0;  // virtual time received
  std::int64_t deadline = 0;  // virtual; relative to vruntime while `rel_deadline`
  std::int64_t vlag =
      0;  // virtual time owed to it when it left the queue; negative: it had more than its share
  std::int64_t vprot = 0;  // virtual time up to which it runs undisturbed
  std::int64_t slice = 0;  // what it asks for each time, real ns
  Instant exec_start;      // task clock up to which its running is accounted
  Duration sum_exec_runtime;

  bool on_rq = false;          // queued, running, or asleep but sched_delayed
  bool sched_delayed = false;  // asleep, but left on the queue to pay off its negative lag
  bool custom_slice = false;   // sched_setattr(sched_runtime): `slice` is its own
  bool rel_deadline = false;   // moved away in mid-slice: its deadline comes along
  bool batch_or_idle = false;  // SCHED_BATCH, SCHED_IDLE: does not preempt on wake-up
  bool idle_policy = false;    // SCHED_IDLE

  FairNode node;
};

/// Linux: kernel/sched/fair.c calc_delta_fair()
constexpr std::int64_t calc_delta_fair(std::int64_t delta, const FairEntity& entity) {
  return calc_delta_fair(delta, entity.load);
}

}  // namespace stackscope
