#pragma once
// What setsockopt() has set, of a socket of any kind. A socket has one of these of its own once something in it differs
// from the defaults.
//
// Linux: net/core/sock.c sk_setsockopt(), net/ipv4/ip_sockglue.c do_ip_setsockopt(), net/ipv4/tcp.c do_tcp_setsockopt()
// Units: as the option's man page has them; jiffies where a field says so.

#include <algorithm>
#include <climits>
#include <cstdint>
#include <memory>

#include "kernel_model/timers/jiffies.hpp"

namespace stackscope {

struct SocketOptions {
  // SOL_SOCKET
  int broadcast = 0, dontroute = 0, priority = 0, mark = 0, keepalive = 0, oobinline = 0, busy_poll = 0;
  int timestamp = 0, timestamp_ns = 0, timestamping = 0, incoming_cpu = -1, no_check = 0, rcvlowat = 1;
  int reuseaddr = 0, passcred = 0, prefer_busy_poll = 0, zerocopy = 0, select_err_queue = 0, rxq_ovfl = 0;
  int linger_on = 0, linger_s = 0;
  std::uint64_t rcvtimeo = kMaxJiffyOffset, sndtimeo = kMaxJiffyOffset;  // jiffies
  // IPPROTO_IP
  int tos = 0, ttl = 64, mtu_discover = 1, recverr = 0, pktinfo = 0, recvttl = 0, recvtos = 0, freebind = 0;
  int transparent = 0, bind_address_no_port = 0, local_port_range = 0, multicast_ttl = 1, multicast_loop = 1;
  // IPPROTO_IPV6
  int v6only = 0, unicast_hops = -1, tclass = 0, recverr6 = 0, pktinfo6 = 0;
  // IPPROTO_TCP
  int keepidle = 7200, keepintvl = 75, keepcnt = 9, syncnt = 6, linger2 = 60, defer_accept = 0,
      user_timeout = 0;
  int maxseg = 0, window_clamp = 0, notsent_lowat = 0, fastopen = 0, thin_linear_timeouts = 0, inq = 0,
      save_syn = 0;
  bool congestion_is_reno = false;
  // IPPROTO_UDP
  int udp_cork = 0, udp_segment = 0, udp_gro = 0;
};

inline constexpr std::int32_t kLeastRcvbuf = 2304, kLeastSndbuf = 4608;  // SOCK_MIN_RCVBUF, SOCK_MIN_SNDBUF

/// What setsockopt() makes of a size: doubled, for what a packet costs beside its bytes. A negative one is a large one,
/// unless it was forced.
constexpr std::int32_t buffer_size(int value, bool forced, std::int32_t most, std::int32_t least) {
  const std::int32_t taken = forced ? std::clamp(value, 0, INT_MAX / 2)
                                    : static_cast<std::int32_t>(std::min(static_cast<std::uint32_t>(value),
                                                                         static_cast<std::uint32_t>(most)));
  return std::max(2 * taken, least);
}

/// Defaults until something is changed.
class OptionsHolder {
 public:
  const SocketOptions& get() const {
    static constexpr SocketOptions kDefaults{};
    return own_ != nullptr ? *own_ : kDefaults;
  }
  SocketOptions& change() {
    if (own_ == nullptr) own_ = std::make_unique<SocketOptions>();
    return *own_;
  }
  /// What a listener's child starts with: all but what is a listener's alone, and the priority.
  /// Linux: inet_csk_clone_lock(), sk_clone_lock(), tcp_create_openreq_child()
  void inherit_from(const OptionsHolder& listener) {
    own_ = listener.own_ != nullptr ? std::make_unique<SocketOptions>(*listener.own_) : nullptr;
    if (own_ != nullptr) own_->defer_accept = own_->fastopen = own_->priority = 0;
  }

 private:
  std::unique_ptr<SocketOptions> own_;
};

}  // namespace stackscope
