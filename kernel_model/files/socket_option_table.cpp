#include "kernel_model/files/socket_option_table.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace stackscope {

namespace {

struct Row {
  int level, option;
  int SocketOptions::* field;
  int least, most;       // others are EINVAL; of a flag any number is taken
  bool is_flag = false;  // kept as 0 or 1
  int default_for = -1;  // this number asks for the default, where it is not `kNone`
  int default_value = -1;
};
constexpr int kNone = INT_MIN;
constexpr int kIpLocalPortRange = 51;  // IP_LOCAL_PORT_RANGE, of Linux 6.3; C libraries may be older

constexpr Row flag(int level, int option, int SocketOptions::* field) {
  return {level, option, field, INT_MIN, INT_MAX, true, kNone, 0};
}
constexpr Row number(int level, int option, int SocketOptions::* field, int least = INT_MIN,
                     int most = INT_MAX) {
  return {level, option, field, least, most, false, kNone, 0};
}
constexpr Row with_default(Row row, int asks, int value) {
  row.default_for = asks, row.default_value = value;
  return row;
}

using O = SocketOptions;
constexpr Row kRows[] = {
    flag(SOL_SOCKET, SO_BROADCAST, &O::broadcast),
    flag(SOL_SOCKET, SO_DONTROUTE, &O::dontroute),
    number(SOL_SOCKET, SO_PRIORITY, &O::priority),
    number(SOL_SOCKET, SO_MARK, &O::mark),
    flag(SOL_SOCKET, SO_KEEPALIVE, &O::keepalive),
    flag(SOL_SOCKET, SO_OOBINLINE, &O::oobinline),
    number(SOL_SOCKET, SO_BUSY_POLL, &O::busy_poll, 0),
    flag(SOL_SOCKET, SO_PREFER_BUSY_POLL, &O::prefer_busy_poll),
    flag(SOL_SOCKET, SO_TIMESTAMP, &O::timestamp),
    flag(SOL_SOCKET, SO_TIMESTAMPNS, &O::timestamp_ns),
    number(SOL_SOCKET, SO_INCOMING_CPU, &O::incoming_cpu),
    flag(SOL_SOCKET, SO_NO_CHECK, &O::no_check),
    flag(SOL_SOCKET, SO_SELECT_ERR_QUEUE, &O::select_err_queue),
    flag(SOL_SOCKET, SO_RXQ_OVFL, &O::rxq_ovfl),
    number(SOL_SOCKET, SO_ZEROCOPY, &O::zerocopy, 0, 1),
    with_default(number(IPPROTO_IP, IP_TTL, &O::ttl, 1, 255), -1, 64),
    number(IPPROTO_IP, IP_MTU_DISCOVER, &O::mtu_discover, 0, 5),
    flag(IPPROTO_IP, IP_RECVERR, &O::recverr),
    flag(IPPROTO_IP, IP_PKTINFO, &O::pktinfo),
    flag(IPPROTO_IP, IP_RECVTTL, &O::recvttl),
    flag(IPPROTO_IP, IP_RECVTOS, &O::recvtos),
    flag(IPPROTO_IP, IP_FREEBIND, &O::freebind),
    flag(IPPROTO_IP, IP_TRANSPARENT, &O::transparent),
    flag(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &O::bind_address_no_port),
    number(IPPROTO_IP, kIpLocalPortRange, &O::local_port_range),
    flag(IPPROTO_IP, IP_MULTICAST_LOOP, &O::multicast_loop),
    with_default(number(IPPROTO_IPV6, IPV6_UNICAST_HOPS, &O::unicast_hops, 0, 255), -1, -1),
    with_default(number(IPPROTO_IPV6, IPV6_TCLASS, &O::tclass, 0, 255), -1, 0),
    flag(IPPROTO_IPV6, IPV6_RECVERR, &O::recverr6),
    flag(IPPROTO_IPV6, IPV6_RECVPKTINFO, &O::pktinfo6),
    number(IPPROTO_TCP, TCP_KEEPIDLE, &O::keepidle, 1, 32767),
    number(IPPROTO_TCP, TCP_KEEPINTVL, &O::keepintvl, 1, 32767),
    number(IPPROTO_TCP, TCP_KEEPCNT, &O::keepcnt, 1, 127),
    number(IPPROTO_TCP, TCP_SYNCNT, &O::syncnt, 1, 127),
    number(IPPROTO_TCP, TCP_USER_TIMEOUT, &O::user_timeout, 0),
    number(IPPROTO_TCP, TCP_NOTSENT_LOWAT, &O::notsent_lowat),
    number(IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, &O::thin_linear_timeouts, 0, 1),
    number(IPPROTO_TCP, TCP_INQ, &O::inq, 0, 1),
    number(IPPROTO_TCP, TCP_SAVE_SYN, &O::save_syn, 0, 2),
    flag(IPPROTO_UDP, UDP_CORK, &O::udp_cork),
    number(IPPROTO_UDP, UDP_SEGMENT, &O::udp_segment, 0, 65535),
    flag(IPPROTO_UDP, UDP_GRO, &O::udp_gro),
};

const Row* row_of(int level, int option) {
  const auto* const found =
      std::ranges::find_if(kRows, [&](const Row& row) { return row.level == level && row.option == option; });
  return found == std::end(kRows) ? nullptr : found;
}

/// The first port below, the last one above; 0 is the host's.
bool is_port_range(int value) {
  const auto first = static_cast<std::uint16_t>(value), last = static_cast<std::uint16_t>(value >> 16);
  return first == 0 || last == 0 || first <= last;
}

/// Linux: sock_set_timeout()
int set_timeout(std::uint64_t& timeout, const timeval& value, std::uint32_t hz) {
  if (value.tv_usec < 0 || value.tv_usec >= 1'000'000) return -EDOM;
  if (value.tv_sec < 0) return timeout = 0, 0;
  const auto tick_us = static_cast<std::int64_t>(1'000'000 / hz);
  const bool is_none = value.tv_sec == 0 && value.tv_usec == 0;
  const bool is_long = value.tv_sec >= static_cast<std::int64_t>(kMaxJiffyOffset / hz - 1);
  timeout = is_none || is_long
                ? kMaxJiffyOffset
                : static_cast<std::uint64_t>(value.tv_sec * hz + (value.tv_usec + tick_us - 1) / tick_us);
  return 0;
}

/// Linux: sock_get_timeout()
timeval timeout_value(std::uint64_t timeout, std::uint32_t hz) {
  if (timeout == kMaxJiffyOffset) return {};
  return {static_cast<time_t>(timeout / hz), static_cast<suseconds_t>(timeout % hz * 1'000'000 / hz)};
}

}  // namespace

