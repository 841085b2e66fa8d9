// A client on one connection that writes a message and blocks until its answer is whole.
//
// It does not read while it writes: a message larger than what the sockets of both ends buffer waits for ever, here as
// on any kernel.

#include "kernel_model/vocabulary/parameter.hpp"
#include "userland/programs.hpp"
#include "userland/sockets.hpp"

namespace stackscope {
namespace {

/// Returns false when the connection is of no more use.
bool exchange(Syscalls& os, int fd, std::int64_t bytes) {
  if (!succeeded(os, "failed: write", write_all(os, fd, bytes))) return false;
  const std::int64_t answered = read_all(os, fd, bytes);
  if (!succeeded(os, "failed: read", answered)) return false;
  if (answered < bytes) os.note("answer cut short", answered);
  return answered == bytes;
}

}  // namespace

void echo_client(Syscalls& os, const Arguments& args) {
  const Address to = args.address("to");
  const std::int64_t messages = args.integer("messages"), size = args.bytes("size");
  const Duration gap = args.duration("gap");
  const int fd = connect_to(os, to.host, to.port, args.flag("nodelay"));
  if (fd < 0) return;
  for (std::int64_t i = 0; i < messages; ++i) {
    if (i > 0 && gap) os.nanosleep(gap);
    os.request_begins(static_cast<std::uint64_t>(i), fd);
    if (!exchange(os, fd, size)) break;
    os.request_ends(static_cast<std::uint64_t>(i), fd);
  }
  os.close(fd);
}

}  // namespace stackscope
