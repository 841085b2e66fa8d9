// The socket calls of the model. Linux: net/socket.c __sys_socket() and its neighbours

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>

#include "kernel_model/files/tcp_socket_file.hpp"
#include "kernel_model/files/udp_socket_file.hpp"
#include "kernel_model/files/unix_socket_file.hpp"
#include "kernel_model/host/model_syscalls.hpp"
#include "kernel_model/host/socket_ref.hpp"
#include "kernel_model/host/system_call.hpp"

namespace stackscope {

namespace {

constexpr int kTypeMask = 15;  // SOCK_TYPE_MASK

int flags_of(int type) { return O_RDWR | ((type & SOCK_NONBLOCK) != 0 ? O_NONBLOCK : 0); }

/// What records show of an address.
std::uint32_t ipv4_of(const SocketAddress& address) {
  return address.family() == AF_INET ? address.ipv4_address() : 0;
}

/// Whether there is such a socket, in the order in which Linux looks: __sock_create(), inet_create(), unix_create()
int check_kind(int family, int kind, int protocol) {
  constexpr int kMostType = 11, kMostProtocol = 263;  // SOCK_MAX, IPPROTO_MAX
  if (family < 0 || family >= AF_MAX) return -EAFNOSUPPORT;
  if (kind < 0 || kind >= kMostType) return -EINVAL;
  if (family == AF_UNIX) {
    if (protocol != 0 && protocol != PF_UNIX) return -EPROTONOSUPPORT;
    return kind == SOCK_STREAM || kind == SOCK_DGRAM || kind == SOCK_RAW || kind == SOCK_SEQPACKET
               ? 0
               : -ESOCKTNOSUPPORT;
  }
  if (family != AF_INET && family != AF_INET6) return -EAFNOSUPPORT;
  if (protocol < 0 || protocol >= kMostProtocol) return -EINVAL;
  if (kind == SOCK_STREAM) return protocol == 0 || protocol == IPPROTO_TCP ? 0 : -EPROTONOSUPPORT;
  const int ping = family == AF_INET ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6};
  if (kind == SOCK_DGRAM && protocol == ping) return -EACCES;  // nobody is in net.ipv4.ping_group_range
  if (kind == SOCK_DGRAM) return protocol == 0 || protocol == IPPROTO_UDP ? 0 : -EPROTONOSUPPORT;
  if (kind == SOCK_RAW) return protocol == 0 ? -EPROTONOSUPPORT : 0;
  return -ESOCKTNOSUPPORT;
}

}  // namespace

int ModelSyscalls::open_socket(int family, int type, int protocol) {
  if ((type & ~(kTypeMask | SOCK_NONBLOCK | SOCK_CLOEXEC)) != 0) return -EINVAL;
  if (const int error = check_kind(family, type & kTypeMask, protocol)) return error;
  Files& files = host_.files();
  if (family != AF_UNIX && (type & kTypeMask) == SOCK_RAW) return -ENOSYS;
  if (family == AF_UNIX) return process_.fds.open(open_unix(type), (type & SOCK_CLOEXEC) != 0);
  host_.scheduler().cpu().charge(host_.socket_costs().create);
  if ((type & kTypeMask) == SOCK_DGRAM) {
    UdpSocket& socket = host_.network().udp().create(host_.tcp().take_id());
    if (family == AF_INET6) socket.make_ipv6();
    auto file = std::make_unique<UdpSocketFile>(files.next_id(), flags_of(type), host_.scheduler(),
                                                host_.socket_costs(), socket);
    return process_.fds.open(files.adopt(std::move(file), socket.id().value), (type & SOCK_CLOEXEC) != 0);
  }
  TcpSocket& socket = host_.tcp().create();
  if (family == AF_INET6) socket.make_ipv6();
  auto file = std::make_unique<TcpSocketFile>(files.next_id(), flags_of(type), host_.scheduler(),
                                              host_.socket_costs(), socket);
  return process_.fds.open(files.adopt(std::move(file), socket.id().value), (type & SOCK_CLOEXEC) != 0);
}

// Linux: unix_create(); a raw one is of datagrams
UnixSocketFile& ModelSyscalls::open_unix(int type) {
  using Kind = UnixSocketFile::Kind;
  host_.scheduler().cpu().charge(host_.socket_costs().unix_create);
  const int kind = type & kTypeMask;
  const Kind as = kind == SOCK_STREAM      ? Kind::kStream
                  : kind == SOCK_SEQPACKET ? Kind::kSeqpacket
                                           : Kind::kDatagram;
  Files& files = host_.files();
  return files.adopt(
      std::make_unique<UnixSocketFile>(files.next_id(), flags_of(type), files, host_.socket_costs(), as));
}

