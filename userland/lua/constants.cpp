// The constants that programs find under their C names, with the values of the system's headers.

#include <algorithm>
#include <array>
#include <cstring>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <span>
#include <string_view>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <vector>

#include "sim/suggest.hpp"
#include "userland/lua/lua_process.hpp"

namespace stackscope {

namespace {

struct Constant {
  const char* name;
  lua_Integer value;
};

// Bits are never negative: EPOLLET is 0x80000000.
template <class T>
constexpr lua_Integer value_of(T value) {
  if constexpr (sizeof(T) == sizeof(int)) {
    return static_cast<unsigned>(value) > 0x7fffffffU ? lua_Integer{static_cast<unsigned>(value)}
                                                      : static_cast<lua_Integer>(value);
  } else {
    return static_cast<lua_Integer>(value);
  }
}

#define STACKSCOPE_CONSTANT(name) \
  Constant { #name, value_of(name) }
constexpr Constant kConstants[] = {STACKSCOPE_CONSTANT(EPOLLIN),
                                   STACKSCOPE_CONSTANT(EPOLLPRI),
                                   STACKSCOPE_CONSTANT(EPOLLOUT),
                                   STACKSCOPE_CONSTANT(EPOLLERR),
                                   STACKSCOPE_CONSTANT(EPOLLHUP),
                                   STACKSCOPE_CONSTANT(EPOLLRDNORM),
                                   STACKSCOPE_CONSTANT(EPOLLRDBAND),
                                   STACKSCOPE_CONSTANT(EPOLLWRNORM),
                                   STACKSCOPE_CONSTANT(EPOLLWRBAND),
                                   STACKSCOPE_CONSTANT(EPOLLMSG),
                                   STACKSCOPE_CONSTANT(EPOLLRDHUP),
                                   STACKSCOPE_CONSTANT(EPOLLEXCLUSIVE),
                                   STACKSCOPE_CONSTANT(EPOLLWAKEUP),
                                   STACKSCOPE_CONSTANT(EPOLLONESHOT),
                                   STACKSCOPE_CONSTANT(EPOLLET),
                                   STACKSCOPE_CONSTANT(EPOLL_CLOEXEC),
                                   STACKSCOPE_CONSTANT(EPOLL_CTL_ADD),
                                   STACKSCOPE_CONSTANT(EPOLL_CTL_MOD),
                                   STACKSCOPE_CONSTANT(EPOLL_CTL_DEL),
                                   STACKSCOPE_CONSTANT(POLLIN),
                                   STACKSCOPE_CONSTANT(POLLPRI),
                                   STACKSCOPE_CONSTANT(POLLOUT),
                                   STACKSCOPE_CONSTANT(POLLERR),
                                   STACKSCOPE_CONSTANT(POLLHUP),
                                   STACKSCOPE_CONSTANT(POLLNVAL),
                                   STACKSCOPE_CONSTANT(POLLRDNORM),
                                   STACKSCOPE_CONSTANT(POLLRDBAND),
                                   STACKSCOPE_CONSTANT(POLLWRNORM),
                                   STACKSCOPE_CONSTANT(POLLWRBAND),
                                   STACKSCOPE_CONSTANT(POLLMSG),
                                   STACKSCOPE_CONSTANT(POLLRDHUP),
                                   STACKSCOPE_CONSTANT(O_RDONLY),
                                   STACKSCOPE_CONSTANT(O_WRONLY),
                                   STACKSCOPE_CONSTANT(O_RDWR),
                                   STACKSCOPE_CONSTANT(O_ACCMODE),
                                   STACKSCOPE_CONSTANT(O_APPEND),
                                   STACKSCOPE_CONSTANT(O_NONBLOCK),
                                   STACKSCOPE_CONSTANT(O_CLOEXEC),
                                   STACKSCOPE_CONSTANT(O_DIRECT),
                                   STACKSCOPE_CONSTANT(O_ASYNC),
                                   STACKSCOPE_CONSTANT(F_DUPFD),
                                   STACKSCOPE_CONSTANT(F_DUPFD_CLOEXEC),
                                   STACKSCOPE_CONSTANT(F_GETFD),
                                   STACKSCOPE_CONSTANT(F_SETFD),
                                   STACKSCOPE_CONSTANT(F_GETFL),
                                   STACKSCOPE_CONSTANT(F_SETFL),
                                   STACKSCOPE_CONSTANT(F_GETPIPE_SZ),
                                   STACKSCOPE_CONSTANT(F_SETPIPE_SZ),
                                   STACKSCOPE_CONSTANT(FD_CLOEXEC),
                                   STACKSCOPE_CONSTANT(EFD_CLOEXEC),
                                   STACKSCOPE_CONSTANT(EFD_NONBLOCK),
                                   STACKSCOPE_CONSTANT(EFD_SEMAPHORE),
                                   STACKSCOPE_CONSTANT(TFD_CLOEXEC),
                                   STACKSCOPE_CONSTANT(TFD_NONBLOCK),
                                   STACKSCOPE_CONSTANT(TFD_TIMER_ABSTIME),
                                   STACKSCOPE_CONSTANT(TFD_TIMER_CANCEL_ON_SET),
                                   STACKSCOPE_CONSTANT(CLOCK_REALTIME),
                                   STACKSCOPE_CONSTANT(CLOCK_MONOTONIC),
                                   STACKSCOPE_CONSTANT(CLOCK_BOOTTIME),
                                   STACKSCOPE_CONSTANT(CLOCK_MONOTONIC_COARSE),
                                   STACKSCOPE_CONSTANT(CLOCK_REALTIME_COARSE),
                                   STACKSCOPE_CONSTANT(CLOCK_MONOTONIC_RAW),
                                   STACKSCOPE_CONSTANT(CLOCK_PROCESS_CPUTIME_ID),
                                   STACKSCOPE_CONSTANT(CLOCK_THREAD_CPUTIME_ID),
                                   STACKSCOPE_CONSTANT(CLOCK_REALTIME_ALARM),
                                   STACKSCOPE_CONSTANT(CLOCK_BOOTTIME_ALARM),
                                   STACKSCOPE_CONSTANT(AF_UNSPEC),
                                   STACKSCOPE_CONSTANT(AF_UNIX),
                                   STACKSCOPE_CONSTANT(AF_LOCAL),
                                   STACKSCOPE_CONSTANT(AF_INET),
                                   STACKSCOPE_CONSTANT(AF_INET6),
                                   STACKSCOPE_CONSTANT(SOCK_STREAM),
                                   STACKSCOPE_CONSTANT(SOCK_DGRAM),
                                   STACKSCOPE_CONSTANT(SOCK_SEQPACKET),
                                   STACKSCOPE_CONSTANT(SOCK_RAW),
                                   STACKSCOPE_CONSTANT(SOCK_RDM),
                                   STACKSCOPE_CONSTANT(SOCK_NONBLOCK),
                                   STACKSCOPE_CONSTANT(SOCK_CLOEXEC),
                                   STACKSCOPE_CONSTANT(SHUT_RD),
                                   STACKSCOPE_CONSTANT(SHUT_WR),
                                   STACKSCOPE_CONSTANT(SHUT_RDWR),
                                   STACKSCOPE_CONSTANT(MSG_PEEK),
                                   STACKSCOPE_CONSTANT(MSG_DONTWAIT),
                                   STACKSCOPE_CONSTANT(MSG_NOSIGNAL),
                                   STACKSCOPE_CONSTANT(MSG_WAITALL),
                                   STACKSCOPE_CONSTANT(MSG_OOB),
                                   STACKSCOPE_CONSTANT(MSG_TRUNC),
                                   STACKSCOPE_CONSTANT(MSG_CTRUNC),
                                   STACKSCOPE_CONSTANT(MSG_MORE),
                                   STACKSCOPE_CONSTANT(MSG_EOR),
                                   STACKSCOPE_CONSTANT(MSG_DONTROUTE),
                                   STACKSCOPE_CONSTANT(MSG_ERRQUEUE),
                                   STACKSCOPE_CONSTANT(MSG_CONFIRM),
                                   STACKSCOPE_CONSTANT(MSG_CMSG_CLOEXEC),
                                   STACKSCOPE_CONSTANT(SOL_SOCKET),
                                   STACKSCOPE_CONSTANT(SO_REUSEADDR),
                                   STACKSCOPE_CONSTANT(SO_REUSEPORT),
                                   STACKSCOPE_CONSTANT(SO_RCVBUF),
                                   STACKSCOPE_CONSTANT(SO_SNDBUF),
                                   STACKSCOPE_CONSTANT(SO_RCVBUFFORCE),
                                   STACKSCOPE_CONSTANT(SO_SNDBUFFORCE),
                                   STACKSCOPE_CONSTANT(SO_LINGER),
                                   STACKSCOPE_CONSTANT(SO_KEEPALIVE),
                                   STACKSCOPE_CONSTANT(SO_RCVLOWAT),
                                   STACKSCOPE_CONSTANT(SO_SNDLOWAT),
                                   STACKSCOPE_CONSTANT(SO_RCVTIMEO),
                                   STACKSCOPE_CONSTANT(SO_SNDTIMEO),
                                   STACKSCOPE_CONSTANT(SO_BUSY_POLL),
                                   STACKSCOPE_CONSTANT(SO_ERROR),
                                   STACKSCOPE_CONSTANT(SO_TYPE),
                                   STACKSCOPE_CONSTANT(SO_DOMAIN),
                                   STACKSCOPE_CONSTANT(SO_PROTOCOL),
                                   STACKSCOPE_CONSTANT(SO_ACCEPTCONN),
                                   STACKSCOPE_CONSTANT(SO_BROADCAST),
                                   STACKSCOPE_CONSTANT(SO_OOBINLINE),
                                   STACKSCOPE_CONSTANT(SO_DONTROUTE),
                                   STACKSCOPE_CONSTANT(SO_PRIORITY),
                                   STACKSCOPE_CONSTANT(SO_MARK),
                                   STACKSCOPE_CONSTANT(SO_INCOMING_CPU),
                                   STACKSCOPE_CONSTANT(SO_COOKIE),
                                   STACKSCOPE_CONSTANT(SO_TIMESTAMP),
                                   STACKSCOPE_CONSTANT(SO_PASSCRED),
                                   STACKSCOPE_CONSTANT(SO_PEERCRED),
                                   STACKSCOPE_CONSTANT(SO_DEBUG),
                                   STACKSCOPE_CONSTANT(SO_NO_CHECK),
                                   STACKSCOPE_CONSTANT(SO_PEEK_OFF),
                                   STACKSCOPE_CONSTANT(SO_BINDTODEVICE),
                                   STACKSCOPE_CONSTANT(SO_ZEROCOPY),
                                   STACKSCOPE_CONSTANT(SO_TXTIME),
                                   STACKSCOPE_CONSTANT(SOMAXCONN),
                                   STACKSCOPE_CONSTANT(IPPROTO_IP),
                                   STACKSCOPE_CONSTANT(IPPROTO_TCP),
                                   STACKSCOPE_CONSTANT(IPPROTO_UDP),
                                   STACKSCOPE_CONSTANT(IPPROTO_IPV6),
                                   STACKSCOPE_CONSTANT(IPPROTO_ICMP),
                                   STACKSCOPE_CONSTANT(IP_TOS),
                                   STACKSCOPE_CONSTANT(IP_TTL),
                                   STACKSCOPE_CONSTANT(IP_RECVERR),
                                   STACKSCOPE_CONSTANT(IP_PKTINFO),
                                   STACKSCOPE_CONSTANT(IP_MTU),
                                   STACKSCOPE_CONSTANT(IP_MTU_DISCOVER),
                                   STACKSCOPE_CONSTANT(IP_BIND_ADDRESS_NO_PORT),
                                   STACKSCOPE_CONSTANT(IP_FREEBIND),
                                   STACKSCOPE_CONSTANT(IPV6_V6ONLY),
                                   STACKSCOPE_CONSTANT(IPV6_UNICAST_HOPS),
                                   STACKSCOPE_CONSTANT(IPV6_RECVPKTINFO),
                                   STACKSCOPE_CONSTANT(TCP_NODELAY),
                                   STACKSCOPE_CONSTANT(TCP_MAXSEG),
                                   STACKSCOPE_CONSTANT(TCP_CORK),
                                   STACKSCOPE_CONSTANT(TCP_KEEPIDLE),
                                   STACKSCOPE_CONSTANT(TCP_KEEPINTVL),
                                   STACKSCOPE_CONSTANT(TCP_KEEPCNT),
                                   STACKSCOPE_CONSTANT(TCP_SYNCNT),
                                   STACKSCOPE_CONSTANT(TCP_LINGER2),
                                   STACKSCOPE_CONSTANT(TCP_DEFER_ACCEPT),
                                   STACKSCOPE_CONSTANT(TCP_WINDOW_CLAMP),
                                   STACKSCOPE_CONSTANT(TCP_INFO),
                                   STACKSCOPE_CONSTANT(TCP_QUICKACK),
                                   STACKSCOPE_CONSTANT(TCP_CONGESTION),
                                   STACKSCOPE_CONSTANT(TCP_USER_TIMEOUT),
                                   STACKSCOPE_CONSTANT(TCP_FASTOPEN),
                                   STACKSCOPE_CONSTANT(TCP_FASTOPEN_CONNECT),
                                   STACKSCOPE_CONSTANT(TCP_NOTSENT_LOWAT),
                                   STACKSCOPE_CONSTANT(TCP_TIMESTAMP),
                                   STACKSCOPE_CONSTANT(TCP_SAVE_SYN),
                                   STACKSCOPE_CONSTANT(TCP_INQ),
                                   STACKSCOPE_CONSTANT(UDP_CORK),
                                   STACKSCOPE_CONSTANT(UDP_SEGMENT),
                                   STACKSCOPE_CONSTANT(UDP_GRO),
                                   STACKSCOPE_CONSTANT(SCHED_OTHER),
                                   STACKSCOPE_CONSTANT(SCHED_FIFO),
                                   STACKSCOPE_CONSTANT(SCHED_RR),
                                   STACKSCOPE_CONSTANT(SCHED_BATCH),
                                   STACKSCOPE_CONSTANT(SCHED_IDLE),
                                   STACKSCOPE_CONSTANT(SIGHUP),
                                   STACKSCOPE_CONSTANT(SIGINT),
                                   STACKSCOPE_CONSTANT(SIGQUIT),
                                   STACKSCOPE_CONSTANT(SIGABRT),
                                   STACKSCOPE_CONSTANT(SIGKILL),
                                   STACKSCOPE_CONSTANT(SIGUSR1),
                                   STACKSCOPE_CONSTANT(SIGUSR2),
                                   STACKSCOPE_CONSTANT(SIGSEGV),
                                   STACKSCOPE_CONSTANT(SIGPIPE),
                                   STACKSCOPE_CONSTANT(SIGALRM),
                                   STACKSCOPE_CONSTANT(SIGTERM),
                                   STACKSCOPE_CONSTANT(SIGCHLD),
                                   STACKSCOPE_CONSTANT(SIGCONT),
                                   STACKSCOPE_CONSTANT(SIGSTOP),
                                   STACKSCOPE_CONSTANT(SIGURG),
                                   STACKSCOPE_CONSTANT(SIGWINCH),
                                   STACKSCOPE_CONSTANT(FIONREAD),
                                   STACKSCOPE_CONSTANT(FIONBIO),
                                   STACKSCOPE_CONSTANT(FIOASYNC),
                                   STACKSCOPE_CONSTANT(FIOCLEX),
                                   STACKSCOPE_CONSTANT(FIONCLEX),
                                   STACKSCOPE_CONSTANT(SIOCOUTQ),
                                   STACKSCOPE_CONSTANT(SIOCINQ),
                                   STACKSCOPE_CONSTANT(SIOCOUTQNSD),
                                   STACKSCOPE_CONSTANT(SIOCATMARK),
                                   // net/tcp_states.h, as TCP_INFO tells them
                                   {"TCP_ESTABLISHED", 1},
                                   {"TCP_SYN_SENT", 2},
                                   {"TCP_SYN_RECV", 3},
                                   {"TCP_FIN_WAIT1", 4},
                                   {"TCP_FIN_WAIT2", 5},
                                   {"TCP_TIME_WAIT", 6},
                                   {"TCP_CLOSE", 7},
                                   {"TCP_CLOSE_WAIT", 8},
                                   {"TCP_LAST_ACK", 9},
                                   {"TCP_LISTEN", 10},
                                   {"TCP_CLOSING", 11}};
#undef STACKSCOPE_CONSTANT

bool looks_like_constant(std::string_view name) {
  return name.size() > 3 && std::ranges::all_of(name, [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

/// Puts "no constant EPOLLFOO here; did you mean EPOLLIN?" into `message`.
void complain(const char* name, std::span<char> message) {
  std::vector<std::string> known;
  for (const Constant& constant : kConstants) known.emplace_back(constant.name);
  const std::string near = suggestion(name, known);
  const std::string text =
      std::string("there is no constant ").append(name, std::min<std::size_t>(strlen(name), 60)) +
      (near.empty() ? "" : "; did you mean " + near + "?");
  message[text.copy(message.data(), message.size() - 1)] = '\0';
}

/// What a global that was never set means: nil, or a mistake. Lua: __index of the globals
int unknown_global(lua_State* lua) {
  const char* const name = lua_tostring(lua, 2);
  if (lua_type(lua, 2) != LUA_TSTRING || !looks_like_constant(name)) return 0;
  std::array<char, 200> message{};
  complain(name, message);
  return luaL_error(lua, "%s", message.data());
}

}  // namespace

void open_lua_constants(lua_State* lua) {
  lua_pushglobaltable(lua);
  for (const Constant& constant : kConstants) {
    lua_pushinteger(lua, constant.value);
    lua_setfield(lua, -2, constant.name);
  }
  lua_createtable(lua, 0, 1);
  lua_pushcfunction(lua, unknown_global);
  lua_setfield(lua, -2, "__index");
  lua_setmetatable(lua, -2);
  lua_pop(lua, 1);
}

}  // namespace stackscope
