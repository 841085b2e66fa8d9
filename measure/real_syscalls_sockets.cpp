// The real kernel's socket calls.

#include <cstring>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "measure/real_syscalls.hpp"

namespace stackscope {

namespace {

bool is_tcp(int family, int type, int protocol) {
  return (family == AF_INET || family == AF_INET6) && (type & 0xf) == SOCK_STREAM &&
         (protocol == 0 || protocol == IPPROTO_TCP);
}

/// A namespace inherits the congestion control of the machine, and may not choose another; a socket may.
void set_cubic(int fd) {
  constexpr std::string_view kCubic = "cubic";
  ::setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, kCubic.data(), kCubic.size());
}

/// Calls that fill an address say how long it is; where they give none, they say 0.
template <class Call>
std::int64_t fill(SocketAddress& address, Call call) {
  socklen_t length = SocketAddress::capacity();
  const std::int64_t result = or_errno(call(address.data(), &length));
  if (result >= 0) address.set_length(std::min(length, SocketAddress::capacity()));
  return result;
}

std::uint32_t told_address(const SocketAddress& address) {
  return address.family() == AF_INET ? address.ipv4_address() : 0;
}

/// Room for descriptors in a message. Linux: SCM_RIGHTS
class Rights {
 public:
  explicit Rights(std::size_t most) : room_(most > 0 ? CMSG_SPACE(most * sizeof(int)) : 0) {}

  void put(std::span<const int> rights, msghdr& message) {
    if (room_.empty()) return;
    attach(message);
    cmsghdr* const head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(rights.size_bytes());
    std::memcpy(CMSG_DATA(head), rights.data(), rights.size_bytes());
  }
  void attach(msghdr& message) {
    if (room_.empty()) return;
    message.msg_control = room_.data();
    message.msg_controllen = room_.size();
  }
  static std::vector<int> take(msghdr& message) {
    std::vector<int> rights;
    for (cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr; head = CMSG_NXTHDR(&message, head)) {
      if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
      const std::size_t before = rights.size();
      rights.resize(before + (head->cmsg_len - CMSG_LEN(0)) / sizeof(int));
      std::memcpy(rights.data() + before, CMSG_DATA(head), head->cmsg_len - CMSG_LEN(0));
    }
    return rights;
  }

 private:
  std::vector<char> room_;  // as new aligned as a cmsghdr needs
};

}  // namespace

int RealSyscalls::socket(int family, int type, int protocol) {
  const auto make = [&] {
    const std::int64_t fd = or_errno(::socket(family, type, protocol));
    if (fd >= 0 && process_.arena().sets_cubic && is_tcp(family, type, protocol)) {
      set_cubic(static_cast<int>(fd));
    }
    return fd;
  };
  return static_cast<int>(thread_.call<call::Socket>(make, family, type, protocol));
}

int RealSyscalls::socketpair(int family, int type, int protocol, std::array<int, 2>& fds) {
  return static_cast<int>(thread_.call<call::Socketpair>(
      [&] { return or_errno(::socketpair(family, type, protocol, fds.data())); }, family, type, protocol));
}

int RealSyscalls::bind(int fd, const SocketAddress& address) {
  return static_cast<int>(
      thread_.call<call::Bind>([&] { return or_errno(::bind(fd, address.data(), address.length())); }, fd,
                               told_address(address), address.port()));
}

int RealSyscalls::listen(int fd, int backlog) {
  return static_cast<int>(
      thread_.call<call::Listen>([&] { return or_errno(::listen(fd, backlog)); }, fd, backlog));
}

int RealSyscalls::accept4(int fd, SocketAddress* peer, int flags) {
  const auto accept = [&](sockaddr* address, socklen_t* length) {
    return ::accept4(fd, address, length, flags);
  };
  return static_cast<int>(thread_.call<call::Accept4>(
      [&] { return peer != nullptr ? fill(*peer, accept) : or_errno(accept(nullptr, nullptr)); }, fd, flags));
}

int RealSyscalls::connect(int fd, const SocketAddress& address) {
  return static_cast<int>(
      thread_.call<call::Connect>([&] { return or_errno(::connect(fd, address.data(), address.length())); },
                                  fd, told_address(address), address.port()));
}

