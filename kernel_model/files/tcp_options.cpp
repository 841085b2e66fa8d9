// The options of a TCP socket.
//
// Linux: net/core/sock.c sk_setsockopt(), sk_getsockopt(); net/ipv4/tcp.c do_tcp_setsockopt(), do_tcp_getsockopt(),
//        tcp_get_info(); net/ipv4/tcp_cong.c tcp_set_congestion_control()
// Differs: "reno" and "cubic" are both known by name; the window grows as tcp_socket.hpp says with either.
// Differs: TCP_FASTOPEN is a number without effect. TCP_MD5SIG, TCP_REPAIR, TCP_ULP and their like are −ENOPROTOOPT.

#include <algorithm>
#include <climits>
#include <cstring>
#include <iterator>
#include <linux/tcp.h>
#include <string_view>

#include "kernel_model/files/socket_option_table.hpp"
#include "kernel_model/files/tcp_socket_file.hpp"
#include "kernel_model/net/listener.hpp"
#include "kernel_model/net/tcp_stack.hpp"

namespace stackscope {

namespace {

/// Options that TcpSocket acts on itself.
struct Named {
  int level, name;
  TcpOption option;
};
constexpr Named kOwn[] = {
    {SOL_SOCKET, SO_REUSEADDR, TcpOption::kReuseAddr}, {SOL_SOCKET, SO_REUSEPORT, TcpOption::kReusePort},
    {SOL_SOCKET, SO_RCVBUF, TcpOption::kRcvBuf},       {SOL_SOCKET, SO_SNDBUF, TcpOption::kSndBuf},
    {IPPROTO_TCP, TCP_NODELAY, TcpOption::kNoDelay},   {IPPROTO_TCP, TCP_CORK, TcpOption::kCork},
    {IPPROTO_TCP, TCP_QUICKACK, TcpOption::kQuickAck}};

const Named* own_option(int level, int name) {
  const auto* const found =
      std::ranges::find_if(kOwn, [&](const Named& own) { return own.level == level && own.name == name; });
  return found == std::end(kOwn) ? nullptr : found;
}

/// Linux: secs_to_retrans(), retrans_to_secs(), with TCP_TIMEOUT_INIT and TCP_RTO_MAX in seconds
int seconds_to_retransmissions(int seconds) {
  int result = 0;
  if (seconds > 0) {
    int period = 1, timeout = 1;
    for (result = 1; seconds > period && result < 255; ++result) {
      timeout = std::min(timeout << 1, 120);
      period += timeout;
    }
  }
  return result;
}
int retransmissions_to_seconds(int count) {
  int period = 0;
  if (count > 0) {
    int timeout = 1;
    for (period = 1; --count > 0;) {
      timeout = std::min(timeout << 1, 120);
      period += timeout;
    }
  }
  return period;
}

/// Linux: enum tcp states of <net/tcp_states.h>
std::uint8_t number_of(TcpState state) {
  switch (state) {
    case TcpState::kEstablished:
      return 1;
    case TcpState::kSynSent:
      return 2;
    case TcpState::kSynRecv:
      return 3;
    case TcpState::kFinWait1:
      return 4;
    case TcpState::kFinWait2:
      return 5;
    case TcpState::kCloseWait:
      return 8;
    case TcpState::kLastAck:
      return 9;
    case TcpState::kListen:
      return 10;
    case TcpState::kClosing:
      return 11;
    default:
      return 7;  // also a socket whose connection is in TIME_WAIT
  }
}

/// What was lost, or is taken for it, and how often. Linux: tcp_sock lost_out, retrans_out; inet_connection_sock
void add_losses(const TcpSocket& socket, tcp_info& info) {
  constexpr std::uint8_t kLossState = 4;  // TCP_CA_Loss
  const RareState* const unusual = socket.unusual();
  if (unusual == nullptr) return;
  info.tcpi_retransmits = unusual->retransmits, info.tcpi_backoff = unusual->backoff;
  info.tcpi_probes = unusual->probes_out;
  if (!unusual->in_loss) return;
  info.tcpi_ca_state = kLossState;
  for (const Packet* p = socket.sending().rtx_queue.front(); p != nullptr; p = p->next) {
    if (p->lost || p->retransmitted) info.tcpi_lost += p->segments();
    if (p->retransmitted && !p->lost) info.tcpi_retrans += p->segments();
  }
}

/// What the model has of it; the rest is 0. Linux: tcp_get_info()
tcp_info info_of(const TcpSocket& socket) {
  tcp_info info{};
  info.tcpi_state = number_of(socket.state());
  info.tcpi_snd_cwnd = socket.congestion().snd_cwnd;
  info.tcpi_reordering = 3;
  info.tcpi_pacing_rate = socket.congestion().pacing_rate;
  info.tcpi_max_pacing_rate = ~std::uint64_t{0};
  if (const ListenState* const listening = socket.listening();
      listening != nullptr && socket.is_listening()) {
    info.tcpi_unacked = listening->accept_queue_length;
    info.tcpi_sacked = listening->backlog;
    return info;
  }
  const SendState& snd = socket.sending();
  const ReceiveState& rcv = socket.receiving();
  const Tick& tick = socket.env().tick();
  const auto us = [&](std::uint64_t jiffies) {
    return static_cast<std::uint32_t>(tick.to_duration(jiffies) / Duration::us(1));
  };
  const auto ms_since = [&](Jiffies then) {
    return static_cast<std::uint32_t>(
        tick.to_duration(static_cast<std::uint64_t>(jiffies_now(socket.env()) - then)) / Duration::ms(1));
  };
  if (rcv.has_timestamps && rcv.knows_peer()) info.tcpi_options |= TCPI_OPT_TIMESTAMPS;
  if (rcv.sack_ok && rcv.knows_peer()) info.tcpi_options |= TCPI_OPT_SACK;
  if (rcv.wscale_ok) {
    info.tcpi_options |= TCPI_OPT_WSCALE;
    info.tcpi_snd_wscale = snd.snd_wscale & 15u, info.tcpi_rcv_wscale = rcv.rcv_wscale & 15u;
  }
  info.tcpi_rto = us(socket.rtt().rto), info.tcpi_ato = us(socket.acking().ato);
  info.tcpi_snd_mss = snd.mss_cache, info.tcpi_rcv_mss = socket.acking().rcv_mss;
  info.tcpi_unacked = snd.packets_out;
  info.tcpi_snd_ssthresh = socket.congestion().snd_ssthresh;
  info.tcpi_advmss = rcv.advmss, info.tcpi_pmtu = snd.pmtu;
  info.tcpi_rcv_ssthresh = rcv.rcv_ssthresh, info.tcpi_snd_wnd = snd.snd_wnd;
  info.tcpi_rtt = socket.rtt().srtt_us >> 3, info.tcpi_rttvar = socket.rtt().mdev_us >> 2;
  info.tcpi_min_rtt = socket.rtt().min_rtt_us;
  if (rcv.knows_peer()) info.tcpi_rcv_space = socket.rcv_space();
  if (const TuningState* const tuned = socket.tuned()) info.tcpi_rcv_rtt = tuned->rtt_us >> 3;
  add_losses(socket, info);
  const SegmentCounts& counts = socket.counts();
  info.tcpi_segs_in = counts.segs_in, info.tcpi_segs_out = counts.segs_out;
  info.tcpi_data_segs_in = counts.data_segs_in, info.tcpi_data_segs_out = counts.data_segs_out;
  info.tcpi_delivered = counts.delivered, info.tcpi_total_retrans = counts.total_retrans;
  info.tcpi_bytes_sent = counts.bytes_sent, info.tcpi_bytes_retrans = counts.bytes_retrans;
  info.tcpi_bytes_acked = snd.bytes_acked, info.tcpi_bytes_received = rcv.bytes_received();
  info.tcpi_notsent_bytes =
      static_cast<std::uint32_t>(std::max(static_cast<std::int32_t>(snd.write_seq - snd.snd_nxt), 0));
  info.tcpi_last_ack_recv = ms_since(snd.rcv_tstamp);
  info.tcpi_last_data_sent = ms_since(socket.congestion().lsndtime);
  info.tcpi_last_data_recv = ms_since(socket.acking().lrcvtime);
  return info;
}

}  // namespace

// --- setting ---------------------------------------------------------------------------------------------------------

int TcpSocketFile::set_option(int level, int option, std::span<const std::byte> value) {
  charge(costs_.option);
  if (!has_level(level)) return -ENOPROTOOPT;
  if (level == IPPROTO_TCP && option == TCP_CONGESTION) return set_congestion(value);
  int error = 0;
  const int number =
      option_number(value, level == IPPROTO_IP ? OptionLength::kByteOrInt : OptionLength::kWholeInt, error);
  if (error != 0) return error;
  own();
  int result = 1;
  if (level == SOL_SOCKET)
    result = set_structured_option(tcp_->option_holder(), option, value, tcp_->env().tick().hz().value);
  if (result == 1) result = set_number(level, option, number);
  disown();
  return result;
}

bool TcpSocketFile::has_level(int level) const {
  return level == SOL_SOCKET || level == IPPROTO_IP || level == IPPROTO_TCP ||
         (level == IPPROTO_IPV6 && tcp_->is_ipv6());
}

int TcpSocketFile::set_number(int level, int option, int value) {
  if (const Named* const own_one = own_option(level, option)) return tcp_->set_option(own_one->option, value);
  int result = 1;
  if (level == SOL_SOCKET) result = set_socket_number(option, value);
  if (level == IPPROTO_IP) result = set_ip_number(option, value);
  if (level == IPPROTO_TCP) result = set_tcp_number(option, value);
  if (level == IPPROTO_IPV6 && option == IPV6_V6ONLY) {
    if (tcp_->is_bound()) return -EINVAL;
    return tcp_->change_options().v6only = value != 0, 0;
  }
  if (result == 1) result = set_plain_option(tcp_->option_holder(), level, option, value);
  // What follows at once. Linux: tcp_sock_set_keepidle_locked(), do_tcp_setsockopt()
  if (result == 0 && level == IPPROTO_TCP && option == TCP_KEEPIDLE) tcp_->restart_keepalive();
  if (result == 0 && level == IPPROTO_TCP && option == TCP_NOTSENT_LOWAT) tcp_->write_space();
  return result == 1 ? -ENOPROTOOPT : result;
}

int TcpSocketFile::set_socket_number(int option, int value) {
  switch (option) {
    case SO_RCVBUFFORCE:
      return tcp_->set_rcvbuf(value, true), 0;
    case SO_SNDBUFFORCE:
      return tcp_->set_sndbuf(value, true), 0;
    case SO_RCVLOWAT:
      return tcp_->set_rcvlowat(value), 0;
    case SO_KEEPALIVE:
      tcp_->set_keepalive(value != 0);
      return 1;  // and is stored as any other
    case SO_PASSCRED:
    case SO_PASSSEC:
      return -EOPNOTSUPP;
    default:
      return 1;
  }
}

int TcpSocketFile::set_ip_number(int option, int value) {
  SocketOptions& options = tcp_->change_options();
  switch (option) {
    case IP_TOS:  // TCP keeps its own two bits for ECN. Linux: __ip_sock_set_tos()
      options.tos = (value & 0xfc) | (options.tos & 3);
      return 0;
    case IP_MULTICAST_TTL:
      return -EINVAL;  // of a stream
    default:
      return 1;
  }
}

int TcpSocketFile::set_tcp_number(int option, int value) {
  SocketOptions& options = tcp_->change_options();
  switch (option) {
    case TCP_MAXSEG:
      if (value != 0 && (value < 88 || value > 32767)) return -EINVAL;
      return options.maxseg = value, 0;
    case TCP_LINGER2:
      options.linger2 = value < 0 ? -1 : (value == 0 ? 60 : std::min(value, 120));
      return 0;
    case TCP_DEFER_ACCEPT:
      options.defer_accept = seconds_to_retransmissions(value);
      return 0;
    case TCP_WINDOW_CLAMP:
      if (value == 0 && !is_over(tcp_->state())) return -EINVAL;
      return tcp_->set_window_clamp(value), 0;
    case TCP_FASTOPEN:
      if (value < 0 || !(is_over(tcp_->state()) || tcp_->is_listening())) return -EINVAL;
      options.fastopen = std::min(value, 4096);
      return 0;
    default:
      return 1;
  }
}

int TcpSocketFile::set_congestion(std::span<const std::byte> name) {
  if (name.empty()) return -EINVAL;
  std::string_view wanted{reinterpret_cast<const char*>(name.data()), std::min<std::size_t>(name.size(), 15)};
  wanted = wanted.substr(0, wanted.find('\0'));
  if (wanted != "cubic" && wanted != "reno") return -ENOENT;
  tcp_->change_options().congestion_is_reno = wanted == "reno";
  return 0;
}

// --- getting ---------------------------------------------------------------------------------------------------------

int TcpSocketFile::get_option(int level, int option, std::span<std::byte> room, std::size_t& length) {
  charge(costs_.option);
  own();
  int result = 1;
  if (level == SOL_SOCKET)
    result =
        get_structured_option(tcp_->option_holder(), option, room, length, tcp_->env().tick().hz().value);
  if (level == SOL_SOCKET && option == SO_COOKIE) {
    const std::uint64_t cookie = tcp_->id().value;
    result = room.size() < sizeof cookie ? -EINVAL : answer_option(&cookie, sizeof cookie, room, length);
  }
  if (level == IPPROTO_TCP && option == TCP_INFO) {
    const tcp_info info = info_of(*tcp_);
    result = answer_option(&info, sizeof info, room, length);
  }
  if (level == IPPROTO_TCP && option == TCP_CONGESTION) {
    char name[16] = "cubic";
    if (tcp_->options().congestion_is_reno) std::memcpy(name, "reno", 5);
    result = answer_option(name, sizeof name, room, length);
  }
  if (int value = 0; result == 1) {
    result = get_number(level, option, value);
    if (result == 0) answer_option(value, room, length);
  }
  disown();
  return result;
}

int TcpSocketFile::get_number(int level, int option, int& value) {
  if (!has_level(level)) return tcp_->is_ipv6() ? -ENOPROTOOPT : -EOPNOTSUPP;
  if (const Named* const own_one = own_option(level, option))
    return value = tcp_->get_option(own_one->option), 0;
  int result = 1;
  if (level == SOL_SOCKET) result = get_socket_number(option, value);
  if (level == IPPROTO_IP && option == IP_TOS) return value = tcp_->options().tos, 0;
  if (level == IPPROTO_IP && option == IP_MULTICAST_TTL) return value = tcp_->options().multicast_ttl, 0;
  if (level == IPPROTO_IP && option == IP_MTU) {
    if (tcp_->tuple.remote_port == 0) return -ENOTCONN;
    return value = static_cast<int>(tcp_->stack().route(tcp_->tuple.remote_address).mtu), 0;
  }
  if (level == IPPROTO_TCP) result = get_tcp_number(option, value);
  if (level == IPPROTO_IPV6 && option == IPV6_V6ONLY) {
    return value = tcp_->options().v6only, 0;
  }
  if (result == 1) result = get_plain_option(tcp_->option_holder(), level, option, value);
  return result == 1 ? -ENOPROTOOPT : result;
}

int TcpSocketFile::get_socket_number(int option, int& value) {
  switch (option) {
    case SO_ERROR:
      value = tcp_->take_error();
      if (value == 0) value = tcp_->take_soft_error();
      return 0;
    case SO_TYPE:
      return value = SOCK_STREAM, 0;
    case SO_DOMAIN:
      return value = tcp_->is_ipv6() ? AF_INET6 : AF_INET, 0;
    case SO_PROTOCOL:
      return value = IPPROTO_TCP, 0;
    case SO_ACCEPTCONN:
      return value = tcp_->is_listening(), 0;
    case SO_RCVLOWAT:
      return value = tcp_->options().rcvlowat, 0;
    case SO_SNDLOWAT:
      return value = 1, 0;
    case SO_INCOMING_NAPI_ID:
      return value = 0, 0;
    case SO_PASSCRED:
    case SO_PASSSEC:
      return -EOPNOTSUPP;
    default:
      return 1;
  }
}

int TcpSocketFile::get_tcp_number(int option, int& value) {
  const SocketOptions& options = tcp_->options();
  switch (option) {
    case TCP_MAXSEG: {
      const bool is_idle = is_over(tcp_->state()) || tcp_->is_listening();
      value = options.maxseg != 0 && is_idle ? options.maxseg : static_cast<int>(tcp_->sending().mss_cache);
      return 0;
    }
    case TCP_LINGER2:
      return value = options.linger2, 0;
    case TCP_DEFER_ACCEPT:
      return value = retransmissions_to_seconds(options.defer_accept), 0;
    case TCP_WINDOW_CLAMP:
      return value = static_cast<int>(tcp_->receiving().window_clamp), 0;
    case TCP_FASTOPEN:
      return value = options.fastopen, 0;
    default:
      return 1;
  }
}

}  // namespace stackscope
