// System calls of files that are no sockets.

#include <fcntl.h>

#include "kernel_model/files/pipe_end.hpp"
#include "kernel_model/host/model_syscalls.hpp"
#include "kernel_model/host/system_call.hpp"

namespace stackscope {

namespace {

/// Two descriptors for two files, in order; without room for both none, and the files are let go.
/// Linux: fs/pipe.c __do_pipe_flags(), do_pipe2()
int install_pair(FdTable& table, Files& files, PipeEnd& first, PipeEnd& second, std::array<int, 2>& fds) {
  const int lower = table.reserve();
  const int upper = lower < 0 ? lower : table.reserve();
  if (upper < 0) {
    if (lower >= 0) table.unreserve(lower);
    files.let_go(first);
    files.let_go(second);
    return upper;
  }
  fds = {lower, upper};
  table.install(lower, first);
  table.install(upper, second);
  return 0;
}

}  // namespace

int ModelSyscalls::pipe2(std::array<int, 2>& fds, int flags) {
  const auto body = [&] {
    if ((flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT)) != 0) return -EINVAL;
    Files& files = host_.files();
    host_.scheduler().cpu().charge(files.costs().pipe_create);
    const auto [reading, writing] = make_pipe(files, flags);
    return install_pair(process_.fds, files, reading, writing, fds);
  };
  return static_cast<int>(system_call<call::Pipe2>(host_, body, flags));
}

}  // namespace stackscope
