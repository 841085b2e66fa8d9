#pragma once
// The real-time run queue of one CPU: SCHED_FIFO and SCHED_RR.
//
// A list for each of the 99 priorities; the first of the highest runs. The running task stays in its list, at
// the head, so that one that is preempted by a higher priority goes on where it was, before its equals.
//
// Linux:     kernel/sched/rt.c
// Invariant: an entity is in at most one list; the bit of a priority is set where its list is not empty.
// Differs:   no throttling (sched_rt_runtime_us; since 6.12 the fair server does that): a real-time task that
// never
//            sleeps starves the others. Who could notice: a busy-looping SCHED_FIFO program beside a normal
//            one.
// Differs:   an equal that may run on one CPU only does not displace one that could run elsewhere
//            (check_preempt_equal_prio()), and a CPU pulls when it has no real-time task left, not when its priority drops
//            (need_pull_rt_task()). Who could notice: pinned and free SCHED_FIFO tasks of one priority, mixed.
//
// Pushing and pulling between CPUs is the balancer's, with pick() and is_overloaded().

#include <array>
#include <boost/intrusive/list.hpp>
#include <cstdint>

#include "kernel_model/timers/jiffies.hpp"

namespace stackscope {

class Task;

/// A task's part in real-time scheduling. Linux: struct sched_rt_entity
struct RealtimeEntity
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
  Task* task = nullptr;          // who this is; never orders anything
  std::uint8_t priority = 1;     // rt_priority as sched_setscheduler() takes it: 1 to 99, higher runs first
  bool round_robin = false;      // SCHED_RR
  std::uint32_t time_slice = 0;  // ticks left, for SCHED_RR

  bool is_queued() const { return is_linked(); }
};

class RealtimeRunQueue {
 public:
  enum class End : std::uint8_t { kTail, kHead };

  explicit RealtimeRunQueue(Hz hz) : rr_timeslice_(hz.value / 10) {}
  ~RealtimeRunQueue();
  RealtimeRunQueue(const RealtimeRunQueue&) = delete;
  RealtimeRunQueue& operator=(const RealtimeRunQueue&) = delete;

  /// A task that wakes up goes to the tail. Linux: enqueue_task_rt()
  void enqueue(RealtimeEntity& entity, End end = End::kTail);
  void dequeue(RealtimeEntity& entity);

  /// Who should run; stays in its list. Null where nobody is there. Linux: pick_next_rt_entity()
  RealtimeEntity* pick();

  /// The first, from the highest priority down, for which `wanted` holds; null if there is none.
  template <class Wanted>
  RealtimeEntity* first_where(Wanted wanted) {
    for (List& list : lists_) {
      for (RealtimeEntity& entity : list) {
        if (wanted(entity)) return &entity;
      }
    }
    return nullptr;
  }

  /// sched_yield(): behind its equals. Linux: yield_task_rt()
  void yield(RealtimeEntity& current);

  /// A timer tick while `current` runs. Returns whether it must make room: a SCHED_RR task whose 100 ms are
  /// over goes to the tail, if it has equals. Linux: task_tick_rt()
  bool tick(RealtimeEntity& current);

  /// Gives a new priority. Higher or equal queues at the tail, lower at the head of the new list.
  /// Linux: kernel/sched/syscalls.c __sched_setscheduler()
  void set_priority(RealtimeEntity& entity, std::uint8_t priority);

  /// Whether `woken` preempts `current`: only a higher priority does. Linux: wakeup_preempt_rt()
  static bool wakeup_preempts(const RealtimeEntity& woken, const RealtimeEntity& current) {
    return woken.priority > current.priority;
  }

  bool empty() const { return queued_ == 0; }
  std::uint32_t queued() const { return queued_; }
  /// Someone waits behind the one who runs. Linux: rt_rq->overloaded
  bool is_overloaded() const { return queued_ > 1; }
  /// In ticks. Linux: RR_TIMESLICE
  std::uint32_t rr_timeslice() const { return rr_timeslice_; }

 private:
  using List = boost::intrusive::list<RealtimeEntity, boost::intrusive::constant_time_size<false>>;
  static constexpr unsigned kPriorities = 100;

  /// Linux counts downward (prio = 99 - rt_priority) so that find_first_bit() finds the highest; so do we.
  static unsigned list_of(const RealtimeEntity& entity) { return kPriorities - 1 - entity.priority; }
  unsigned first_list() const;
  void move_to_tail(RealtimeEntity& entity);

  std::uint32_t rr_timeslice_;
  std::uint32_t queued_ = 0;
  std::array<std::uint64_t, 2> occupied_{};
  std::array<List, kPriorities> lists_;
};

}  // namespace stackscope
