#include "userland/sockets.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

namespace stackscope {
namespace {

/// Closes `fd` if its set-up failed: the descriptor then, or the failure.
int kept(Syscalls& os, int fd, std::string_view failure, int result) {
  if (succeeded(os, failure, result)) return fd;
  os.close(fd);
  return result;
}

int set_options(Syscalls& os, int fd, bool reuseport) {
  if (const int result = os.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1); result < 0) return result;
  return reuseport ? os.setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, 1) : 0;
}

}  // namespace

bool succeeded(Syscalls& os, std::string_view failure, std::int64_t result) {
  if (result < 0) os.note(failure, -result);
  return result >= 0;
}

SocketAddress internet_address(std::uint32_t address, std::uint16_t port) {
  return SocketAddress::ipv4(ntohl(address), port);
}

int listen_on(Syscalls& os, const Listening& how) {
  const int fd = os.socket(AF_INET, SOCK_STREAM | (how.blocking ? 0 : SOCK_NONBLOCK), 0);
  if (!succeeded(os, "failed: socket", fd)) return fd;
  if (const int set = kept(os, fd, "failed: setsockopt", set_options(os, fd, how.reuseport)); set < 0)
    return set;
  const int bound = kept(os, fd, "failed: bind", os.bind(fd, internet_address(htonl(INADDR_ANY), how.port)));
  if (bound < 0) return bound;
  return kept(os, fd, "failed: listen", os.listen(fd, how.backlog));
}

int connect_to(Syscalls& os, std::string_view host, std::uint16_t port, bool nodelay) {
  const int fd = os.socket(AF_INET, SOCK_STREAM, 0);
  if (!succeeded(os, "failed: socket", fd)) return fd;
  const int set =
      nodelay ? kept(os, fd, "failed: setsockopt", os.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, 1)) : fd;
  if (set < 0) return set;
  return kept(os, fd, "failed: connect", os.connect(fd, internet_address(os.address_of(host), port)));
}

int watch(Syscalls& os, int epoll, int operation, int fd, std::uint32_t events, std::uint64_t data) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = data;
  return os.epoll_ctl(epoll, operation, fd, event);
}

std::int64_t write_all(Syscalls& os, int fd, std::int64_t bytes) {
  for (std::int64_t done = 0; done < bytes;) {
    const std::int64_t n = os.write(fd, {nullptr, static_cast<std::size_t>(bytes - done)});
    if (n < 0) return n;
    done += n;
  }
  return bytes;
}

std::int64_t read_all(Syscalls& os, int fd, std::int64_t bytes) {
  std::int64_t done = 0;
  while (done < bytes) {
    const std::int64_t n = os.read(fd, {nullptr, static_cast<std::size_t>(bytes - done)});
    if (n < 0) return n;
    if (n == 0) break;
    done += n;
  }
  return done;
}

}  // namespace stackscope