// Both numbers are taken before there is a socket. Linux: __sys_socketpair()
int ModelSyscalls::open_pair(int family, int type, int protocol, std::array<int, 2>& fds) {
  if ((type & ~(kTypeMask | SOCK_NONBLOCK | SOCK_CLOEXEC)) != 0) return -EINVAL;
  FdTable& table = process_.fds;
  const bool closes_on_exec = (type & SOCK_CLOEXEC) != 0;
  const int first = table.reserve(closes_on_exec);
  if (first < 0) return first;
  const int second = table.reserve(closes_on_exec);
  int error = second < 0 ? second : check_kind(family, type & kTypeMask, protocol);
  if (error == 0 && family != AF_UNIX) error = -EOPNOTSUPP;
  if (error != 0) {
    if (second >= 0) table.unreserve(second);
    table.unreserve(first);
    return error;
  }
  UnixSocketFile& one = open_unix(type);
  UnixSocketFile& other = open_unix(type);
  UnixSocketFile::pair(one, other);
  table.install(first, one), table.install(second, other);
  fds = {first, second};
  return 0;
}

int ModelSyscalls::socketpair(int family, int type, int protocol, std::array<int, 2>& fds) {
  return static_cast<int>(system_call<call::Socketpair>(
      host_, [&] { return open_pair(family, type, protocol, fds); }, family, type, protocol));
}

int ModelSyscalls::socket(int family, int type, int protocol) {
  return static_cast<int>(system_call<call::Socket>(
      host_, [&] { return open_socket(family, type, protocol); }, family, type, protocol));
}

int ModelSyscalls::bind(int fd, const SocketAddress& address) {
  return static_cast<int>(system_call<call::Bind>(
      host_,
      [&] {
        const SocketRef socket{process_.fds, fd};
        if (!socket) return socket.error();
        return socket->bind(address);
      },
      fd, ipv4_of(address), address.port()));
}

int ModelSyscalls::listen(int fd, int backlog) {
  return static_cast<int>(system_call<call::Listen>(
      host_,
      [&] {
        const SocketRef socket{process_.fds, fd};
        if (!socket) return socket.error();
        return socket->listen(backlog);
      },
      fd, backlog));
}

// The descriptor is taken at entry, so a blocked accept holds its number.
int ModelSyscalls::accept4(int fd, SocketAddress* peer, int flags) {
  return static_cast<int>(system_call<call::Accept4>(
      host_,
      [&] {
        if ((flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) != 0) return -EINVAL;
        const SocketRef listener{process_.fds, fd};
        if (!listener) return listener.error();
        const int reserved = process_.fds.reserve((flags & SOCK_CLOEXEC) != 0);
        if (reserved < 0) return reserved;
        int error = 0;
        SocketFile* const opened = listener->accept(host_.files(), flags_of(flags), error);
        if (opened == nullptr) {
          process_.fds.unreserve(reserved);
          return error;
        }
        if (peer != nullptr && opened->accepted_from(*peer) < 0) {  // the connection is over already
          host_.files().let_go(*opened);
          process_.fds.unreserve(reserved);
          return -ECONNABORTED;
        }
        process_.fds.install(reserved, *opened);
        return reserved;
      },
      fd, flags));
}

int ModelSyscalls::connect(int fd, const SocketAddress& address) {
  return static_cast<int>(system_call<call::Connect>(
      host_,
      [&] {
        const SocketRef socket{process_.fds, fd};
        if (!socket) return socket.error();
        return socket->connect(address);
      },
      fd, ipv4_of(address), address.port()));
}

int ModelSyscalls::getsockname(int fd, SocketAddress& address) {
  return static_cast<int>(system_call<call::Getsockname>(
      host_,
      [&] {
        const SocketRef socket{process_.fds, fd};
        if (!socket) return socket.error();
        return socket->name(address, false);
      },
      fd));
}

int ModelSyscalls::getpeername(int fd, SocketAddress& address) {
  return static_cast<int>(system_call<call::Getpeername>(
      host_,
      [&] {
        const SocketRef socket{process_.fds, fd};
        if (!socket) return socket.error();
        return socket->name(address, true);
      },
      fd));
}

int ModelSyscalls::setsockopt(int fd, int level, int option, const void* value, socklen_t length) {
  int number = 0;
  if (length >= sizeof number) std::memcpy(&number, value, sizeof number);
  return static_cast<int>(system_call<call::Setsockopt>(
      host_,
      [&] {
        if (static_cast<int>(length) < 0) return -EINVAL;
        const SocketRef socket{process_.fds, fd};
        if (!socket) return socket.error();
        return socket->set_option(level, option, {static_cast<const std::byte*>(value), length});
      },
      fd, level, option, number));
}

int ModelSyscalls::getsockopt(int fd, int level, int option, void* value, socklen_t& length) {
  return static_cast<int>(system_call<call::Getsockopt>(
      host_,
      [&] {
        const SocketRef socket{process_.fds, fd};
        if (!socket) return socket.error();
        if (static_cast<int>(length) < 0) return -EINVAL;
        std::size_t filled = length;
        const int result =
            socket->get_option(level, option, {static_cast<std::byte*>(value), length}, filled);
        if (result == 0) length = static_cast<socklen_t>(filled);
        return result;
      },
      fd, level, option));
}

int ModelSyscalls::shutdown(int fd, int how) {
  return static_cast<int>(system_call<call::Shutdown>(
      host_,
      [&] {
        const SocketRef socket{process_.fds, fd};
        if (!socket) return socket.error();
        return socket->shutdown(how);
      },
      fd, how));
}

}  // namespace stackscope
