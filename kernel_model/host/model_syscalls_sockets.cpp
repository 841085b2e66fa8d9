// The socket calls of the model. Linux: net/socket.c __sys_socket() and its neighbours

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <optional>
#include <sys/socket.h>

#include "kernel_model/files/socket_file.hpp"
#include "kernel_model/host/model_syscalls.hpp"
#include "kernel_model/host/system_call.hpp"

namespace stackscope {

namespace {

/// What setsockopt() and getsockopt() know, by level and name.
std::optional<TcpOption> option_named(int level, int name) {
  struct Named {
    int level, name;
    TcpOption option;
  };
  static constexpr Named kOptions[] = {
      {SOL_SOCKET, SO_REUSEADDR, TcpOption::kReuseAddr}, {SOL_SOCKET, SO_REUSEPORT, TcpOption::kReusePort},
      {SOL_SOCKET, SO_RCVBUF, TcpOption::kRcvBuf},       {SOL_SOCKET, SO_SNDBUF, TcpOption::kSndBuf},
      {IPPROTO_TCP, TCP_NODELAY, TcpOption::kNoDelay},   {IPPROTO_TCP, TCP_CORK, TcpOption::kCork},
      {IPPROTO_TCP, TCP_QUICKACK, TcpOption::kQuickAck}};
  for (const Named& known : kOptions) {
    if (known.level == level && known.name == name) return known.option;
  }
  return std::nullopt;
}

/// The socket that a descriptor names, held by the call; or why there is none. Linux: net/socket.c sock_from_file()
class SocketRef {
 public:
  SocketRef(FdTable& fds, int fd) : file_(fds.get(fd)), socket_(file_ ? file_.as<SocketFile>() : nullptr) {}
  explicit operator bool() const { return socket_ != nullptr; }
  SocketFile* operator->() const { return socket_; }
  int error() const { return file_ ? -ENOTSOCK : -EBADF; }

 private:
  FileRef file_;
  SocketFile* socket_;
};

int flags_of(int type) { return O_RDWR | ((type & SOCK_NONBLOCK) != 0 ? O_NONBLOCK : 0); }

}  // namespace

int ModelSyscalls::install_socket(TcpSocket& socket, int type_flags) {
  Files& files = host_.files();
  auto file = std::make_unique<SocketFile>(files.next_id(), flags_of(type_flags), host_.scheduler(),
                                           host_.socket_costs(), socket);
  return process_.fds.open(files.adopt(std::move(file), socket.id().value), (type_flags & SOCK_CLOEXEC) != 0);
}

int ModelSyscalls::socket(int family, int type, int protocol) {
  return static_cast<int>(system_call<call::Socket>(
      host_,
      [&] {
        const int kind = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (family != AF_INET) return -EAFNOSUPPORT;
        if (kind != SOCK_STREAM) return -ESOCKTNOSUPPORT;
        if (protocol != 0 && protocol != IPPROTO_TCP) return -EPROTONOSUPPORT;
        host_.scheduler().cpu().charge(host_.socket_costs().create);
        return install_socket(host_.tcp().create(), type);
      },
      family, type, protocol));
}

int ModelSyscalls::bind(int fd, const SocketAddress& address) {
  return static_cast<int>(system_call<call::Bind>(
      host_,
      [&] {
        const SocketRef socket{process_.fds, fd};
        if (!socket) return socket.error();
        return socket->bind(address.ipv4_address(), address.port());
      },
      fd, address.ipv4_address(), address.port()));
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
        TcpSocket* const connection = listener->accept(error);
        if (connection == nullptr) {
          process_.fds.unreserve(reserved);
          return error;
        }
        if (peer != nullptr) {
          *peer = SocketAddress::ipv4(connection->tuple.remote_address, connection->tuple.remote_port);
        }
        Files& files = host_.files();
        auto opened = std::make_unique<SocketFile>(files.next_id(), flags_of(flags), host_.scheduler(),
                                                   host_.socket_costs(), *connection);
        process_.fds.install(reserved, files.adopt(std::move(opened), connection->id().value));
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
        if (address.family() != AF_INET) return -EAFNOSUPPORT;
        return socket->connect(address.ipv4_address(), address.port());
      },
      fd, address.ipv4_address(), address.port()));
}

int ModelSyscalls::getsockname(int fd, SocketAddress& address) {
  return static_cast<int>(system_call<call::Getsockname>(
      host_,
      [&] {
        const SocketRef socket{process_.fds, fd};
        if (!socket) return socket.error();
        const FourTuple& tuple = socket->tcp().tuple;
        address = SocketAddress::ipv4(tuple.local_address, tuple.local_port);
        return 0;
      },
      fd));
}

int ModelSyscalls::setsockopt(int fd, int level, int option, const void* value, socklen_t length) {
  int number = 0;
  const bool has_number = length >= sizeof number;
  if (has_number) std::memcpy(&number, value, sizeof number);
  return static_cast<int>(system_call<call::Setsockopt>(
      host_,
      [&] {
        const SocketRef socket{process_.fds, fd};
        if (!socket) return socket.error();
        if (!has_number) return -EINVAL;
        const auto known = option_named(level, option);
        return known ? socket->set_option(*known, number) : -ENOPROTOOPT;
      },
      fd, level, option, number));
}

int ModelSyscalls::getsockopt(int fd, int level, int option, void* value, socklen_t& length) {
  return static_cast<int>(system_call<call::Getsockopt>(
      host_,
      [&] {
        const SocketRef socket{process_.fds, fd};
        if (!socket) return socket.error();
        int number = 0;
        if (level == SOL_SOCKET && option == SO_ERROR) {
          number = socket->take_error();
        } else if (const auto known = option_named(level, option)) {
          number = socket->get_option(*known);
        } else {
          return -ENOPROTOOPT;
        }
        length = std::min(length, static_cast<socklen_t>(sizeof number));
        std::memcpy(value, &number, length);
        return 0;
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
