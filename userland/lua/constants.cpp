#include "userland/lua/constants.hpp"

#include <algorithm>
#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <span>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <vector>

#include "sim/suggest.hpp"

namespace stackscope::lua {
namespace {

struct Constant {
  const char* name;
  lua_Integer value;
};

struct ConstantGroup {
  const char* title;
  std::span<const Constant> constants;
};

/// Flags in 32 bits are never negative, EPOLLET above all.
template <class T>
constexpr lua_Integer value_of(T value) {
  return static_cast<std::uint32_t>(value);
}

#define CONSTANT(name) \
  Constant { #name, value_of(name) }

constexpr Constant kGroup0[] = {
    CONSTANT(EPOLL_CTL_ADD), CONSTANT(EPOLL_CTL_MOD), CONSTANT(EPOLL_CTL_DEL), CONSTANT(EPOLL_CLOEXEC),
    CONSTANT(EPOLLIN),       CONSTANT(EPOLLPRI),      CONSTANT(EPOLLOUT),      CONSTANT(EPOLLERR),
    CONSTANT(EPOLLHUP),      CONSTANT(EPOLLRDNORM),   CONSTANT(EPOLLRDBAND),   CONSTANT(EPOLLWRNORM),
    CONSTANT(EPOLLWRBAND),   CONSTANT(EPOLLMSG),      CONSTANT(EPOLLRDHUP),    CONSTANT(EPOLLEXCLUSIVE),
    CONSTANT(EPOLLWAKEUP),   CONSTANT(EPOLLONESHOT),  CONSTANT(EPOLLET),
};

constexpr Constant kGroup1[] = {
    CONSTANT(POLLIN),     CONSTANT(POLLPRI),    CONSTANT(POLLOUT),    CONSTANT(POLLERR),
    CONSTANT(POLLHUP),    CONSTANT(POLLNVAL),   CONSTANT(POLLRDNORM), CONSTANT(POLLRDBAND),
    CONSTANT(POLLWRNORM), CONSTANT(POLLWRBAND), CONSTANT(POLLMSG),    CONSTANT(POLLRDHUP),
};

constexpr Constant kGroup2[] = {
    CONSTANT(AF_UNSPEC),     CONSTANT(AF_UNIX),      CONSTANT(AF_LOCAL),  CONSTANT(AF_INET),
    CONSTANT(AF_INET6),      CONSTANT(AF_NETLINK),   CONSTANT(AF_PACKET), CONSTANT(PF_UNIX),
    CONSTANT(PF_LOCAL),      CONSTANT(PF_INET),      CONSTANT(PF_INET6),  CONSTANT(SOCK_STREAM),
    CONSTANT(SOCK_DGRAM),    CONSTANT(SOCK_RAW),     CONSTANT(SOCK_RDM),  CONSTANT(SOCK_SEQPACKET),
    CONSTANT(SOCK_NONBLOCK), CONSTANT(SOCK_CLOEXEC), CONSTANT(SOMAXCONN), CONSTANT(SHUT_RD),
    CONSTANT(SHUT_WR),       CONSTANT(SHUT_RDWR),
};

constexpr Constant kGroup3[] = {
    CONSTANT(IPPROTO_IP),   CONSTANT(IPPROTO_ICMP),   CONSTANT(IPPROTO_TCP), CONSTANT(IPPROTO_UDP),
    CONSTANT(IPPROTO_IPV6), CONSTANT(IPPROTO_ICMPV6), CONSTANT(IPPROTO_RAW), CONSTANT(IPPROTO_MPTCP),
};

constexpr Constant kGroup4[] = {
    CONSTANT(SOL_SOCKET),
    CONSTANT(SOL_IP),
    CONSTANT(SOL_IPV6),
    CONSTANT(SOL_TCP),
    CONSTANT(SOL_UDP),
    CONSTANT(SO_DEBUG),
    CONSTANT(SO_REUSEADDR),
    CONSTANT(SO_TYPE),
    CONSTANT(SO_ERROR),
    CONSTANT(SO_DONTROUTE),
    CONSTANT(SO_BROADCAST),
    CONSTANT(SO_SNDBUF),
    CONSTANT(SO_RCVBUF),
    CONSTANT(SO_SNDBUFFORCE),
    CONSTANT(SO_RCVBUFFORCE),
    CONSTANT(SO_KEEPALIVE),
    CONSTANT(SO_OOBINLINE),
    CONSTANT(SO_NO_CHECK),
    CONSTANT(SO_PRIORITY),
    CONSTANT(SO_LINGER),
    CONSTANT(SO_BSDCOMPAT),
    CONSTANT(SO_REUSEPORT),
    CONSTANT(SO_PASSCRED),
    CONSTANT(SO_PEERCRED),
    CONSTANT(SO_RCVLOWAT),
    CONSTANT(SO_SNDLOWAT),
    CONSTANT(SO_RCVTIMEO),
    CONSTANT(SO_SNDTIMEO),
    CONSTANT(SO_BINDTODEVICE),
    CONSTANT(SO_TIMESTAMP),
    CONSTANT(SO_ACCEPTCONN),
    CONSTANT(SO_PEERSEC),
    CONSTANT(SO_MARK),
    CONSTANT(SO_PROTOCOL),
    CONSTANT(SO_DOMAIN),
    CONSTANT(SO_RXQ_OVFL),
    CONSTANT(SO_PEEK_OFF),
    CONSTANT(SO_BUSY_POLL),
    CONSTANT(SO_INCOMING_CPU),
    CONSTANT(SO_ZEROCOPY),
    CONSTANT(SO_INCOMING_NAPI_ID),
    CONSTANT(SO_MAX_PACING_RATE),
    CONSTANT(IP_TOS),
    CONSTANT(IP_TTL),
    CONSTANT(IP_RECVERR),
    CONSTANT(IP_PKTINFO),
    CONSTANT(IP_MTU),
    CONSTANT(IP_MTU_DISCOVER),
    CONSTANT(IP_BIND_ADDRESS_NO_PORT),
    CONSTANT(IP_FREEBIND),
    CONSTANT(IP_TRANSPARENT),
    CONSTANT(IPV6_V6ONLY),
    CONSTANT(IPV6_RECVERR),
    CONSTANT(IPV6_UNICAST_HOPS),
    CONSTANT(IPV6_MTU),
    CONSTANT(IPV6_TCLASS),
};

constexpr Constant kGroup5[] = {
    CONSTANT(TCP_NODELAY),
    CONSTANT(TCP_MAXSEG),
    CONSTANT(TCP_CORK),
    CONSTANT(TCP_KEEPIDLE),
    CONSTANT(TCP_KEEPINTVL),
    CONSTANT(TCP_KEEPCNT),
    CONSTANT(TCP_SYNCNT),
    CONSTANT(TCP_LINGER2),
    CONSTANT(TCP_DEFER_ACCEPT),
    CONSTANT(TCP_WINDOW_CLAMP),
    CONSTANT(TCP_INFO),
    CONSTANT(TCP_QUICKACK),
    CONSTANT(TCP_CONGESTION),
    CONSTANT(TCP_THIN_LINEAR_TIMEOUTS),
    CONSTANT(TCP_USER_TIMEOUT),
    CONSTANT(TCP_REPAIR),
    CONSTANT(TCP_FASTOPEN),
    CONSTANT(TCP_TIMESTAMP),
    CONSTANT(TCP_NOTSENT_LOWAT),
    CONSTANT(TCP_SAVE_SYN),
    CONSTANT(TCP_FASTOPEN_CONNECT),
    CONSTANT(TCP_INQ),
    CONSTANT(TCP_TX_DELAY),
    CONSTANT(TCP_ESTABLISHED),
    CONSTANT(TCP_SYN_SENT),
    CONSTANT(TCP_SYN_RECV),
    CONSTANT(TCP_FIN_WAIT1),
    CONSTANT(TCP_FIN_WAIT2),
    CONSTANT(TCP_TIME_WAIT),
    CONSTANT(TCP_CLOSE),
    CONSTANT(TCP_CLOSE_WAIT),
    CONSTANT(TCP_LAST_ACK),
    CONSTANT(TCP_LISTEN),
    CONSTANT(TCP_CLOSING),
    CONSTANT(UDP_CORK),
    CONSTANT(UDP_SEGMENT),
    CONSTANT(UDP_GRO),
};

constexpr Constant kGroup6[] = {
    CONSTANT(MSG_OOB),        CONSTANT(MSG_PEEK),     CONSTANT(MSG_DONTROUTE), CONSTANT(MSG_CTRUNC),
    CONSTANT(MSG_TRUNC),      CONSTANT(MSG_DONTWAIT), CONSTANT(MSG_EOR),       CONSTANT(MSG_WAITALL),
    CONSTANT(MSG_CONFIRM),    CONSTANT(MSG_ERRQUEUE), CONSTANT(MSG_NOSIGNAL),  CONSTANT(MSG_MORE),
    CONSTANT(MSG_WAITFORONE), CONSTANT(MSG_ZEROCOPY), CONSTANT(MSG_FASTOPEN),  CONSTANT(MSG_CMSG_CLOEXEC),
    CONSTANT(SCM_RIGHTS),
};

constexpr Constant kGroup7[] = {
    CONSTANT(O_RDONLY),   CONSTANT(O_WRONLY),  CONSTANT(O_RDWR),       CONSTANT(O_ACCMODE),
    CONSTANT(O_NONBLOCK), CONSTANT(O_NDELAY),  CONSTANT(O_APPEND),     CONSTANT(O_ASYNC),
    CONSTANT(O_DIRECT),   CONSTANT(O_CLOEXEC), CONSTANT(F_DUPFD),      CONSTANT(F_DUPFD_CLOEXEC),
    CONSTANT(F_GETFD),    CONSTANT(F_SETFD),   CONSTANT(F_GETFL),      CONSTANT(F_SETFL),
    CONSTANT(F_GETOWN),   CONSTANT(F_SETOWN),  CONSTANT(F_GETPIPE_SZ), CONSTANT(F_SETPIPE_SZ),
    CONSTANT(FD_CLOEXEC), CONSTANT(FIONREAD),  CONSTANT(FIONBIO),      CONSTANT(FIOASYNC),
    CONSTANT(SIOCINQ),    CONSTANT(SIOCOUTQ),  CONSTANT(SIOCOUTQNSD),  CONSTANT(SIOCATMARK),
};

constexpr Constant kGroup8[] = {
    CONSTANT(EFD_CLOEXEC),
    CONSTANT(EFD_NONBLOCK),
    CONSTANT(EFD_SEMAPHORE),
    CONSTANT(TFD_CLOEXEC),
    CONSTANT(TFD_NONBLOCK),
    CONSTANT(TFD_TIMER_ABSTIME),
    CONSTANT(TFD_TIMER_CANCEL_ON_SET),
    CONSTANT(CLOCK_REALTIME),
    CONSTANT(CLOCK_MONOTONIC),
    CONSTANT(CLOCK_PROCESS_CPUTIME_ID),
    CONSTANT(CLOCK_THREAD_CPUTIME_ID),
    CONSTANT(CLOCK_MONOTONIC_RAW),
    CONSTANT(CLOCK_REALTIME_COARSE),
    CONSTANT(CLOCK_MONOTONIC_COARSE),
    CONSTANT(CLOCK_BOOTTIME),
    CONSTANT(CLOCK_REALTIME_ALARM),
    CONSTANT(CLOCK_BOOTTIME_ALARM),
    CONSTANT(CLOCK_TAI),
};

constexpr Constant kGroup9[] = {
    CONSTANT(SCHED_OTHER), CONSTANT(SCHED_FIFO), CONSTANT(SCHED_RR),  CONSTANT(SCHED_BATCH),
    CONSTANT(SCHED_IDLE),  CONSTANT(WNOHANG),    CONSTANT(WUNTRACED), CONSTANT(WCONTINUED),
    CONSTANT(SIGHUP),      CONSTANT(SIGINT),     CONSTANT(SIGQUIT),   CONSTANT(SIGILL),
    CONSTANT(SIGTRAP),     CONSTANT(SIGABRT),    CONSTANT(SIGBUS),    CONSTANT(SIGFPE),
    CONSTANT(SIGKILL),     CONSTANT(SIGUSR1),    CONSTANT(SIGSEGV),   CONSTANT(SIGUSR2),
    CONSTANT(SIGPIPE),     CONSTANT(SIGALRM),    CONSTANT(SIGTERM),   CONSTANT(SIGCHLD),
    CONSTANT(SIGCONT),     CONSTANT(SIGSTOP),    CONSTANT(SIGTSTP),   CONSTANT(SIGTTIN),
    CONSTANT(SIGTTOU),     CONSTANT(SIGURG),     CONSTANT(SIGXCPU),   CONSTANT(SIGXFSZ),
    CONSTANT(SIGVTALRM),   CONSTANT(SIGPROF),    CONSTANT(SIGWINCH),  CONSTANT(SIGIO),
    CONSTANT(SIGPWR),      CONSTANT(SIGSYS),
};

#undef CONSTANT

constexpr ConstantGroup kGroups[] = {
    {"epoll", kGroup0},
    {"poll", kGroup1},
    {"Families and types", kGroup2},
    {"Protocols", kGroup3},
    {"Socket options", kGroup4},
    {"TCP", kGroup5},
    {"Messages", kGroup6},
    {"Descriptors", kGroup7},
    {"Event descriptors, timers and clocks", kGroup8},
    {"Scheduling and processes", kGroup9},
};

/// At least two capitals, digits or underscores, and no other letter.
bool looks_like_constant(std::string_view name) {
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto fits = [&](char c) { return is_capital(c) || (c >= '0' && c <= '9') || c == '_'; };
  return name.size() >= 2 && is_capital(name.front()) && std::all_of(name.begin(), name.end(), fits);
}

/// The known name that was meant, written to `meant`; "" where none is close.
void suggest(std::string_view wrong, std::span<char> meant) {
  std::vector<std::string> known;
  for (const ConstantGroup& group : kGroups) {
    for (const Constant& constant : group.constants) known.emplace_back(constant.name);
  }
  const std::string found = suggestion(wrong, known);
  meant[found.copy(meant.data(), meant.size() - 1)] = '\0';
}

/// Lua: __index of the globals.
int refuse_unknown(lua_State* lua) {
  std::size_t length = 0;
  if (lua_type(lua, 2) != LUA_TSTRING) return 0;
  const char* const name = lua_tolstring(lua, 2, &length);
  if (length > 64 || !looks_like_constant({name, length})) return 0;
  char meant[64];
  suggest({name, length}, meant);  // its strings are gone before the error is raised
  if (*meant == '\0') return luaL_error(lua, "no constant %s in this build", name);
  return luaL_error(lua, "no constant %s in this build; did you mean %s?", name, meant);
}

}  // namespace

void open_constants(lua_State* lua) {
  lua_pushglobaltable(lua);
  for (const ConstantGroup& group : kGroups) {
    for (const Constant& constant : group.constants) {
      lua_pushinteger(lua, constant.value);
      lua_setfield(lua, -2, constant.name);
    }
  }
  lua_createtable(lua, 0, 1);
  lua_pushcfunction(lua, &refuse_unknown);
  lua_setfield(lua, -2, "__index");
  lua_setmetatable(lua, -2);
  lua_pop(lua, 1);
}

std::string constants_reference() {
  std::string page;
  for (const ConstantGroup& group : kGroups) {
    page += std::string("- **") + group.title + "**:";
    std::size_t column = 200;
    for (const Constant& constant : group.constants) {
      const std::string_view name = constant.name;
      const bool breaks = column + name.size() > 110;
      page += breaks ? "\n  " : " ";
      column = breaks ? name.size() + 2 : column + name.size() + 1;
      page += name;
    }
    page += '\n';
  }
  return page;
}

}  // namespace stackscope::lua
