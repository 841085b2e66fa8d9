#include "kernel_model/vocabulary/socket_address.hpp"

#include <array>
#include <charconv>
#include <cstddef>

namespace stackscope {

namespace {

/// Digits alone, up to 65535.
std::optional<std::uint16_t> parse_port(std::string_view digits) {
  std::uint16_t port = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, port);
  if (digits.empty() || error != std::errc{} || stopped != end) return std::nullopt;
  return port;
}

}  // namespace

SocketAddress SocketAddress::ipv4(std::uint32_t address, std::uint16_t port) {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_addr.s_addr = htonl(address);
  made.sin_port = htons(port);
  return made;
}

SocketAddress SocketAddress::ipv6(const in6_addr& address, std::uint16_t port) {
  sockaddr_in6 made{};
  made.sin6_family = AF_INET6;
  made.sin6_addr = address;
  made.sin6_port = htons(port);
  return made;
}

SocketAddress SocketAddress::unnamed_unix() {
  SocketAddress made;
  made.as_.any.sa_family = AF_UNIX;
  made.length_ = offsetof(sockaddr_un, sun_path);
  return made;
}

SocketAddress SocketAddress::unspecified() { return sockaddr_in{}; }

std::optional<SocketAddress> SocketAddress::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::optional<std::uint16_t> port = parse_port(text.substr(colon + 1));
  const std::string host(text.substr(0, colon));
  if (!port) return std::nullopt;
  if (in_addr v4{}; inet_pton(AF_INET, host.c_str(), &v4) == 1) return ipv4(ntohl(v4.s_addr), *port);
  if (host.size() < 2 || host.front() != '[' || host.back() != ']') return std::nullopt;
  in6_addr v6{};
  if (inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6) != 1) return std::nullopt;
  return ipv6(v6, *port);
}

std::uint16_t SocketAddress::port() const {
  if (family() == AF_INET) return ntohs(as_.v4.sin_port);
  return family() == AF_INET6 ? ntohs(as_.v6.sin6_port) : std::uint16_t{0};
}

std::string SocketAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> host{};
  if (family() == AF_INET) {
    inet_ntop(AF_INET, &as_.v4.sin_addr, host.data(), host.size());
    return std::string(host.data()) + ":" + std::to_string(port());
  }
  if (family() != AF_INET6) return "";
  inet_ntop(AF_INET6, &as_.v6.sin6_addr, host.data(), host.size());
  return "[" + std::string(host.data()) + "]:" + std::to_string(port());
}

}  // namespace stackscope