int option_number(std::span<const std::byte> value, OptionLength rule, int& error) {
  int result = 0;
  error = 0;
  if (value.size() >= sizeof result) {
    std::memcpy(&result, value.data(), sizeof result);
  } else if (rule == OptionLength::kWholeInt) {
    error = -EINVAL;
  } else if (!value.empty()) {
    result = std::to_integer<int>(value.front());
  }
  return result;
}

int set_plain_option(OptionsHolder& options, int level, int option, int value) {
  const Row* const row = row_of(level, option);
  if (row == nullptr) return 1;
  const bool asks_for_default = row->default_for != kNone && value == row->default_for;
  if (asks_for_default) value = row->default_value;
  if (!asks_for_default && (value < row->least || value > row->most)) return -EINVAL;
  if (row->field == &O::local_port_range && !is_port_range(value)) return -EINVAL;
  options.change().*row->field = row->is_flag ? value != 0 : value;
  return 0;
}

int get_plain_option(const OptionsHolder& options, int level, int option, int& value) {
  const Row* const row = row_of(level, option);
  if (row == nullptr) return 1;
  value = options.get().*row->field;
  constexpr int kHopLimit = 64;  // the host's. Linux: net.ipv6.conf.all.hop_limit
  if (row->field == &O::unicast_hops && value < 0) value = kHopLimit;
  return 0;
}

int set_structured_option(OptionsHolder& options, int option, std::span<const std::byte> value,
                          std::uint32_t hz) {
  if (option == SO_LINGER) {
    linger given{};
    if (value.size() < sizeof given) return -EINVAL;
    std::memcpy(&given, value.data(), sizeof given);
    options.change().linger_on = given.l_onoff != 0;
    if (given.l_onoff != 0) options.change().linger_s = given.l_linger;
    return 0;
  }
  if (option != SO_RCVTIMEO && option != SO_SNDTIMEO) return 1;
  timeval given{};
  if (value.size() < sizeof given) return -EINVAL;
  std::memcpy(&given, value.data(), sizeof given);
  return set_timeout(option == SO_RCVTIMEO ? options.change().rcvtimeo : options.change().sndtimeo, given,
                     hz);
}

int get_structured_option(const OptionsHolder& options, int option, std::span<std::byte> room,
                          std::size_t& length, std::uint32_t hz) {
  const SocketOptions& set = options.get();
  if (option == SO_LINGER) {
    // A negative one is for ever, and is told as far as an int goes. Linux: MAX_SCHEDULE_TIMEOUT
    const int seconds = set.linger_s < 0 ? static_cast<int>(LONG_MAX / hz) : set.linger_s;
    const linger value{set.linger_on, seconds};
    return answer_option(&value, sizeof value, room, length);
  }
  if (option != SO_RCVTIMEO && option != SO_SNDTIMEO) return 1;
  const timeval value = timeout_value(option == SO_RCVTIMEO ? set.rcvtimeo : set.sndtimeo, hz);
  return answer_option(&value, sizeof value, room, length);
}

int answer_option(const void* from, std::size_t size, std::span<std::byte> room, std::size_t& length) {
  length = std::min(size, room.size());
  std::memcpy(room.data(), from, length);
  return 0;
}

}  // namespace stackscope
