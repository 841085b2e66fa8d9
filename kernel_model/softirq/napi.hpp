#pragma once
// NAPI: devices are polled in a softirq, a budget at a time, while their interrupts stay off.
//
// Linux:     net/core/dev.c napi_schedule_prep(), ____napi_schedule(), napi_complete_done(), net_rx_action(),
//            __napi_poll(); struct napi_struct, struct softnet_data
// Invariant: a napi is on at most one CPU's list, and only while it is scheduled; one CPU polls it at a time.
// Differs:   no GRO, no busy polling, no threaded polling, no deferred interrupts (napi_defer_hard_irqs). Who could
//            notice: a receiver of bulk data, for which GRO merges segments; low-latency set-ups that poll.

#include <cstdint>
#include <vector>

#include "kernel_model/costs/net_device_costs.hpp"
#include "kernel_model/hardware/cpu.hpp"
#include "kernel_model/softirq/softirq.hpp"

namespace stackscope {

/// What the net.core sysctls say; they may change while the simulation runs.
struct NetdevLimits {
  std::uint32_t netdev_budget = 300;
  Duration netdev_budget_usecs = Duration::ms(8);  // two jiffies; see netdev_budget_time()
  std::uint32_t netdev_max_backlog = 1000;
  std::uint32_t dev_weight = 64;
};

/// A poll function and whether it is due. Linux: struct napi_struct
class Napi {
 public:
  /// Handles up to `budget` packets and returns how many. Having handled fewer, it must have called
  /// NetRx::complete(); having handled `budget`, it must not have.
  using Poll = std::uint32_t (*)(void* owner, Cpu& cpu, std::uint32_t budget);

  Napi(NapiId id, std::uint32_t weight, void* owner, Poll poll)
      : id_(id), weight_(weight), owner_(owner), poll_(poll) {}
  Napi(const Napi&) = delete;
  Napi& operator=(const Napi&) = delete;

  NapiId id() const { return id_; }
  bool is_scheduled() const { return scheduled_; }  // NAPI_STATE_SCHED
  bool is_missed() const { return missed_; }        // NAPI_STATE_MISSED
  /// From the next poll on.
  void set_weight(std::uint32_t weight) { weight_ = weight; }

 private:
  friend class NetRx;
  friend class NapiList;

  NapiId id_;
  std::uint32_t weight_;
  void* owner_;
  Poll poll_;
  bool scheduled_ = false, missed_ = false, listed_ = false;
  Instant listed_at_;
  RecordId listed_by_;
  Napi* next_ = nullptr;
};

/// First in, first out, intrusive.
class NapiList {
 public:
  bool is_empty() const { return head_ == nullptr; }
  const Napi* first() const { return head_; }
  static const Napi* next(const Napi& napi) { return napi.next_; }
  void push(Napi& napi);
  Napi& pop();
  /// Appends all of `other`, which is empty afterwards.
  void splice(NapiList& other);

 private:
  Napi* head_ = nullptr;
  Napi* tail_ = nullptr;
};

/// The receive softirq of all CPUs of a host.
class NetRx {
 public:
  /// Opens NET_RX. All references must outlive this; the limits may change.
  NetRx(Softirqs& softirqs, const Tick& tick, std::uint8_t cpus, const NetdevLimits& limits,
        const NetDeviceCosts& costs);
  NetRx(const NetRx&) = delete;
  NetRx& operator=(const NetRx&) = delete;

  const NetdevLimits& limits() const { return limits_; }
  const NetDeviceCosts& costs() const { return costs_; }

  /// The poll function will run on this CPU; if it is due already, it will be called once more after it thinks that
  /// it is done. Raises NET_RX, unless this CPU is in net_rx_action(), which looks again before it ends.
  ///
  /// Linux: napi_schedule()
  void schedule(Cpu& cpu, Napi& napi);

  /// The poll function has nothing left. Returns false if it was scheduled meanwhile: it then is on the list again, and
  /// the device's interrupts must stay off. REQUIRES: called by that poll function.
  ///
  /// Linux: napi_complete_done()
  bool complete(Cpu& cpu, Napi& napi);

  /// How often the softirq ended for want of budget or time. Linux: softnet_data.time_squeeze
  std::uint32_t time_squeeze(const Cpu& cpu) const { return state_[cpu.number()].time_squeeze; }

  /// What is scheduled on a CPU, in the order in which it will be polled; first what is being polled, as long as its poll
  /// function has not completed. Linux: softnet_data.poll_list, and what net_rx_action() has taken from there
  std::vector<NapiId> poll_list(const Cpu& cpu) const;

  /// Asserts what the headers say always holds of a CPU's lists. For debug builds.
  void check_invariants(const Cpu& cpu) const;

 private:
  /// Linux: struct softnet_data
  struct PerCpu {
    NapiList poll_list;
    NapiList list, repoll;  // net_rx_action()'s own: what it has taken over; what used its budget up
    const Napi* polled = nullptr;
    bool in_net_rx_action = false;
    std::uint32_t time_squeeze = 0;
  };

  void list(Cpu& cpu, Napi& napi);
  void net_rx_action(Cpu& cpu);
  /// Polls until nothing is left; or returns true when budget or time is used up, or repolls are due.
  bool poll_all(Cpu& cpu, PerCpu& state);
  std::uint32_t poll(Cpu& cpu, PerCpu& state, Napi& napi);
  void tell_wait(Cpu& cpu, const Napi& napi);

  Softirqs& softirqs_;
  const Tick& tick_;
  const NetdevLimits& limits_;
  const NetDeviceCosts& costs_;
  std::vector<PerCpu> state_;
};

}  // namespace stackscope
