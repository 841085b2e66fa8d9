// What CPUs do: interrupts, softirqs, switches, and the packets that wait for a softirq.

#include <algorithm>

#include "analysis/folding.hpp"

namespace stackscope {
namespace {

constexpr unsigned kVectors = 10;

ContextView context_at(const Folding& at, ContextKind kind) { return {kind, {}, {}, at.header.at, at.id}; }

bool is_vector(SoftirqVector vector) { return static_cast<unsigned>(vector) < kVectors; }
std::uint16_t bit(SoftirqVector vector) {
  return static_cast<std::uint16_t>(1U << static_cast<unsigned>(vector));
}

void push(Folding& at, CpuView& cpu, const ContextView& context) {
  if (cpu.depth == CpuView::kMostContexts) return at.problem();
  cpu.contexts[cpu.depth++] = context;
}

void pop(CpuView& cpu) { cpu.contexts[--cpu.depth] = {}; }

/// The kernel takes all that is pending at once, then runs it vector by vector; what is raised meanwhile is for the next
/// round. Linux: kernel/softirq.c handle_softirqs()
void begin_vector(CpuView& cpu, SoftirqVector vector) {
  if ((cpu.taken_softirqs & bit(vector)) == 0) {
    cpu.taken_softirqs = cpu.pending_softirqs;
    cpu.pending_softirqs = 0;
  }
  cpu.taken_softirqs = static_cast<std::uint16_t>(cpu.taken_softirqs & ~bit(vector));
}

}  // namespace

void fold(Folding& at, const HostStarted& record) {
  const std::uint8_t number = at.header.place.host;
  if (at.simulation.hosts.contains(number)) return at.problem();
  HostView& host = at.simulation.hosts[number];
  host.number = number, host.name = record.name, host.hz = record.hz;
  host.cpus.resize(record.cpus);
  for (std::uint8_t i = 0; i < record.cpus; ++i) {
    host.cpus[i].number = i;
    host.cpus[i].contexts[0] = context_at(at, ContextKind::kIdle);
  }
}

void fold(Folding& at, const IrqHandlerEntry& record) {
  CpuView* const cpu = at.cpu();
  if (cpu == nullptr) return;
  ContextView context = context_at(at, ContextKind::kHardirq);
  context.irq = record.irq;
  push(at, *cpu, context);
  ++cpu->interrupts;
  if (record.irq == IrqKind::kTimer) cpu->last_tick = at.header.at;
  if (record.irq != IrqKind::kNic) return;
  if (NicView* const nic = at.host().nics.edit(record.queue)) nic->is_interrupt_pending = false;
}

void fold(Folding& at, const IrqHandlerExit& record) {
  CpuView* const cpu = at.cpu();
  if (cpu == nullptr) return;
  const ContextView& top = cpu->context();
  if (top.kind != ContextKind::kHardirq || top.irq != record.irq) return at.problem();
  pop(*cpu);
}

void fold(Folding& at, const SoftirqRaise& record) {
  CpuView* const cpu = at.cpu();
  if (cpu == nullptr) return;
  if (!is_vector(record.vec)) return at.problem();
  cpu->pending_softirqs = static_cast<std::uint16_t>(cpu->pending_softirqs | bit(record.vec));
}

void fold(Folding& at, const SoftirqEntry& record) {
  CpuView* const cpu = at.cpu();
  if (cpu == nullptr) return;
  if (!is_vector(record.vec)) return at.problem();
  ContextView context = context_at(at, ContextKind::kSoftirq);
  context.vector = record.vec;
  push(at, *cpu, context);
  begin_vector(*cpu, record.vec);
  ++cpu->softirqs;
}

void fold(Folding& at, const SoftirqExit& record) {
  CpuView* const cpu = at.cpu();
  if (cpu == nullptr) return;
  const ContextView& top = cpu->context();
  if (top.kind != ContextKind::kSoftirq || top.vector != record.vec) return at.problem();
  pop(*cpu);
  if (record.vec != SoftirqVector::kNetRx) return;
  cpu->poll_list.insert(cpu->poll_list.end(), cpu->repoll.begin(), cpu->repoll.end());
  cpu->repoll.clear();
}

void fold(Folding& at, const CpuIdle& record) {
  if (CpuView* const cpu = at.cpu()) cpu->is_halted = record.halted;
}

// A switch happens with no interrupt on the CPU; where the records say otherwise, some are missing.
void fold(Folding& at, const SchedSwitch& record) {
  CpuView* const cpu = at.cpu();
  if (cpu == nullptr) return;
  if (cpu->task != record.prev || cpu->depth != 1) at.problem();
  while (cpu->depth > 1) pop(*cpu);
  HostView& host = at.host();
  if (TaskView* const prev = host.tasks.edit(record.prev)) {
    prev->is_on_cpu = false;
    if (prev->state != record.prev_state) prev->state = record.prev_state, prev->state_since = at.header.at;
  }
  ContextKind kind = ContextKind::kIdle;
  if (record.next) {
    TaskView* const next = at.known(host.tasks, record.next);
    if (next == nullptr) return;
    next->is_on_cpu = true, next->cpu = cpu->number;
    kind = next->call.empty() ? ContextKind::kUser : ContextKind::kKernel;
  }
  cpu->contexts[0] = context_at(at, kind);
  cpu->task = record.next, cpu->task_since = at.header.at, cpu->switched_in = at.id;
  ++cpu->switches;
}

void fold(Folding& at, const NapiScheduled& record) {
  CpuView* const cpu = at.cpu();
  if (cpu == nullptr) return;
  if (std::ranges::find(cpu->poll_list, record.napi) != cpu->poll_list.end()) return at.problem();
  cpu->poll_list.push_back(record.napi);
}

void fold(Folding& at, const NapiComplete& record) {
  CpuView* const cpu = at.cpu();
  if (cpu != nullptr && std::erase(cpu->poll_list, record.napi) == 0) at.problem();
}

// Who used up the budget goes behind all that is scheduled before the softirq ends.
// Linux: net/core/dev.c __napi_poll(), net_rx_action()
void fold(Folding& at, const NapiPoll& record) {
  CpuView* const cpu = at.cpu();
  if (cpu == nullptr) return;
  cpu->last_poll_work = record.work, cpu->last_poll_budget = record.budget;
  const auto polled = std::ranges::find(cpu->poll_list, record.napi);
  if (polled == cpu->poll_list.end() || record.work < record.budget) return;
  cpu->poll_list.erase(polled);
  cpu->repoll.push_back(record.napi);
}

void fold(Folding& at, const NetifRx& record) {
  if (CpuView* const cpu = at.cpu()) cpu->backlog.push_back(record.packet);
}

// Packets of a NIC come this way too, but never through the backlog.
void fold(Folding& at, const NetifReceiveSkb& record) {
  CpuView* const cpu = at.cpu();
  if (cpu == nullptr) return;
  const PacketId* const first = cpu->backlog.front();
  if (first != nullptr && *first == record.packet) return cpu->backlog.pop_front();
  if (record.device == DeviceKind::kLoopback) at.problem();
}

// A full backlog refuses a packet after netif_rx told of it.
void fold(Folding& at, const KfreeSkb& record) {
  HostView& host = at.host();
  ++host.packets_dropped;
  host.last_dropped = record.packet, host.last_drop_reason = record.reason;
  if (record.reason != DropReason::kBacklogFull || at.header.place.cpu >= host.cpus.size()) return;
  CpuView& cpu = host.cpus[at.header.place.cpu];
  if (const PacketId* const last = cpu.backlog.back(); last != nullptr && *last == record.packet)
    cpu.backlog.pop_back();
}

}  // namespace stackscope
