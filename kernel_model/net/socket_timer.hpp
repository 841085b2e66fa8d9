#pragma once
// A timer of a socket, on whichever CPU's wheel it was armed last.
//
// Linux: net/core/sock.c sk_reset_timer(), sk_stop_timer(). Arming and disarming are told as the kernel's
// tracepoints tell them: a timer that moves is cancelled and started; one whose place on the wheel stays is
// not mentioned.

#include "kernel_model/net/environment.hpp"
#include "kernel_model/timers/timer_wheel.hpp"
#include "kernel_model/vocabulary/file_records.hpp"

namespace stackscope {

class SocketTimer {
 public:
  /// `fire(owner)` is called when it expires.
  SocketTimer(TimerFunction function, void* owner, void (*fire)(void*))
      : timer_(owner, fire), function_(function) {}

  void arm(NetEnvironment& env, SocketId socket, Jiffies expires);
  void disarm(NetEnvironment& env, SocketId socket);
  bool is_pending() const { return timer_.is_pending(); }
  const WheelTimer& timer() const { return timer_; }

 private:
  WheelTimer timer_;
  TimerFunction function_;
};

/// For the constructor above: calls `(owner.*Method)()`.
template <auto Method, class Owner>
void call_method(void* owner) {
  (static_cast<Owner*>(owner)->*Method)();
}

Jiffies jiffies_now(NetEnvironment& env);

}  // namespace stackscope
