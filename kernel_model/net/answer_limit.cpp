#include "kernel_model/net/answer_limit.hpp"

#include "kernel_model/net/socket_timer.hpp"

namespace stackscope {

bool AnswerLimit::allows(NetEnvironment& env) {
  const Jiffies now = jiffies_now(env);
  const std::int64_t since = now - last_;
  if (last_ != Jiffies{} && since >= 0 && since < env.tick().hz().value / 2) return false;
  last_ = now;
  return true;
}

}  // namespace stackscope
