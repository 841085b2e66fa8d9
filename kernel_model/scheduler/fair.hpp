#pragma once
// The fair run queue of one CPU: EEVDF, earliest eligible virtual deadline first.
//
// Everybody gets time by weight. Whoever has had no more than the weighted average is eligible; of these runs
// the one whose virtual deadline is earliest. What a task is owed when it goes to sleep (its lag) it still
// has when it comes back. One that sleeps with a debt stays on the queue, "delayed", until it would be picked
// or is woken: sleeping pays no debts.
//
// Linux:     kernel/sched/fair.c as of 6.18.44, with the features it has on: PLACE_LAG, PLACE_DEADLINE_INITIAL,
//            PLACE_REL_DEADLINE, RUN_TO_PARITY, PREEMPT_SHORT, DELAY_DEQUEUE, DELAY_ZERO, WAKEUP_PREEMPTION
//            (NEXT_BUDDY and HRTICK are off). 6.18.44 and not 6.18.0: stable took the reworked zero_vruntime,
//            the lag clamp by the longest queued slice, and slice protection set at picks only.
// Invariant: the entities in the tree are those on_rq without `current`; sum_w_vruntime is the sum over the tree of
//            (vruntime - zero_vruntime) * weight, and sum_weight of weight.
// Differs:   no group scheduling, so no autogroup and no bandwidth control: every task hangs in the root queue. Who
//            could notice: two sessions, one of which runs many more hogs than the other.
// Differs:   no load tracking (PELT) and no balancing between CPUs; that is not this queue's.
// Differs:   next buddies (yield_to(), cgroup picks) are left out, since nothing here could set one.
// Differs:   SCHED_IDLE entities have the weight 3, but cfs_rq->idle and its starvation rules for groups are not here.
// Differs:   interrupts and softirqs count as time of the task that they interrupt, as without
//            CONFIG_IRQ_TIME_ACCOUNTING, which the measured kernel lacks. Who could notice: distributions that set it.
// Units:     the `now` of every call is the task clock (rq_clock_task), here simply the time.

#include <cstdint>

#include "kernel_model/scheduler/fair_entity.hpp"
#include "kernel_model/scheduler/fair_timeline.hpp"
#include "kernel_model/timers/jiffies.hpp"

namespace stackscope {

/// Linux: sysctl_sched_base_slice and the values around it.
struct FairTunables {
  std::int64_t base_slice;  // ns
  std::int64_t tick;        // ns; TICK_NSEC

  /// 0.7 ms, doubled at two CPUs, tripled at four, fourfold from eight on.
  /// Linux: sched_init_granularity(), get_update_sysctl_factor()
  static FairTunables for_machine(unsigned cpus, Hz hz);
};

class FairRunQueue {
 public:
  enum class Enqueue : std::uint8_t { kWakeup, kNew, kMoved };
  enum class Dequeue : std::uint8_t { kSleep, kMove };

  explicit FairRunQueue(FairTunables tunables) : tunables_(tunables) {}
  FairRunQueue(const FairRunQueue&) = delete;
  FairRunQueue& operator=(const FairRunQueue&) = delete;

  /// Puts a task on the queue. A delayed one, which is on it still, becomes runnable again: Linux
  /// requeue_delayed_entity(). kNew (fork) halves the first slice.
  ///
  /// Linux: enqueue_entity(), place_entity()
  void enqueue(FairEntity& entity, Enqueue why, Instant now);

  /// Takes a task off. Returns false where it stays behind, delayed: it sleeps, but owes time.
  /// kMove (migration, change of policy) never delays, and keeps the deadline relative to where it arrives.
  ///
  /// Linux: dequeue_entity()
  bool dequeue(FairEntity& entity, Dequeue why, Instant now);

  /// Takes a delayed entity off for good (its task exits, changes policy, or is picked).
  /// Linux: dequeue_entities(DEQUEUE_SLEEP | DEQUEUE_DELAYED), finish_delayed_dequeue_entity()
  void finish_delayed(FairEntity& entity, Instant now);

  /// Who should run now: maybe `current` again, null where nobody is runnable. Delayed entities that come up
  /// leave the queue here. Where it names another than current, put_prev() and set_next() follow, as in
  /// Linux's pick_next_task_fair(). Clears the wish to reschedule.
  FairEntity* pick_next(Instant now);
  /// The current task leaves the CPU, runnable or not. Linux: put_prev_entity()
  void put_prev(Instant now);
  /// `entity` takes the CPU. Linux: set_next_entity()
  void set_next(FairEntity& entity, Instant now);

  /// A task was enqueued by a wake-up. Returns whether it preempts the current one. Linux:
  /// check_preempt_wakeup_fair()
  bool wakeup_preempt(FairEntity& woken, Instant now);

  /// Accounts the current task's running up to `now`. Linux: update_curr()
  void update_curr(Instant now);
  /// A timer tick. Linux: entity_tick()
  void tick(Instant now);
  /// sched_yield(): gives up the rest of its slice, if eligible. The caller reschedules. Linux:
  /// yield_task_fair()
  void yield(Instant now);
  /// setpriority(). Linux: reweight_entity()
  void reweight(FairEntity& entity, LoadWeight load, Instant now);

  /// The first waiting entity, by virtual deadline, for which `wanted` holds; null if there is none.
  template <class Wanted>
  FairEntity* first_where(Wanted wanted) const {
    return timeline_.first_where(wanted);
  }

  /// The current task should make room (TIF_NEED_RESCHED), since the last pick.
  bool needs_resched() const { return needs_resched_; }
  FairEntity* current() const { return current_; }
  std::uint32_t queued() const { return queued_; }  // with current and the delayed. cfs_rq->nr_queued
  std::uint32_t runnable() const { return queued_ - delayed_; }  // h_nr_runnable

  /// The weighted average of all vruntimes: who is at or below it is eligible. Linux: avg_vruntime()
  std::int64_t avg_vruntime();
  bool is_eligible(const FairEntity& entity) const { return vruntime_eligible(entity.vruntime); }
  /// What it is owed now, clamped as it would be on leaving. Linux: entity_lag()
  std::int64_t lag(const FairEntity& entity);
  const FairTunables& tunables() const { return tunables_; }

 private:
  bool vruntime_eligible(std::int64_t vruntime) const;
  bool has_queued_current() const { return current_ && current_->on_rq; }
  FairEntity* pick_eevdf(bool protect) const;
  void place(FairEntity& entity, bool initial);
  void requeue_delayed(FairEntity& entity);
  void remove(FairEntity& entity, Dequeue why);
  bool update_deadline(FairEntity& entity);
  void set_protect_slice(FairEntity& entity) const;
  void shorten_protection(FairEntity& entity) const;
  std::int64_t min_slice() const;
  std::int64_t max_slice() const;
  void insert(FairEntity& entity);
  void erase(FairEntity& entity);

  FairTunables tunables_;
  FairTimeline timeline_;
  FairEntity* current_ = nullptr;
  std::int64_t zero_vruntime_ = 0;  // where keys count from; follows the average, so that products stay small
  std::int64_t sum_w_vruntime_ = 0;
  std::int64_t sum_weight_ = 0;
  std::uint32_t queued_ = 0, delayed_ = 0;
  bool needs_resched_ = false;
};

}  // namespace stackscope
