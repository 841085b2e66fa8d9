#include "kernel_model/softirq/napi.hpp"

#include <cassert>
#include <utility>

#include "kernel_model/vocabulary/records.hpp"
#include "sim/check_in_debug.hpp"

namespace stackscope {

// --- the list --------------------------------------------------------------------------------------------------------

void NapiList::push(Napi& napi) {
  assert(!napi.listed_ && napi.scheduled_);
  napi.listed_ = true;
  napi.next_ = nullptr;
  (tail_ == nullptr ? head_ : tail_->next_) = &napi;
  tail_ = &napi;
}

Napi& NapiList::pop() {
  assert(head_ != nullptr);
  Napi& first = *head_;
  head_ = first.next_;
  if (head_ == nullptr) tail_ = nullptr;
  first.listed_ = false;
  return first;
}

void NapiList::splice(NapiList& other) {
  if (other.is_empty()) return;
  (tail_ == nullptr ? head_ : tail_->next_) = other.head_;
  tail_ = other.tail_;
  other = NapiList{};
}

// --- scheduling ------------------------------------------------------------------------------------------------------

NetRx::NetRx(Softirqs& softirqs, const Tick& tick, std::uint8_t cpus, const NetdevLimits& limits,
             const NetDeviceCosts& costs)
    : softirqs_(softirqs), tick_(tick), limits_(limits), costs_(costs), state_(cpus) {
  softirqs_.open(SoftirqVector::kNetRx, this,
                 [](void* self, Cpu& cpu) { static_cast<NetRx*>(self)->net_rx_action(cpu); });
}

void NetRx::schedule(Cpu& cpu, Napi& napi) {
  if (napi.scheduled_) {
    napi.missed_ = true;
    return;
  }
  napi.scheduled_ = true;
  list(cpu, napi);
}

// The state changes at once, so that nothing comes between the poll function's last look and this.
bool NetRx::complete(Cpu& cpu, Napi& napi) {
  assert(napi.scheduled_ && !napi.listed_);
  cpu.trace().emit(NapiComplete{napi.id_});
  const bool missed = std::exchange(napi.missed_, false);
  if (missed) {
    list(cpu, napi);  // NAPI_STATE_SCHED stays
  } else {
    napi.scheduled_ = false;
  }
  cpu.charge(costs_.napi_complete);
  return !missed;
}

// An interrupt on top must find the list and the softirq's bit in step, so interrupts are off (local_irq_save()).
void NetRx::list(Cpu& cpu, Napi& napi) {
  IrqSection off{cpu};
  PerCpu& state = state_[cpu.number()];
  state.poll_list.push(napi);
  napi.listed_at_ = cpu.engine().now();
  napi.listed_by_ = cpu.trace().emit(NapiScheduled{napi.id_});
  check_in_debug(*this, cpu);
  if (!state.in_net_rx_action) softirqs_.raise(cpu, SoftirqVector::kNetRx);
}

// --- the softirq -----------------------------------------------------------------------------------------------------

void NetRx::net_rx_action(Cpu& cpu) {
  PerCpu& state = state_[cpu.number()];
  if (!poll_all(cpu, state)) return;

  IrqSection off{cpu};
  state.list.splice(state.poll_list);
  state.list.splice(state.repoll);
  state.poll_list.splice(state.list);
  check_in_debug(*this, cpu);
  if (state.poll_list.is_empty()) {
    state.in_net_rx_action = false;
  } else {
    softirqs_.raise(cpu, SoftirqVector::kNetRx);
  }
}

bool NetRx::poll_all(Cpu& cpu, PerCpu& state) {
  const Jiffies time_limit = tick_.at(cpu.engine().now()) + tick_.from_duration(limits_.netdev_budget_usecs);
  std::int64_t budget = limits_.netdev_budget;
  state.in_net_rx_action = true;
  cpu.charge(costs_.net_rx_action);
  state.list.splice(state.poll_list);
  for (bool is_first = true;; is_first = false) {
    if (state.list.is_empty()) {
      if (!state.repoll.is_empty()) return true;
      state.in_net_rx_action = false;
      if (state.poll_list.is_empty()) return false;
      state.in_net_rx_action =
          true;  // something was scheduled while we polled, and did not raise the softirq
      state.list.splice(state.poll_list);
    }
    Napi& napi = state.list.pop();
    if (!is_first) tell_wait(cpu, napi);
    budget -= poll(cpu, state, napi);
    if (budget <= 0 || tick_.at(cpu.engine().now()) >= time_limit) {
      ++state.time_squeeze;
      return true;
    }
  }
}

// The softirq tells how long the first on the list waited; the others waited for those before them, too.
void NetRx::tell_wait(Cpu& cpu, const Napi& napi) {
  if (cpu.engine().now() == napi.listed_at_) return;
  const RecordId behind = cpu.engine().moment().cause;
  cpu.trace().emit(Waited{WaitReason::kSoftirqQueued, napi.listed_at_, {}, behind}, napi.listed_by_);
}

// Linux: __napi_poll(), with the list handling of napi_poll()
std::uint32_t NetRx::poll(Cpu& cpu, PerCpu& state, Napi& napi) {
  const std::uint32_t weight = napi.weight_;
  const RecordId cause = cpu.engine().moment().cause;
  state.polled = &napi;
  cpu.charge(costs_.napi_poll);
  assert(napi.scheduled_ && "only its poll function ends what is scheduled");
  const std::uint32_t work = napi.poll_(napi.owner_, cpu, weight);
  const RecordId polled = cpu.trace().emit(NapiPoll{napi.id_, work, weight}, cause);
  assert(work <= weight);
  state.polled = nullptr;
  if (work < weight) return work;

  assert(napi.scheduled_ && !napi.listed_ && "a poll that used its budget up may not complete");
  napi.listed_at_ = cpu.engine().now();
  napi.listed_by_ = polled;
  state.repoll.push(napi);
  check_in_debug(*this, cpu);
  return work;
}

// --- for views and tests ---------------------------------------------------------------------------------------------

std::vector<NapiId> NetRx::poll_list(const Cpu& cpu) const {
  const PerCpu& state = state_[cpu.number()];
  std::vector<NapiId> order;
  if (state.polled != nullptr && state.polled->scheduled_ && !state.polled->listed_)
    order.push_back(state.polled->id_);
  for (const NapiList* list : {&state.list, &state.poll_list, &state.repoll}) {
    for (const Napi* napi = list->first(); napi != nullptr; napi = NapiList::next(*napi))
      order.push_back(napi->id_);
  }
  return order;
}

void NetRx::check_invariants(const Cpu& cpu) const {
  const PerCpu& state = state_[cpu.number()];
  for (const NapiList* list : {&state.list, &state.poll_list, &state.repoll}) {
    for (const Napi* napi = list->first(); napi != nullptr; napi = NapiList::next(*napi)) {
      assert(napi->scheduled_ && napi->listed_ && "only what is scheduled is listed");
      assert((napi != state.polled || list == &state.poll_list) &&
             "only its poll function ends what is polled");
    }
  }
  assert(state.in_net_rx_action ||
         (state.list.is_empty() && state.repoll.is_empty() && state.polled == nullptr));
}

}  // namespace stackscope
