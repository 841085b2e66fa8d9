// A server that waits for what its client says next, and perhaps says something itself from time to time. It knows one
// connection at a time, and notes how that ended: with which errno, or 0 where the client ended it.

#include <algorithm>
#include <cerrno>
#include <climits>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "kernel_model/vocabulary/parameter.hpp"
#include "userland/programs.hpp"
#include "userland/sockets.hpp"

namespace stackscope {
namespace {

int seconds(const Arguments& args, std::string_view name) {
  return static_cast<int>(args.duration(name) / Duration::s(1));
}

/// What is 0 stays as the kernel has it.
bool set_options(Syscalls& os, int fd, const Arguments& args) {
  const auto set = [&](int level, int option, int value) {
    return value == 0 || succeeded(os, "failed: setsockopt", os.setsockopt(fd, level, option, value));
  };
  return set(SOL_SOCKET, SO_KEEPALIVE, args.flag("keepalive") ? 1 : 0) &&
         set(IPPROTO_TCP, TCP_KEEPIDLE, seconds(args, "keepidle")) &&
         set(IPPROTO_TCP, TCP_KEEPINTVL, seconds(args, "keepintvl")) &&
         set(IPPROTO_TCP, TCP_KEEPCNT, static_cast<int>(args.integer("keepcnt"))) &&
         set(IPPROTO_TCP, TCP_USER_TIMEOUT,
             static_cast<int>(args.duration("user_timeout") / Duration::ms(1)));
}

/// 0 at the peer's end, or what went wrong.
std::int64_t wait_for_end(Syscalls& os, int fd, Duration every) {
  const auto timeout = static_cast<int>(std::min<std::int64_t>(every / Duration::ms(1), INT_MAX));
  for (;;) {
    pollfd watched{fd, POLLIN, 0};
    const int ready = os.poll({&watched, 1}, every ? timeout : -1);
    if (ready < 0) return ready;
    char byte;
    const std::int64_t n = ready > 0 ? os.read(fd, {reinterpret_cast<std::byte*>(&byte), 1})
                                     : os.sendto(fd, {nullptr, 100}, MSG_NOSIGNAL, nullptr);
    if (n <= 0) return n;
  }
}

}  // namespace

void patient_server(Syscalls& os, const Arguments& args) {
  const int listener = listen_on(
      os, {.port = static_cast<std::uint16_t>(args.integer("port")), .backlog = 128, .blocking = true});
  if (listener < 0) return;
  for (;;) {
    const int fd = os.accept4(listener, SOCK_CLOEXEC);
    if (!succeeded(os, "failed: accept4", fd) || !set_options(os, fd, args)) return;
    const std::int64_t end = wait_for_end(os, fd, args.duration("every"));
    os.note("connection is over", -end);
    os.close(fd);
  }
}

}  // namespace stackscope
