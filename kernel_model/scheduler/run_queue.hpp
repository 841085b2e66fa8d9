#pragma once
// What the scheduler keeps for one CPU. Only the scheduler's own files include this.

#include <vector>

#include "kernel_model/hardware/cpu.hpp"
#include "kernel_model/hardware/ipi.hpp"
#include "kernel_model/hardware/local_timer.hpp"
#include "kernel_model/scheduler/scheduler.hpp"

namespace stackscope {

/// Linux: kernel/sched/sched.h struct rq
struct Scheduler::RunQueue {
  RunQueue(Scheduler& owner, Cpu& its_cpu, LocalTimer& its_timer, FairTunables tunables, Hz hz);

  Instant now() const { return cpu.engine().now(); }
  bool is_idle() const { return current == &idle && runnable() == 0 && woken_remotely.empty(); }
  std::uint32_t runnable() const { return fair.runnable() + realtime.queued(); }

  Scheduler& scheduler;
  Cpu& cpu;
  LocalTimer& timer;
  FairRunQueue fair;
  RealtimeRunQueue realtime;
  Task idle;
  Task* current = &idle;
  Task* dead = nullptr;                // ended, and its stack not yet given back
  bool has_new_sleeper = false;        // the task before the current one left to sleep, or for good
  RecordId switched_in;                // the switch to the current task
  std::vector<Task*> woken_remotely;   // by other CPUs; Linux: the wake list
  std::vector<Task*> being_activated;  // taken from there
  Ipi reschedule;
  Ipi call;
};

}  // namespace stackscope
