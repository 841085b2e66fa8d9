#include "kernel_model/readiness/poll.hpp"

#include <cassert>

#include "kernel_model/scheduler/scheduler.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/mutant.hpp"

namespace stackscope {

namespace {

/// What a file that cannot be polled answers: always ready. Linux: DEFAULT_POLLMASK
constexpr Events kDefaultMask = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;

}  // namespace

PollCall::PollCall(Files& files, FdTable& fds, PollHooks& hooks, Duration timeout)
    : files_(files), fds_(fds), hooks_(hooks) {
  assert(hooks.empty());
  scheduler().cpu().charge(files.costs().poll);
  const Instant now = scheduler().engine().now();
  const bool is_forever = timeout < Duration{} || timeout > Instant::never() - now;
  until_ = is_forever ? Instant::never() : now + timeout;
  const Task& task = scheduler().current();
  slack_ =
      is_forever ? Duration{} : select_estimate_accuracy(timeout, task.timer_slack(), task.attributes().nice);
  is_time_up_ = timeout == Duration{};
  hooks_more_ = !is_time_up_;
}

PollCall::~PollCall() {
  for (PollHook& hook : hooks_) {
    if (hook.entry.is_queued()) {
      scheduler().cpu().charge(files_.costs().poll_unregister);
      hook.entry.queue->remove(hook.entry);
    }
    files_.let_go(*hook.file);
  }
  hooks_.clear();
}

Events PollCall::ask(int fd, Events key) {
  const FileRef file = fds_.get(fd);
  if (!file) return MUTANT("poll leaves closed descriptors out") ? Events{0} : POLLNVAL;
  if (!file->can_poll()) return kDefaultMask;
  key_ = key;
  return file->poll(hooks_more_ ? this : nullptr);
}

// Linux: __pollwait()
void PollCall::wait_on(File& file, WaitQueue& queue) {
  scheduler().cpu().charge(files_.costs().poll_register);
  files_.hold(file);
  PollHook& hook = hooks_.emplace_back(PollHook{WaitEntry{}, &file, key_, this});
  hook.entry.callback = &PollCall::wake;
  hook.entry.owner = &hook;
  hook.entry.task = &scheduler().current();
  queue.add(hook.entry, WaitPlace::kHead);
}

void PollCall::sleep() {
  const Instant since = scheduler().engine().now();
  scheduler().set_sleeping();
  if (!triggered_) is_time_up_ = !scheduler().schedule_until(until_, slack_);
  scheduler().set_running();
  triggered_ = false;
  if (scheduler().engine().now() > since) {
    scheduler().trace().emit(Waited{WaitReason::kEvents, since, scheduler().current().id(), {}});
  }
}

/// Stays queued: the next round may sleep again. Linux: pollwake()
int PollCall::wake(WaitEntry& entry, std::uint32_t events, bool sync) {
  const PollHook& hook = *static_cast<PollHook*>(entry.owner);
  if (events != 0 && !(events & hook.key)) return 0;
  hook.call->triggered_ = true;
  return hook.call->scheduler().wake_up(*entry.task, sync) ? 1 : 0;
}

int poll_files(PollCall& call, std::span<pollfd> asked) {
  Scheduler& scheduler = call.scheduler();
  for (;;) {
    int count = 0;
    for (pollfd& one : asked) {
      scheduler.cpu().charge(call.costs().poll_fd);
      const Events wanted = static_cast<std::uint16_t>(one.events) |
                            (MUTANT("poll tells errors only where asked") ? Events{0} : POLLERR | POLLHUP);
      const Events ready = one.fd < 0 ? 0 : call.ask(one.fd, wanted) & (wanted | POLLNVAL);
      one.revents = static_cast<std::int16_t>(ready);
      if (ready == 0) continue;
      ++count;
      call.stop_hooking();
    }
    call.stop_hooking();
    if (count == 0 && scheduler.signal_pending()) return -EINTR;
    if (count > 0 || call.is_time_up()) return count;
    call.sleep();
  }
}

}  // namespace stackscope
