// CPUs, tasks and NICs of the model, in the shape of their views.

#include <algorithm>
#include <utility>

#include "tests/runner/model_views.hpp"

namespace stackscope {
namespace {

/// Where the contents agree the queue stays as it is: its entries' own ordinals mean nothing to the model.
template <class T, class Key>
void set_contents(PagedQueue<T>& queue, const std::vector<T>& contents, Key key) {
  std::vector<T> told;
  for (const auto& [ordinal, value] : queue) told.push_back(value);
  if (std::equal(told.begin(), told.end(), contents.begin(), contents.end(),
                 [&](const T& a, const T& b) { return key(a) == key(b); })) {
    return;
  }
  queue = {};
  for (const T& value : contents) queue.push_back(value);
}

void set_ring(PagedQueue<RingEntryView>& queue, const auto& ring) {
  std::vector<RingEntryView> contents;
  ring.for_each([&](std::uint32_t slot, PacketId packet) { contents.push_back({slot, packet, {}}); });
  set_contents(queue, contents, [](const RingEntryView& e) { return std::pair(e.slot, e.packet); });
}

void set_context(ContextView& told, ContextKind kind, IrqKind irq, SoftirqVector vector) {
  told.kind = kind, told.irq = irq, told.vector = vector;
}

/// What the records say of user and kernel is what calls say; the model must not be in user mode during a call.
ContextKind outermost(const CpuView& view, const Cpu& cpu, bool is_idle) {
  if (is_idle) return ContextKind::kIdle;
  if (cpu.context() == CpuContext::kUser) return ContextKind::kUser;
  const ContextKind told = view.contexts[0].kind;
  return told == ContextKind::kKernel ? told : ContextKind::kUser;
}

}  // namespace

bool ModelHost::show(std::uint8_t number, CpuView& view) const {
  if (number >= cpus()) return false;
  Processors& processors = host_->processors();
  const Cpu& cpu = processors.cpu(number);
  const Softirqs& softirqs = processors.softirqs();
  view.number = number;
  view.task = processors.scheduler().current_on(number).id();
  view.is_halted = cpu.is_halted();
  view.pending_softirqs = static_cast<std::uint16_t>(softirqs.pending(cpu));
  view.taken_softirqs = static_cast<std::uint16_t>(softirqs.taken(cpu));

  set_context(view.contexts[0], outermost(view, cpu, !view.task), {}, {});
  view.depth = 1;
  if (const auto vector = softirqs.running(cpu))
    set_context(view.contexts[view.depth++], ContextKind::kSoftirq, {}, *vector);
  if (const IrqLine* const line = cpu.handling())
    set_context(view.contexts[view.depth++], ContextKind::kHardirq, line->kind, {});
  for (std::size_t i = view.depth; i < view.contexts.size(); ++i) view.contexts[i] = {};

  std::vector<NapiId> listed = view.poll_list;
  listed.insert(listed.end(), view.repoll.begin(), view.repoll.end());
  if (const auto scheduled = host_->network().net_rx().poll_list(cpu); scheduled != listed)
    view.poll_list = scheduled, view.repoll.clear();
  std::vector<PacketId> backlog;
  host_->network().backlog().for_each(cpu, [&](const Packet& packet) { backlog.push_back(packet.id); });
  set_contents(view.backlog, backlog, [](PacketId packet) { return packet; });
  return true;
}

bool ModelHost::show(TaskId id, TaskView& view) const {
  if (host_ == nullptr || !id || id.value > host_->scheduler().tasks().size()) return false;
  const Task& task = *host_->scheduler().tasks()[id.value - 1];
  view.id = id;
  view.process = task.attributes().process;
  view.policy = task.attributes().policy;
  view.priority = task.attributes().priority;
  view.state = task.is_on_rq() ? TaskState::kRunning : task.state();
  view.cpu = task.cpu();
  view.is_on_cpu = &host_->scheduler().current_on(task.cpu()) == &task;
  view.timeout = task.timeout().is_queued() ? task.timeout().soft_expiry() : Instant::never();
  view.waits_on = 0;
  for (const ModelQueue& each : queues()) {
    for (const WaitEntry* entry = each.queue->head(); entry != nullptr; entry = entry->next)
      view.waits_on += entry->task == &task;
  }
  return true;
}

bool ModelHost::show(ProcessId id, ProcessView& view) const {
  if (host_ == nullptr) return false;
  bool exists = false;
  view.id = id;
  view.tasks = 0;
  for (const auto& task : host_->scheduler().tasks()) {
    if (task->attributes().process != id) continue;
    exists = true;
    view.tasks += task->state() != TaskState::kDead;
  }
  view.descriptors.clear(), view.futexes = {};
  for (const auto& process : host_->processes()) {
    if (process->id != id) continue;
    process->fds.for_each([&](int fd, const File& file) { view.descriptors[fd] = file.id(); });
    process->futexes.for_each_waiting(
        [&](unsigned word, const Task& task) { view.futexes[word].waiting.push_back(task.id()); });
  }
  return exists;
}

bool ModelHost::show(QueueId id, NicView& view) const {
  const Nic* const nic = host_ == nullptr ? nullptr : host_->nic();
  if (nic == nullptr || nic->queue() != id) return false;
  view.id = id;
  set_ring(view.rx, nic->rx_ring());
  set_ring(view.tx, nic->tx_ring());
  view.is_masked = nic->is_masked();
  view.is_interrupt_pending = nic->interrupt().is_waiting();
  if (view.is_interrupt_pending) view.target_cpu = nic->interrupt().target_cpu();
  return true;
}

std::vector<TaskId> ModelHost::tasks() const {
  std::vector<TaskId> ids;
  if (host_ == nullptr) return ids;
  for (const auto& task : host_->scheduler().tasks()) ids.push_back(task->id());
  return ids;
}

std::vector<ProcessId> ModelHost::processes() const {
  std::vector<ProcessId> ids;
  if (host_ == nullptr) return ids;
  for (const auto& task : host_->scheduler().tasks()) ids.push_back(task->attributes().process);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

std::vector<QueueId> ModelHost::nics() const {
  if (host_ == nullptr || host_->nic() == nullptr) return {};
  return {host_->nic()->queue()};
}

}  // namespace stackscope