int RealSyscalls::getsockname(int fd, SocketAddress& address) {
  const auto get = [fd](sockaddr* to, socklen_t* length) { return ::getsockname(fd, to, length); };
  return static_cast<int>(thread_.call<call::Getsockname>([&] { return fill(address, get); }, fd));
}

int RealSyscalls::getpeername(int fd, SocketAddress& address) {
  const auto get = [fd](sockaddr* to, socklen_t* length) { return ::getpeername(fd, to, length); };
  return static_cast<int>(thread_.call<call::Getpeername>([&] { return fill(address, get); }, fd));
}

int RealSyscalls::shutdown(int fd, int how) {
  return static_cast<int>(
      thread_.call<call::Shutdown>([&] { return or_errno(::shutdown(fd, how)); }, fd, how));
}

int RealSyscalls::setsockopt(int fd, int level, int option, const void* value, socklen_t length) {
  int number = 0;
  if (value != nullptr && length >= sizeof number) std::memcpy(&number, value, sizeof number);
  return static_cast<int>(thread_.call<call::Setsockopt>(
      [&] { return or_errno(::setsockopt(fd, level, option, value, length)); }, fd, level, option, number));
}

int RealSyscalls::getsockopt(int fd, int level, int option, void* value, socklen_t& length) {
  return static_cast<int>(thread_.call<call::Getsockopt>(
      [&] { return or_errno(::getsockopt(fd, level, option, value, &length)); }, fd, level, option));
}

std::int64_t RealSyscalls::sendto(int fd, ConstBuffer from, int flags, const SocketAddress* to) {
  const void* const data = data_of(from);
  const sockaddr* const address = to != nullptr ? to->data() : nullptr;
  const socklen_t length = to != nullptr ? to->length() : 0;
  return thread_.call<call::Sendto>(
      [&] { return or_errno(::sendto(fd, data, from.size, flags, address, length)); }, fd, from.size, flags,
      to != nullptr ? to->port() : 0);
}

std::int64_t RealSyscalls::recvfrom(int fd, Buffer to, int flags, SocketAddress* from) {
  void* const data = data_of(to);
  const auto receive = [&](sockaddr* address, socklen_t* length) {
    return ::recvfrom(fd, data, to.size, flags, address, length);
  };
  return thread_.call<call::Recvfrom>(
      [&] { return from != nullptr ? fill(*from, receive) : or_errno(receive(nullptr, nullptr)); }, fd,
      to.size, flags);
}

std::int64_t RealSyscalls::sendmsg(int fd, const SendMessage& message, int flags) {
  std::vector<iovec> parts = dropped_.vector_of(message.parts);
  Rights rights(message.rights.size());
  msghdr header{};
  header.msg_iov = parts.data();
  header.msg_iovlen = parts.size();
  if (message.to) {
    header.msg_name = const_cast<sockaddr*>(message.to.data());
    header.msg_namelen = message.to.length();
  }
  rights.put(message.rights, header);
  return thread_.call<call::Sendmsg>([&] { return or_errno(::sendmsg(fd, &header, flags)); }, fd,
                                     parts.size(), flags);
}

std::int64_t RealSyscalls::recvmsg(int fd, ReceiveMessage& message, int flags) {
  std::vector<iovec> parts = dropped_.vector_of(message.parts);
  Rights rights(message.most_rights);
  msghdr header{};
  header.msg_iov = parts.data();
  header.msg_iovlen = parts.size();
  header.msg_name = message.from.data();
  header.msg_namelen = SocketAddress::capacity();
  rights.attach(header);
  const std::int64_t result = thread_.call<call::Recvmsg>(
      [&] { return or_errno(::recvmsg(fd, &header, flags)); }, fd, parts.size(), flags);
  if (result < 0) return result;
  message.from.set_length(std::min<socklen_t>(header.msg_namelen, SocketAddress::capacity()));
  message.rights = Rights::take(header);
  message.flags = header.msg_flags;
  return result;
}

}  // namespace stackscope
