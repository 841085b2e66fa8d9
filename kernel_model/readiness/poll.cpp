#include "kernel_model/readiness/poll.hpp"

#include <cassert>

#include "kernel_model/scheduler/scheduler.hpp"
#include "kernel_model/scheduler/wait_queue.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

/// One call's waiters, all for the one task that polls. Linux: struct poll_wqueues
class PollQueues final : public PollTable {
 public:
  PollQueues(Scheduler& scheduler, const FileCosts& costs, std::span<PollTarget> targets)
      : scheduler_(scheduler), costs_(costs), targets_(targets) {}

  ~PollQueues() override {
    for (PollTarget& target : targets_) {
      if (!target.hook.entry.is_queued()) continue;
      scheduler_.cpu().charge(costs_.poll_unregister);
      target.hook.entry.queue->remove(target.hook.entry);
    }
  }

  void wait_on(File&, WaitQueue& queue) override {
    scheduler_.cpu().charge(costs_.poll_register);
    PollHook& hook = asked_->hook;
    assert(!hook.entry.is_queued());
    hook.queues = this;
    hook.entry.callback = &PollQueues::wake;
    hook.entry.owner = &hook;
    hook.entry.task = &scheduler_.current();
    queue.add(hook.entry, WaitPlace::kHead);
  }

  /// Who is asked next, and for what.
  void set_asked(PollTarget& target, Events key) {
    asked_ = &target;
    target.hook.key = key;
  }

  /// Sleeps unless a hook was called since the last time. Returns false when the time ran out.
  /// Linux: poll_schedule_timeout()
  bool sleep(Instant until, Duration slack) {
    bool in_time = true;
    const Instant since = scheduler_.engine().now();
    scheduler_.set_sleeping();
    if (!triggered_) in_time = scheduler_.schedule_until(until, slack);
    scheduler_.set_running();
    triggered_ = false;
    if (scheduler_.engine().now() > since) {
      scheduler_.trace().emit(Waited{WaitReason::kEvents, since, scheduler_.current().id(), {}});
    }
    return in_time;
  }

 private:
  /// Stays queued: the next round may sleep again. Linux: pollwake()
  static int wake(WaitEntry& entry, std::uint32_t events, bool sync) {
    const PollHook& hook = *static_cast<PollHook*>(entry.owner);
    if (events != 0 && !(events & hook.key)) return 0;
    hook.queues->triggered_ = true;
    return hook.queues->scheduler_.wake_up(*entry.task, sync) ? 1 : 0;
  }

  Scheduler& scheduler_;
  const FileCosts& costs_;
  std::span<PollTarget> targets_;
  PollTarget* asked_ = nullptr;
  bool triggered_ = false;
};

namespace {

/// What a file that cannot be polled answers: always ready. Linux: DEFAULT_POLLMASK
constexpr Events kDefaultMask = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;

/// Linux: do_pollfd()
Events ask(PollTarget& target, PollQueues& queues, bool hooks) {
  if (target.fd < 0) return 0;
  if (target.file == nullptr) return POLLNVAL;
  const Events wanted = static_cast<std::uint16_t>(target.events) | POLLERR | POLLHUP;
  queues.set_asked(target, wanted);
  const Events ready = target.file->can_poll() ? target.file->poll(hooks ? &queues : nullptr) : kDefaultMask;
  return ready & wanted;
}

}  // namespace

/// Linux: do_poll()
int poll_files(Scheduler& scheduler, const FileCosts& costs, std::span<PollTarget> targets,
               Duration timeout) {
  scheduler.cpu().charge(costs.poll);
  const Instant now = scheduler.engine().now();
  const bool is_forever = timeout < Duration{} || timeout > Instant::never() - now;
  const Instant until = is_forever ? Instant::never() : now + timeout;
  const Task& task = scheduler.current();
  const Duration slack =
      is_forever ? Duration{} : select_estimate_accuracy(timeout, task.timer_slack(), task.attributes().nice);
  PollQueues queues{scheduler, costs, targets};
  bool timed_out = timeout == Duration{};
  for (bool hooks = !timed_out;; hooks = false) {
    int count = 0;
    for (PollTarget& target : targets) {
      scheduler.cpu().charge(costs.poll_fd);
      const Events ready = ask(target, queues, hooks);
      target.revents = static_cast<std::int16_t>(ready);
      if (ready == 0) continue;
      ++count;
      hooks = false;
    }
    if (count == 0 && scheduler.signal_pending()) return -EINTR;
    if (count > 0 || timed_out) return count;
    timed_out = !queues.sleep(until, slack);
  }
}

}  // namespace stackscope
