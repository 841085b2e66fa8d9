#include "gui/app/call_text.hpp"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <span>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <utility>

namespace stackscope::gui {
namespace {

using Named = std::pair<std::uint64_t, std::string_view>;
#define NAMED(constant) \
  Named { static_cast<std::uint64_t>(constant), #constant }

constexpr Named kEpollEvents[] = {
    NAMED(EPOLLIN),    NAMED(EPOLLPRI),       NAMED(EPOLLOUT),    NAMED(EPOLLERR),     NAMED(EPOLLHUP),
    NAMED(EPOLLRDHUP), NAMED(EPOLLRDNORM),    NAMED(EPOLLRDBAND), NAMED(EPOLLWRNORM),  NAMED(EPOLLWRBAND),
    NAMED(EPOLLMSG),   NAMED(EPOLLEXCLUSIVE), NAMED(EPOLLWAKEUP), NAMED(EPOLLONESHOT), NAMED(EPOLLET)};
constexpr Named kEpollOps[] = {NAMED(EPOLL_CTL_ADD), NAMED(EPOLL_CTL_MOD), NAMED(EPOLL_CTL_DEL)};
constexpr Named kFamilies[] = {NAMED(AF_INET), NAMED(AF_INET6), NAMED(AF_UNIX)};
constexpr Named kTypes[] = {NAMED(SOCK_STREAM), NAMED(SOCK_DGRAM)};
constexpr Named kSocketFlags[] = {NAMED(SOCK_NONBLOCK), NAMED(SOCK_CLOEXEC)};
constexpr Named kOpenFlags[] = {NAMED(O_NONBLOCK), NAMED(O_CLOEXEC)};
constexpr Named kEventfdFlags[] = {NAMED(EFD_SEMAPHORE), NAMED(EFD_NONBLOCK), NAMED(EFD_CLOEXEC)};
constexpr Named kMessageFlags[] = {NAMED(MSG_OOB),      NAMED(MSG_PEEK),    NAMED(MSG_TRUNC),
                                   NAMED(MSG_DONTWAIT), NAMED(MSG_WAITALL), NAMED(MSG_NOSIGNAL)};
constexpr Named kLevels[] = {NAMED(SOL_SOCKET), NAMED(IPPROTO_TCP), NAMED(IPPROTO_IP), NAMED(IPPROTO_IPV6)};
constexpr Named kSocketOptions[] = {
    NAMED(SO_REUSEADDR), NAMED(SO_ERROR),      NAMED(SO_SNDBUF),   NAMED(SO_RCVBUF),
    NAMED(SO_KEEPALIVE), NAMED(SO_OOBINLINE),  NAMED(SO_LINGER),   NAMED(SO_REUSEPORT),
    NAMED(SO_RCVLOWAT),  NAMED(SO_RCVTIMEO),   NAMED(SO_SNDTIMEO), NAMED(SO_BUSY_POLL),
    NAMED(SO_TYPE),      NAMED(SO_ACCEPTCONN), NAMED(SO_DOMAIN),   NAMED(SO_PROTOCOL)};
constexpr Named kTcpOptions[] = {NAMED(TCP_NODELAY),      NAMED(TCP_MAXSEG),    NAMED(TCP_CORK),
                                 NAMED(TCP_KEEPIDLE),     NAMED(TCP_KEEPINTVL), NAMED(TCP_KEEPCNT),
                                 NAMED(TCP_SYNCNT),       NAMED(TCP_LINGER2),   NAMED(TCP_DEFER_ACCEPT),
                                 NAMED(TCP_WINDOW_CLAMP), NAMED(TCP_INFO),      NAMED(TCP_QUICKACK),
                                 NAMED(TCP_USER_TIMEOUT)};
constexpr Named kHows[] = {NAMED(SHUT_RD), NAMED(SHUT_WR), NAMED(SHUT_RDWR)};
constexpr Named kPolicies[] = {NAMED(SCHED_OTHER), NAMED(SCHED_FIFO), NAMED(SCHED_RR)};
constexpr Named kIoctls[] = {NAMED(FIONREAD), NAMED(FIONBIO), NAMED(TIOCOUTQ)};
constexpr Named kFcntls[] = {NAMED(F_DUPFD), NAMED(F_GETFD), NAMED(F_SETFD),
                             NAMED(F_GETFL), NAMED(F_SETFL), NAMED(F_DUPFD_CLOEXEC)};
constexpr Named kFutexOps[] = {NAMED(FUTEX_WAIT), NAMED(FUTEX_WAKE)};
#undef NAMED

/// "" where it is none of these.
std::string_view name_in(std::span<const Named> names, std::int64_t value) {
  for (const auto& [number, name] : names)
    if (std::cmp_equal(number, value)) return name;
  return {};
}

std::string one_of(std::span<const Named> names, std::int64_t value) {
  const std::string_view name = name_in(names, value);
  return name.empty() ? fmt::format("{}", value) : std::string(name);
}

/// "A|B|0x40": what has no name, as a number. 0 is 0.
std::string flags(std::span<const Named> names, std::int64_t value) {
  auto rest = static_cast<std::uint64_t>(value);
  std::string text;
  for (const auto& [bits, name] : names) {
    if (bits == 0 || (rest & bits) != bits) continue;
    text += fmt::format("{}{}", text.empty() ? "" : "|", name);
    rest &= ~bits;
  }
  if (rest == 0) return text.empty() ? "0" : text;
  return text.empty() ? fmt::format("{:#x}", rest) : fmt::format("{}|{:#x}", text, rest);
}

std::string socket_type(std::int64_t value) {
  constexpr std::int64_t kFlags = SOCK_NONBLOCK | SOCK_CLOEXEC;
  std::string text = one_of(kTypes, value & ~kFlags);
  return (value & kFlags) == 0 ? text : text + "|" + flags(kSocketFlags, value & kFlags);
}

std::span<const Named> flags_of(std::string_view call) {
  if (call == "accept4") return kSocketFlags;
  if (call == "eventfd2") return kEventfdFlags;
  if (call.starts_with("send") || call.starts_with("recv")) return kMessageFlags;
  if (call == "clone") return {};
  return kOpenFlags;  // EPOLL_CLOEXEC and TFD_… are the same bits
}

std::string signal(std::int64_t number) {
  const char* const name = sigabbrev_np(static_cast<int>(number));
  return name == nullptr ? fmt::format("{}", number) : fmt::format("SIG{}", name);
}

}  // namespace

std::string return_text(std::int64_t ret) {
  if (ret >= 0) return fmt::format("{}", ret);
  const char* const name = strerrorname_np(static_cast<int>(-ret));
  return name == nullptr ? fmt::format("{}", ret) : fmt::format("-1 {}", name);
}

std::string argument_text(std::string_view call, std::string_view argument, std::int64_t value) {
  if (argument == "op") return call == "futex" ? one_of(kFutexOps, value) : one_of(kEpollOps, value);
  if (argument == "events") return flags(kEpollEvents, value & 0xffffffff);
  if (argument == "family") return one_of(kFamilies, value);
  if (argument == "type") return socket_type(value);
  if (argument == "flags") return flags(flags_of(call), value);
  if (argument == "level") return one_of(kLevels, value);
  if (argument == "how") return one_of(kHows, value);
  if (argument == "policy") return one_of(kPolicies, value);
  if (argument == "sig") return signal(value);
  if (argument == "cmd") return call == "ioctl" ? one_of(kIoctls, value) : one_of(kFcntls, value);
  return fmt::format("{}", value);
}

std::string call_text(const KindSchema& kind, const RawRecord& entry) {
  constexpr std::string_view kPrefix = "syscalls:sys_enter_";
  const std::string_view call =
      std::string_view(kind.name).substr(std::min(kPrefix.size(), kind.name.size()));
  std::string text;
  std::int64_t level = -1;
  for (const FieldSchema& field : kind.fields) {
    if (field.name == "task") continue;
    const std::int64_t number = value(field, entry);
    if (field.name == "level") level = number;
    std::string one = argument_text(call, field.name, number);
    if (field.name == "optname" && level == SOL_SOCKET) one = one_of(kSocketOptions, number);
    if (field.name == "optname" && level == IPPROTO_TCP) one = one_of(kTcpOptions, number);
    text += fmt::format("{}{}", text.empty() ? "" : ", ", one);
  }
  return fmt::format("{}({})", call, text);
}

}  // namespace stackscope::gui
