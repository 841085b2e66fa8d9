#pragma once
// Records of CPUs: interrupts, softirqs, the scheduler, locks and wait queues.

#include <cstdint>
#include <string_view>

#include "kernel_model/vocabulary/ids.hpp"
#include "kernel_model/vocabulary/wait_reason.hpp"
#include "sim/record.hpp"

namespace stackscope {

enum class IrqKind : std::uint8_t { kTimer, kReschedule, kCallFunction, kNic };
constexpr std::string_view name_of(IrqKind kind) {
  constexpr std::string_view kNames[] = {"timer", "reschedule", "call_function", "nic"};
  return static_cast<std::size_t>(kind) < 4 ? kNames[static_cast<std::size_t>(kind)] : std::string_view{};
}

/// Linux: include/linux/interrupt.h; the numbers are the kernel's.
enum class SoftirqVector : std::uint8_t {
  kHi,
  kTimer,
  kNetTx,
  kNetRx,
  kBlock,
  kIrqPoll,
  kTasklet,
  kSched,
  kHrtimer,
  kRcu
};
constexpr std::string_view name_of(SoftirqVector vector) {
  constexpr std::string_view kNames[] = {"HI",       "TIMER",   "NET_TX", "NET_RX",  "BLOCK",
                                         "IRQ_POLL", "TASKLET", "SCHED",  "HRTIMER", "RCU"};
  return static_cast<std::size_t>(vector) < 10 ? kNames[static_cast<std::size_t>(vector)]
                                               : std::string_view{};
}

enum class SchedPolicy : std::uint8_t { kOther, kFifo, kRoundRobin, kIdle };
constexpr std::string_view name_of(SchedPolicy policy) {
  constexpr std::string_view kNames[] = {"other", "fifo", "rr", "idle"};
  return static_cast<std::size_t>(policy) < 4 ? kNames[static_cast<std::size_t>(policy)] : std::string_view{};
}

enum class TaskState : std::uint8_t { kRunning, kSleeping, kDead };
constexpr std::string_view name_of(TaskState state) {
  constexpr std::string_view kNames[] = {"R", "S", "X"};
  return static_cast<std::size_t>(state) < 3 ? kNames[static_cast<std::size_t>(state)] : std::string_view{};
}

struct HostStarted {
  static constexpr std::string_view kName = "host:started";
  static constexpr std::string_view kSentence = "A host began to exist; an ideal one has no CPUs.";
  static constexpr Layer kLayer = Layer::kKernel;
  StringId name;
  std::uint8_t cpus;
  std::uint16_t hz;
  void describe(auto&& field) const { field("name", name), field("cpus", cpus), field("hz", hz); }
};

struct IrqHandlerEntry {
  static constexpr std::string_view kName = "irq:irq_handler_entry";
  static constexpr std::string_view kSentence =
      "A CPU began to handle an interrupt, on top of whatever it was doing.";
  static constexpr Layer kLayer = Layer::kKernel;
  IrqKind irq;
  QueueId queue;
  void describe(auto&& field) const { field("irq", irq), field("queue", queue); }
};

struct IrqHandlerExit {
  static constexpr std::string_view kName = "irq:irq_handler_exit";
  static constexpr std::string_view kSentence = "The interrupt handler is done; softirqs may follow.";
  static constexpr Layer kLayer = Layer::kKernel;
  IrqKind irq;
  QueueId queue;
  void describe(auto&& field) const { field("irq", irq), field("queue", queue); }
};

struct SoftirqRaise {
  static constexpr std::string_view kName = "irq:softirq_raise";
  static constexpr std::string_view kSentence = "Work was left for a softirq of this CPU.";
  static constexpr Layer kLayer = Layer::kKernel;
  SoftirqVector vec;
  void describe(auto&& field) const { field("vec", vec); }
};

struct SoftirqEntry {
  static constexpr std::string_view kName = "irq:softirq_entry";
  static constexpr std::string_view kSentence = "A softirq handler began.";
  static constexpr Layer kLayer = Layer::kKernel;
  SoftirqVector vec;
  void describe(auto&& field) const { field("vec", vec); }
};

struct SoftirqExit {
  static constexpr std::string_view kName = "irq:softirq_exit";
  static constexpr std::string_view kSentence = "A softirq handler ended.";
  static constexpr Layer kLayer = Layer::kKernel;
  SoftirqVector vec;
  void describe(auto&& field) const { field("vec", vec); }
};

struct IpiSend {
  static constexpr std::string_view kName = "ipi:ipi_send_cpu";
  static constexpr std::string_view kSentence = "A CPU interrupted another one.";
  static constexpr Layer kLayer = Layer::kKernel;
  std::uint8_t target_cpu;
  IrqKind reason;
  void describe(auto&& field) const { field("target_cpu", target_cpu), field("reason", reason); }
};

struct CpuIdle {
  static constexpr std::string_view kName = "power:cpu_idle";
  static constexpr std::string_view kSentence = "A CPU halted for want of work (1) or came back (0).";
  static constexpr Layer kLayer = Layer::kKernel;
  bool halted;
  void describe(auto&& field) const { field("halted", halted); }
};

struct TaskCreated {
  static constexpr std::string_view kName = "task:task_newtask";
  static constexpr std::string_view kSentence = "A thread was created.";
  static constexpr Layer kLayer = Layer::kKernel;
  TaskId task;
  ProcessId process;
  StringId comm;
  SchedPolicy policy;
  std::uint8_t priority;
  void describe(auto&& field) const {
    field("task", task), field("process", process), field("comm", comm), field("policy", policy);
    field("priority", priority);
  }
};

/// How a thread is scheduled changed, by itself.
struct TaskScheduling {
  static constexpr std::string_view kName = "task:scheduling";
  static constexpr std::string_view kSentence = "A thread changed its scheduling policy or priority.";
  static constexpr Layer kLayer = Layer::kKernel;
  TaskId task;
  SchedPolicy policy;
  std::uint8_t priority;
  void describe(auto&& field) const {
    field("task", task), field("policy", policy), field("priority", priority);
  }
};

struct TaskExited {
  static constexpr std::string_view kName = "sched:sched_process_exit";
  static constexpr std::string_view kSentence = "A thread ended.";
  static constexpr Layer kLayer = Layer::kKernel;
  TaskId task;
  void describe(auto&& field) const { field("task", task); }
};

struct SchedWaking {
  static constexpr std::string_view kName = "sched:sched_waking";
  static constexpr std::string_view kSentence = "Somebody decided to wake a thread: one kernel wake-up.";
  static constexpr Layer kLayer = Layer::kKernel;
  TaskId task;
  std::uint8_t target_cpu;
  void describe(auto&& field) const { field("task", task), field("target_cpu", target_cpu); }
};

struct SchedWakeup {
  static constexpr std::string_view kName = "sched:sched_wakeup";
  static constexpr std::string_view kSentence = "A thread was put on a run queue.";
  static constexpr Layer kLayer = Layer::kKernel;
  TaskId task;
  std::uint8_t target_cpu;
  void describe(auto&& field) const { field("task", task), field("target_cpu", target_cpu); }
};

struct SchedWakeupNew {
  static constexpr std::string_view kName = "sched:sched_wakeup_new";
  static constexpr std::string_view kSentence = "A new thread was put on a run queue for the first time.";
  static constexpr Layer kLayer = Layer::kKernel;
  TaskId task;
  std::uint8_t target_cpu;
  void describe(auto&& field) const { field("task", task), field("target_cpu", target_cpu); }
};

struct SchedMigrate {
  static constexpr std::string_view kName = "sched:sched_migrate_task";
  static constexpr std::string_view kSentence = "A thread moved to another CPU's run queue.";
  static constexpr Layer kLayer = Layer::kKernel;
  TaskId task;
  std::uint8_t from_cpu, to_cpu;
  void describe(auto&& field) const {
    field("task", task), field("from_cpu", from_cpu), field("to_cpu", to_cpu);
  }
};

/// Task 0 is the CPU's idle task.
struct SchedSwitch {
  static constexpr std::string_view kName = "sched:sched_switch";
  static constexpr std::string_view kSentence = "A CPU stopped running one thread and began to run another.";
  static constexpr Layer kLayer = Layer::kKernel;
  TaskId prev;
  TaskState prev_state;
  TaskId next;
  void describe(auto&& field) const {
    field("prev", prev), field("prev_state", prev_state), field("next", next);
  }
};

/// Why so late: something waited. `since` is when it began; it ends now.
struct Waited {
  static constexpr std::string_view kName = "wait:waited";
  static constexpr std::string_view kSentence = "Something had to wait, and this is what for.";
  static constexpr Layer kLayer = Layer::kKernel;
  WaitReason reason;
  Instant since;
  TaskId who;       // 0: not a thread
  RecordId behind;  // the record of what was in the way, where known
  void describe(auto&& field) const {
    field("reason", reason), field("since", since), field("who", who), field("behind", behind);
  }
};

struct WaiterAdded {
  static constexpr std::string_view kName = "wait_queue:add";
  static constexpr std::string_view kSentence = "A waiter joined a wait queue, at its head or tail.";
  static constexpr Layer kLayer = Layer::kKernel;
  WaitQueueId queue;
  WaiterId waiter;
  TaskId task;  // who sleeps, or 0
  ItemId item;  // the epoll item whose callback hangs here, or 0
  bool exclusive, at_head;
  void describe(auto&& field) const {
    field("queue", queue), field("waiter", waiter), field("task", task), field("item", item);
    field("exclusive", exclusive), field("at_head", at_head);
  }
};

struct WaiterRemoved {
  static constexpr std::string_view kName = "wait_queue:remove";
  static constexpr std::string_view kSentence = "A waiter left a wait queue.";
  static constexpr Layer kLayer = Layer::kKernel;
  WaitQueueId queue;
  WaiterId waiter;
  void describe(auto&& field) const { field("queue", queue), field("waiter", waiter); }
};

/// Linux: kernel/futex/core.c __futex_queue()
struct FutexQueued {
  static constexpr std::string_view kName = "futex:queued";
  static constexpr std::string_view kSentence =
      "A thread joined those that wait for a word of memory to change.";
  static constexpr Layer kLayer = Layer::kKernel;
  TaskId task;
  ProcessId process;
  std::uint32_t word;   // its ordinal in the process
  std::uint32_t place;  // how many will be woken before
  void describe(auto&& field) const {
    field("task", task), field("process", process), field("word", word), field("place", place);
  }
};

/// Linux: kernel/futex/core.c __futex_unqueue()
struct FutexUnqueued {
  static constexpr std::string_view kName = "futex:unqueued";
  static constexpr std::string_view kSentence =
      "A thread left those that wait for a word: woken, or out of time.";
  static constexpr Layer kLayer = Layer::kKernel;
  TaskId task;
  ProcessId process;
  std::uint32_t word;
  void describe(auto&& field) const { field("task", task), field("process", process), field("word", word); }
};

struct MutexQueued {
  static constexpr std::string_view kName = "mutex:queued";
  static constexpr std::string_view kSentence = "A thread found a mutex taken and queued for it.";
  static constexpr Layer kLayer = Layer::kKernel;
  TaskId task;
  EpollId epoll;  // whose mutex it is; 0: the one that all instances of the host share
  void describe(auto&& field) const { field("task", task), field("epoll", epoll); }
};

struct MutexPassed {
  static constexpr std::string_view kName = "mutex:passed";
  static constexpr std::string_view kSentence =
      "A mutex was handed over to the thread that had waited longest.";
  static constexpr Layer kLayer = Layer::kKernel;
  TaskId task;  // whose it is now
  EpollId epoll;
  void describe(auto&& field) const { field("task", task), field("epoll", epoll); }
};

/// A task that sleeps exclusively goes to the tail again when it was woken for nothing.
struct WakeUp {
  static constexpr std::string_view kName = "wait_queue:wake";
  static constexpr std::string_view kSentence = "The callbacks of a wait queue were called for an event.";
  static constexpr Layer kLayer = Layer::kKernel;
  WaitQueueId queue;
  std::uint32_t events;
  std::uint32_t called;  // how many waiters were called
  void describe(auto&& field) const {
    field("queue", queue), field("events", events), field("called", called);
  }
};

}  // namespace stackscope
