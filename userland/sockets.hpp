#pragma once
// What programs on sockets would otherwise each write again: to listen, to connect, to write all of something.

#include <string_view>

#include "kernel_model/syscalls.hpp"

namespace stackscope {

/// Whether a call succeeded. If not, the program notes it with its errno, and should end: nobody throws across a
/// system call. `failure` is what it notes: "failed: bind".
bool succeeded(Syscalls& os, std::string_view failure, std::int64_t result);

SocketAddress internet_address(std::uint32_t address, std::uint16_t port);

struct Listening {
  std::uint16_t port;
  int backlog;
  bool reuseport = false;
  bool blocking = false;
};

/// A listener on every address of the host, or −errno, which is noted already. Non-blocking unless asked otherwise.
int listen_on(Syscalls& os, const Listening& how);

/// A connected, blocking socket, or −errno, which is noted already.
int connect_to(Syscalls& os, std::string_view host, std::uint16_t port, bool nodelay);

/// `fd` in the interest list, its events marked with `data`. Returns 0 or −errno.
int watch(Syscalls& os, int epoll, int operation, int fd, std::uint32_t events, std::uint64_t data);

/// Both block until all `bytes` have passed, and return that, or −errno. Reading returns less where the peer ends.
std::int64_t write_all(Syscalls& os, int fd, std::int64_t bytes);
std::int64_t read_all(Syscalls& os, int fd, std::int64_t bytes);

}  // namespace stackscope
