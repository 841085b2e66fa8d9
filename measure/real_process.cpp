#include "measure/real_process.hpp"

#include <array>
#include <memory>
#include <pthread.h>
#include <sched.h>
#include <vector>

#include "measure/real_syscalls.hpp"

namespace stackscope {

namespace {

constexpr std::size_t kStackBytes = (1 << 20) + (256 << 10);  // Lua's C calls need 1 MiB

/// The kernel thread's number, which a thread's CPU clock carries: there is no other way to ask for another's.
/// Linux: include/linux/posix-timers_types.h make_thread_cpuclock()
int tid_of(pthread_t thread) {
  clockid_t clock = 0;
  return pthread_getcpuclockid(thread, &clock) == 0 ? static_cast<int>(~(clock >> 3)) : -1;
}

void tell_created(Trace& trace, const EventView& event, RecordId cause) {
  const auto& is = event.numbers;
  const auto policy = is[2] == SCHED_FIFO   ? SchedPolicy::kFifo
                      : is[2] == SCHED_RR   ? SchedPolicy::kRoundRobin
                      : is[2] == SCHED_IDLE ? SchedPolicy::kIdle
                                            : SchedPolicy::kOther;
  trace.emit(TaskCreated{task_of_slot(static_cast<std::uint32_t>(is[0])),
                         ProcessId{static_cast<std::uint32_t>(is[1]) + 1}, trace.intern(event.text), policy,
                         static_cast<std::uint8_t>(is[3])},
             cause);
}

}  // namespace

void tell_task_created(Recorder& teller, const ThreadSlot& of) {
  if (!teller.is_on()) return;
  sched_param parameters{};
  ::sched_getparam(0, &parameters);
  std::array<char, 16> comm{};
  pthread_getname_np(pthread_self(), comm.data(), comm.size());
  teller.tell(tell_created, {of.ordinal, of.process, ::sched_getscheduler(0), parameters.sched_priority},
              comm.data());
}

struct RealProcess::NewThread {
  RealProcess& process;
  ThreadSlot& slot;
  std::function<void(Syscalls&)> body;
  FutexWord may_go{0};
  InterpreterLock::Ticket ticket = 0;
};

RealProcess::RealProcess(Arena& arena, ProcessSlot& slot, const RealAddresses& addresses, How how)
    : arena_(arena),
      slot_(&slot),
      addresses_(addresses),
      threads_(how.threads),
      numbers_(0),
      has_lock_(how.has_interpreter_lock),
      counts_wakeups_(how.counts_wakeups) {
  slot.pid.store(::getpid(), std::memory_order_release);
}

int RealProcess::run(const std::function<int(Syscalls&)>& body) {
  ThreadSlot* const first = arena_.take_thread(slot_->ordinal, numbers_++);
  if (first == nullptr) exit(EXIT_FAILURE);
  RealSyscalls os(*this, *first);
  tell_task_created(os.thread().recorder(), *first);
  std::vector<NewThread*> others(static_cast<std::size_t>(threads_ - 1));
  std::vector<int> tids;
  for (NewThread*& other : others) {
    tids.push_back(make_thread([&body](Syscalls& own) { body(own); }, os.thread().recorder(), other));
  }
  os.thread().begin(os.thread().draw());
  for (NewThread* const other : others) {
    if (other != nullptr) let_go(*other);
  }
  const int status = body(os);
  os.thread().end();
  if (!tids.empty()) os.thread().put_lock_down();
  for (const int tid : tids) {
    ThreadSlot* const other = arena_.find_thread(slot_->ordinal, tid);
    if (other != nullptr) wait_while(other->state, static_cast<std::uint32_t>(SlotState::kLive), false);
  }
  return status;
}

int RealProcess::make_thread(std::function<void(Syscalls&)> body, Recorder& teller, NewThread*& made) {
  ThreadSlot* const slot = arena_.take_thread(slot_->ordinal, numbers_++);
  if (slot == nullptr) return -EAGAIN;
  auto thread = std::make_unique<NewThread>(*this, *slot, std::move(body));
  const int tid = start(*thread);
  if (tid < 0) {
    slot->state.store(static_cast<std::uint32_t>(SlotState::kEnded), std::memory_order_release);
    return tid;
  }
  slot->tid.store(tid, std::memory_order_release);
  slot->state.store(static_cast<std::uint32_t>(SlotState::kLive), std::memory_order_release);
  tell_task_created(teller, *slot);
  made = thread.release();  // its own from now on
  return tid;
}

int RealProcess::start(NewThread& thread) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t made{};
  const int error = pthread_create(&made, &attributes, run_new_thread, &thread);
  pthread_attr_destroy(&attributes);
  return error != 0 ? -error : tid_of(made);  // it waits, so it is there still
}

void RealProcess::let_go(NewThread& made) {
  made.ticket = has_lock_ ? lock_.draw() : 0;
  set_and_wake(made.may_go, 1, false);
}

void* RealProcess::run_new_thread(void* argument) {
  const std::unique_ptr<NewThread> thread{static_cast<NewThread*>(argument)};
  wait_while(thread->may_go, 0, false);
  RealSyscalls os(thread->process, thread->slot);
  os.thread().begin(thread->ticket);
  thread->body(os);
  thread->body = nullptr;  // what it held may be the interpreter's: dropped while the lock is held
  os.thread().end();
  os.thread().put_lock_down();
  return nullptr;
}

void RealProcess::continue_as(ProcessSlot& process, ThreadSlot& thread,
                              const std::function<int(Syscalls&)>& child) {
  slot_ = &process;
  threads_ = 1;
  numbers_ = 1;
  lock_.reset();
  slot_->pid.store(::getpid(), std::memory_order_release);
  RealSyscalls os(*this, thread);
  tell_task_created(os.thread().recorder(), thread);
  os.thread().begin(os.thread().draw());
  const int status = child(os);
  os.thread().end();
  exit(status);
}

void RealProcess::exit(int status) {
  slot_->has_ended.store(1, std::memory_order_release);
  ::_exit(status);
}

Instant RealProcess::since_start(const timespec& monotonic) const {
  return Instant::ns(monotonic.tv_sec * 1'000'000'000 + monotonic.tv_nsec -
                     arena_.start_ns.load(std::memory_order_relaxed));
}

std::uint32_t RealProcess::address_of(std::string_view host) const {
  const auto known = addresses_.find(host);
  return htonl(known != addresses_.end() ? known->second : INADDR_LOOPBACK);
}

}  // namespace stackscope
