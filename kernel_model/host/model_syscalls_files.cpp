// System calls of files that are no sockets.

#include <fcntl.h>

#include "kernel_model/files/pipe_end.hpp"
#include "kernel_model/host/model_syscalls.hpp"
#include "kernel_model/host/system_call.hpp"

namespace stackscope {

int ModelSyscalls::pipe2(std::array<int, 2>& fds, int flags) {
  const auto body = [&] {
    if ((flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT)) != 0) return -EINVAL;
    Files& files = host_.files();
    host_.scheduler().cpu().charge(files.costs().pipe_create);
    return open_pipe(process_.fds, files, flags, fds);
  };
  return static_cast<int>(system_call<call::Pipe2>(host_, body, flags));
}

}  // namespace stackscope
