#include "measure/scheduling_trial.hpp"

#include <cerrno>
#include <sys/wait.h>
#include <unistd.h>

#include "measure/sandbox.hpp"

namespace stackscope {

bool may_be_scheduled(const RealProgram& program) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(set_scheduling(program) ? 0 : 1);
  if (pid < 0) return false;
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace stackscope
