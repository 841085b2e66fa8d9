#pragma once
// The address of a socket, as programs give it and people read it.

#include <arpa/inet.h>
#include <cstdint>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>

namespace stackscope {

/// A sockaddr of any family with its length. Without a length it is none at all. Linux: struct sockaddr_storage
class SocketAddress {
 public:
  SocketAddress() = default;
  SocketAddress(const sockaddr_in& address) : length_(sizeof address) { as_.v4 = address; }
  SocketAddress(const sockaddr_in6& address) : length_(sizeof address) { as_.v6 = address; }

  /// `address` and `port` in host byte order.
  static SocketAddress ipv4(std::uint32_t address, std::uint16_t port);
  static SocketAddress ipv6(const in6_addr& address, std::uint16_t port);
  /// What an unnamed Unix socket is called: its family alone.
  static SocketAddress unnamed_unix();
  /// AF_UNSPEC: to connect there is to have no peer any longer.
  static SocketAddress unspecified();
  /// "127.0.0.1:8080", "[::1]:80", "[::ffff:127.0.0.1]:80"; nothing where it is none of these.
  static std::optional<SocketAddress> parse(std::string_view text);

  explicit operator bool() const { return length_ > 0; }
  sa_family_t family() const { return length_ > 0 ? as_.any.sa_family : AF_UNSPEC; }
  /// Host byte order; 0 where the family has none.
  std::uint16_t port() const;
  /// REQUIRES: family() == AF_INET. Host byte order.
  std::uint32_t ipv4_address() const { return ntohl(as_.v4.sin_addr.s_addr); }
  /// REQUIRES: family() == AF_INET6.
  const in6_addr& ipv6_address() const { return as_.v6.sin6_addr; }
  /// As parse() reads it; "" for a Unix socket, and where there is none.
  std::string text() const;

  // As system calls take it.
  const sockaddr* data() const { return &as_.any; }
  sockaddr* data() { return &as_.any; }
  socklen_t length() const { return length_; }
  static constexpr socklen_t capacity() { return sizeof(Storage); }
  /// What a system call wrote to data(). REQUIRES: at most capacity().
  void set_length(socklen_t length) { length_ = length; }

 private:
  union Storage {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
    sockaddr_un unix;
  };
  Storage as_{};
  socklen_t length_ = 0;
};

}  // namespace stackscope
