// What threads do: wake-ups, system calls, waits; and what programs say about themselves.

#include "analysis/folding.hpp"

namespace stackscope {
namespace {

/// A call begins or ends on the CPU that runs the thread.
void set_context(Folding& at, TaskId task, ContextKind kind) {
  HostView& host = at.host();
  if (at.header.place.cpu >= host.cpus.size()) return;
  CpuView& cpu = host.cpus[at.header.place.cpu];
  if (cpu.task == task) cpu.contexts[0] = {kind, {}, {}, at.header.at, at.id};
}

void set_runnable(Folding& at, TaskView& task) {
  if (task.state == TaskState::kRunning) return;
  task.state = TaskState::kRunning;
  task.state_since = at.header.at;
}

}  // namespace

void fold(Folding& at, const TaskCreated& record) {
  HostView& host = at.host();
  if (!record.task || host.tasks.contains(record.task)) return at.problem();
  TaskView& task = host.tasks[record.task];
  task.id = record.task, task.process = record.process, task.comm = record.comm;
  task.policy = record.policy, task.priority = record.priority, task.state_since = at.header.at;
  ProcessView& process = host.processes[record.process];
  process.id = record.process;
  ++process.tasks;
}

// The thread still runs until the CPU switches away from it, which also says that it is dead.
void fold(Folding& at, const TaskExited& record) {
  TaskView* const task = at.known(at.host().tasks, record.task);
  if (task == nullptr) return;
  ProcessView* const process = at.host().processes.edit(task->process);
  if (process == nullptr || process->tasks == 0) return at.problem();
  --process->tasks;
}

void fold(Folding& at, const TaskScheduling& record) {
  TaskView* const task = at.known(at.host().tasks, record.task);
  if (task != nullptr) task->policy = record.policy, task->priority = record.priority;
}

void fold(Folding& at, const SchedWaking& record) {
  TaskView* const task = at.known(at.host().tasks, record.task);
  if (task == nullptr) return;
  set_runnable(at, *task);
  ++task->wakings;
  task->last_waking = at.id;
}

void fold(Folding& at, const SchedWakeup& record) {
  TaskView* const task = at.known(at.host().tasks, record.task);
  if (task == nullptr) return;
  set_runnable(at, *task);
  task->cpu = record.target_cpu;
}

void fold(Folding& at, const SchedWakeupNew& record) {
  if (TaskView* const task = at.known(at.host().tasks, record.task)) task->cpu = record.target_cpu;
}

void fold(Folding& at, const SchedMigrate& record) {
  if (TaskView* const task = at.known(at.host().tasks, record.task)) task->cpu = record.to_cpu;
}

void fold(Folding& at, const Waited& record) {
  if (!record.who) return;
  TaskView* const task = at.known(at.host().tasks, record.who);
  if (task == nullptr) return;
  task->waited_for = record.reason, task->waited_since = record.since, task->waited_until = at.header.at;
}

void fold(Folding& at, const HrtimerStart& record) {
  if (!record.task) return;  // a timerfd's
  if (TaskView* const task = at.known(at.host().tasks, record.task)) task->timeout = record.expires;
}
void fold(Folding& at, const HrtimerCancel& record) {
  if (!record.task) return;  // a timerfd's
  if (TaskView* const task = at.known(at.host().tasks, record.task)) task->timeout = Instant::never();
}
void fold(Folding& at, const HrtimerExpire& record) {
  if (!record.task) return;  // a timerfd's
  if (TaskView* const task = at.known(at.host().tasks, record.task)) task->timeout = Instant::never();
}

void enter_call(Folding& at, TaskId id, std::string_view call) {
  TaskView* const task = at.known(at.host().tasks, id);
  if (task == nullptr) return;
  if (!task->call.empty()) at.problem();
  task->call = call, task->call_since = at.header.at, task->call_entered = at.id;
  set_context(at, id, ContextKind::kKernel);
}

void exit_call(Folding& at, TaskId id, std::int64_t ret) {
  TaskView* const task = at.known(at.host().tasks, id);
  if (task == nullptr) return;
  if (task->call.empty()) return at.problem();
  task->last_call = task->call, task->last_ret = ret;
  ++task->returns;
  task->call = {}, task->call_since = at.header.at, task->call_entered = {};
  set_context(at, id, ContextKind::kUser);
}

void fold(Folding& at, const ProgramNote& record) {
  at.simulation.run.last_note = record.what;
  at.simulation.run.last_note_value = record.value;
}

void fold(Folding& at, const RequestMark& record) {
  ++(record.begins ? at.simulation.run.requests_begun : at.simulation.run.requests_answered);
}

}  // namespace stackscope
