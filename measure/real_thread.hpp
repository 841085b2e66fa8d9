#pragma once
// One thread of a real program: what stands around each of its calls.
//
// A call is told as it begins, the interpreter's lock is put down, the kernel does its work, the result is told, and the
// lock is taken again behind those who came first. The thread's slot says all the while where it is.

#include <cerrno>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "measure/interpreter_lock.hpp"
#include "measure/recorder.hpp"

namespace stackscope {

/// A result of the C library's as the kernel gave it: a value, or −errno.
inline std::int64_t or_errno(std::int64_t result) { return result < 0 ? -errno : result; }

/// Voluntary context switches of the calling thread so far. Linux: task_struct.nvcsw
std::int64_t voluntary_switches();

class RealThread {
 public:
  /// `lock`: null where threads run at the same time. `counts_wakeups`: for two more system calls around each. All must
  /// outlive it.
  RealThread(Arena& arena, ThreadSlot& slot, InterpreterLock* lock, bool counts_wakeups);

  /// Told by the thread itself before its body begins, and after it ended: then others no longer wait for it. It still has
  /// the lock: where the process ends with it, nobody else may go on.
  void begin(InterpreterLock::Ticket ticket);
  void end();

  /// The call `Which`: `raw` makes it and gives a value or −errno.
  template <class Which, class Raw, class... Arguments>
  std::int64_t call(Raw raw, Arguments... arguments) {
    return call_then<Which>(raw, [] {}, arguments...);
  }
  /// The same; `then` runs when this thread's place behind the lock is taken already.
  template <class Which, class Raw, class Then, class... Arguments>
  std::int64_t call_then(Raw raw, Then then, Arguments... arguments) {
    enter<Which>(arguments...);
    put_lock_down();
    const std::int64_t result = raw();
    leave<Which>(result);
    const InterpreterLock::Ticket ticket = draw();
    then();
    wait_for_lock(ticket);
    return result;
  }

  // The parts, for calls that need another order.
  template <class Which, class... Arguments>
  void enter(Arguments... arguments) {
    begin_call(Which::Enter::kCallName, {static_cast<std::int64_t>(arguments)...}, tell_enter<Which>);
  }
  template <class Which>
  void leave(std::int64_t result) {
    end_call();
    recorder_.tell(tell_exit<Which>, {result});
  }
  InterpreterLock::Ticket draw() { return lock_ != nullptr ? lock_->draw() : 0; }
  void put_lock_down() {
    if (lock_ != nullptr) lock_->put_down();
  }
  void wait_for_lock(InterpreterLock::Ticket ticket);
  /// Whoever waits for the lock goes first.
  void pass_lock();

  /// Sleeps until the warden has answered what the slot asks.
  void ask(Request request);
  ThreadSlot& slot() { return slot_; }
  const ThreadSlot& slot() const { return slot_; }
  Recorder& recorder() { return recorder_; }

 private:
  void begin_call(std::string_view name, std::initializer_list<std::int64_t> arguments, TellEvent how);
  void end_call();

  Arena& arena_;
  ThreadSlot& slot_;
  InterpreterLock* lock_;
  const bool counts_wakeups_;
  Recorder recorder_;
};

}  // namespace stackscope
