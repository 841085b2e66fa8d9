#include "measure/real_thread.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstring>
#include <sys/resource.h>
#include <unistd.h>

#include "measure/monotonic.hpp"

namespace stackscope {

namespace {

void tell_exited(Trace& trace, const EventView& event, RecordId cause) {
  trace.emit(TaskExited{event.task}, cause);
}

/// The numbers by which the /proc that is mounted names this thread, which need not be those of its own namespace.
void find_host_numbers(ThreadSlot& slot) {
  char link[64];  // "1234/task/1235"
  const ssize_t length = ::readlink("/proc/thread-self", link, sizeof link);
  if (length <= 0) return;
  int pid = 0, tid = 0;
  const char* const end = link + length;
  const auto read = std::from_chars(link, end, pid);
  constexpr std::string_view kBetween = "/task/";
  if (read.ec != std::errc{} || end - read.ptr <= static_cast<std::ptrdiff_t>(kBetween.size())) return;
  std::from_chars(read.ptr + kBetween.size(), end, tid);
  slot.host_pid.store(pid, std::memory_order_relaxed);
  slot.host_tid.store(tid, std::memory_order_release);
}

}  // namespace

std::int64_t voluntary_switches() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw;
}

RealThread::RealThread(Arena& arena, ThreadSlot& slot, InterpreterLock* lock, bool counts_wakeups)
    : arena_(arena), slot_(slot), lock_(lock), counts_wakeups_(counts_wakeups), recorder_(arena, slot) {}

void RealThread::begin(InterpreterLock::Ticket ticket) {
  slot_.tid.store(::gettid(), std::memory_order_release);
  find_host_numbers(slot_);
  slot_.state.store(static_cast<std::uint32_t>(SlotState::kLive), std::memory_order_release);
  wait_for_lock(ticket);
}

void RealThread::end() {
  slot_.ended_ns.store(monotonic_ns(), std::memory_order_relaxed);
  recorder_.tell(tell_exited, {});
  set_and_wake(slot_.state, static_cast<std::uint32_t>(SlotState::kEnded), false);
}

void RealThread::begin_call(std::string_view name, std::initializer_list<std::int64_t> arguments,
                            TellEvent how) {
  CallInProgress& call = slot_.call;
  call.name = name.data();
  call.name_length = static_cast<std::uint32_t>(name.size());
  call.count = static_cast<std::uint32_t>(std::min(arguments.size(), call.arguments.size()));
  std::copy_n(arguments.begin(), call.count, call.arguments.begin());
  recorder_.tell(how, std::span(arguments.begin(), arguments.size()));
  slot_.calls.fetch_add(1, std::memory_order_relaxed);
  if (counts_wakeups_) slot_.switches_before.store(voluntary_switches(), std::memory_order_relaxed);
  slot_.set_where(Whereabouts::kInCall);
}

void RealThread::end_call() {
  const auto slept = counts_wakeups_ ? voluntary_switches() - slot_.switches_before.load() : 0;
  slot_.set_where(Whereabouts::kOutside);
  slot_.wakeups.fetch_add(slept, std::memory_order_release);
}

void RealThread::wait_for_lock(InterpreterLock::Ticket ticket) {
  if (lock_ == nullptr || lock_->is_turn_of(ticket)) return;
  slot_.set_where(Whereabouts::kWaitsForLock);
  lock_->wait(ticket);
  slot_.set_where(Whereabouts::kOutside);
}

void RealThread::pass_lock() {
  if (lock_ == nullptr) return;
  lock_->put_down();
  wait_for_lock(lock_->draw());
}

void RealThread::ask(Request request) {
  put_lock_down();
  slot_.set_where(Whereabouts::kAsksWarden);
  const auto asked = static_cast<std::uint32_t>(request);
  slot_.request.store(asked, std::memory_order_release);
  ::kill(arena_.warden_pid, SIGUSR1);
  wait_while(slot_.request, asked, true);
  slot_.set_where(Whereabouts::kOutside);
  wait_for_lock(draw());
}

}  // namespace stackscope
