// A server that sends one block of bytes on every connection, and closes it. It knows one connection at a time, and blocks.

#include <algorithm>
#include <sys/socket.h>

#include "kernel_model/vocabulary/parameter.hpp"
#include "userland/programs.hpp"
#include "userland/sockets.hpp"

namespace stackscope {
namespace {

/// False where the peer has gone.
bool send_block(Syscalls& os, int fd, std::int64_t bytes, std::int64_t at_once) {
  for (std::int64_t left = bytes; left > 0;) {
    const std::int64_t n =
        os.sendto(fd, {nullptr, static_cast<std::size_t>(std::min(left, at_once))}, MSG_NOSIGNAL, nullptr);
    if (n < 0) return false;
    left -= n;
  }
  return true;
}

}  // namespace

void bulk_server(Syscalls& os, const Arguments& args) {
  const std::int64_t size = args.bytes("size"), at_once = args.bytes("write");
  const int sndbuf = static_cast<int>(args.bytes("sndbuf"));
  const int listener = listen_on(
      os, {.port = static_cast<std::uint16_t>(args.integer("port")), .backlog = 128, .blocking = true});
  if (listener < 0) return;
  for (;;) {
    const int fd = os.accept4(listener, SOCK_CLOEXEC);
    if (!succeeded(os, "failed: accept4", fd)) return;
    if (sndbuf > 0 && !succeeded(os, "failed: setsockopt", os.setsockopt(fd, SOL_SOCKET, SO_SNDBUF, sndbuf)))
      return;
    send_block(os, fd, size, at_once);
    os.close(fd);
  }
}

}  // namespace stackscope
