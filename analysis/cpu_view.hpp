#pragma once
// What CPUs and threads are doing, as the records up to a moment tell it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "analysis/paged_queue.hpp"
#include "kernel_model/vocabulary/cpu_records.hpp"

namespace stackscope {

/// A thread.
struct TaskView {
  TaskId id;
  ProcessId process;
  StringId comm;
  SchedPolicy policy{};
  std::uint8_t priority = 0;
  /// As the scheduler told it last: a thread that is about to sleep is running until the CPU switches away from it.
  TaskState state{};
  bool is_on_cpu = false;
  std::uint8_t cpu = Place::kNoCpu;  // where it runs, or ran or was queued last
  Instant state_since;

  std::string_view call;  // the system call that it is in, or empty
  Instant call_since;
  RecordId call_entered;
  std::string_view last_call;  // the one that returned last, and its value
  std::int64_t last_ret = 0;
  std::uint64_t returns = 0;

  std::uint64_t wakings = 0;  // sched_waking: kernel wake-ups
  RecordId last_waking;
  std::uint32_t waits_on = 0;          // wait queues that it is on
  Instant timeout = Instant::never();  // of its high-resolution timer
  WaitReason waited_for{};             // the last wait that was told, and when
  Instant waited_since, waited_until;

  void describe(auto&& field) const {
    field("id", id), field("process", process), field("comm", comm), field("policy", policy);
    field("priority", priority), field("state", state), field("is_on_cpu", is_on_cpu), field("cpu", cpu);
    field("state_since", state_since), field("call", call), field("call_since", call_since);
    field("call_entered", call_entered), field("last_call", last_call), field("last_ret", last_ret);
    field("returns", returns), field("wakings", wakings), field("last_waking", last_waking);
    field("waits_on", waits_on), field("timeout", timeout), field("waited_for", waited_for);
    field("waited_since", waited_since), field("waited_until", waited_until);
  }
};

enum class ContextKind : std::uint8_t { kIdle, kUser, kKernel, kSoftirq, kHardirq };
constexpr std::string_view name_of(ContextKind kind) {
  constexpr std::string_view kNames[] = {"idle", "user", "kernel", "softirq", "hardirq"};
  return static_cast<std::size_t>(kind) < 5 ? kNames[static_cast<std::size_t>(kind)] : std::string_view{};
}

/// One level of what a CPU does; an interrupt lies on top of what it interrupted.
struct ContextView {
  ContextKind kind{};
  IrqKind irq{};           // of a hardirq
  SoftirqVector vector{};  // of a softirq
  Instant since;
  RecordId began;
  void describe(auto&& field) const {
    field("kind", kind), field("irq", irq), field("vector", vector), field("since", since),
        field("began", began);
  }
};

/// A CPU. Its outermost context is seen from its thread's calls: in the kernel from a call's enter record to its exit
/// record, in user mode else, also while a fault or a preemption would say otherwise.
struct CpuView {
  static constexpr std::size_t kMostContexts = 6;

  std::uint8_t number = 0;
  TaskId task;  // 0: the idle task
  Instant task_since;
  RecordId switched_in;
  bool is_halted = false;
  std::array<ContextView, kMostContexts> contexts{};  // the outermost first; its kind is idle, user or kernel
  std::uint8_t depth = 1;
  std::uint16_t pending_softirqs = 0;  // one bit a vector; Linux: __softirq_pending
  std::uint16_t taken_softirqs = 0;    // taken from there by the running round, and not begun yet
  std::uint64_t interrupts = 0, softirqs = 0, switches = 0;
  Instant last_tick;
  /// Linux: softnet_data.poll_list, and what net_rx_action() has taken from there
  std::vector<NapiId> poll_list;
  /// Used up their budget: they join the poll list again when net_rx_action() ends.
  std::vector<NapiId> repoll;
  std::uint32_t last_poll_work = 0, last_poll_budget = 0;
  PagedQueue<PacketId> backlog;  // Linux: softnet_data.input_pkt_queue and process_queue

  const ContextView& context() const { return contexts[depth - 1U]; }
  std::span<const ContextView> context_stack() const { return {contexts.data(), depth}; }
  bool is_pending(SoftirqVector vector) const {
    return ((pending_softirqs >> static_cast<unsigned>(vector)) & 1U) != 0;
  }
  void describe(auto&& field) const {
    field("number", number), field("task", task), field("task_since", task_since),
        field("switched_in", switched_in);
    field("is_halted", is_halted), field("contexts", contexts), field("depth", depth);
    field("pending_softirqs", pending_softirqs), field("taken_softirqs", taken_softirqs);
    field("interrupts", interrupts), field("softirqs", softirqs), field("switches", switches);
    field("last_tick", last_tick), field("poll_list", poll_list), field("repoll", repoll);
    field("last_poll_work", last_poll_work);
    field("last_poll_budget", last_poll_budget), field("backlog", backlog);
  }
};

}  // namespace stackscope
