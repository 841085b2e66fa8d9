#include "kernel_model/net/socket_timer.hpp"

#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

Jiffies jiffies_now(NetEnvironment& env) { return env.tick().at(env.engine().now()); }

void SocketTimer::arm(NetEnvironment& env, SocketId socket, Jiffies expires) {
  TimerWheel& here = env.timer_wheel();
  if (timer_.is_pending() && timer_.wheel() != &here) disarm(env, socket);
  const Jiffies now = jiffies_now(env);
  const TimerWheel::Armed armed = here.arm(timer_, expires, now);
  if (!armed.enqueued) return;
  if (armed.was_pending) env.trace().emit(TimerCancel{function_, socket});
  env.trace().emit(TimerStart{function_, socket, expires.value, static_cast<std::int32_t>(expires - now)});
}

void SocketTimer::disarm(NetEnvironment& env, SocketId socket) {
  if (!timer_.is_pending()) return;
  timer_.wheel()->disarm(timer_);
  env.trace().emit(TimerCancel{function_, socket});
}

}  // namespace stackscope
