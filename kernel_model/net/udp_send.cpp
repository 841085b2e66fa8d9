// Sending datagrams.
//
// Linux: net/ipv6/udp.c udpv6_sendmsg(); net/ipv4/udp.c udp_sendmsg(), udp_send_skb(), udp_push_pending_frames(); net/ipv4/ip_output.c
//        __ip_append_data(), ip_setup_cork(); net/core/sock.c sock_alloc_send_pskb(), sock_wfree()

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <netinet/in.h>
#include <sys/socket.h>

#include "kernel_model/costs/udp_costs.hpp"
#include "kernel_model/net/counters.hpp"
#include "kernel_model/net/skb_size.hpp"
#include "kernel_model/net/stream.hpp"
#include "kernel_model/net/udp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

namespace {

constexpr std::uint32_t kMostIp = 0xffff, kIpv4Header = 20, kIpv6Header = 40, kUdpHeader = 8;

constexpr std::uint32_t ip_header(std::uint32_t destination) {
  return is_ipv6(destination) ? kIpv6Header : kIpv4Header;
}

/// What a fragment carries at most; IPv6 has a header for that. Linux: ip_do_fragment(), __ip6_append_data()
constexpr std::uint32_t fragment_bytes(std::uint32_t mtu, std::uint32_t header) {
  return (mtu - header) / 8 * 8 - (header == kIpv6Header ? 8 : 0);
}

/// What a program wrote; a null part among others is zeros. A call whose parts are all null is of the stream's pattern.
void append_parts(StreamStore& streams, StreamId stream, std::span<const ConstBuffer> parts) {
  static constexpr std::array<std::byte, 256> kZeros{};
  const bool is_pattern =
      std::ranges::all_of(parts, [](const ConstBuffer& part) { return part.data == nullptr; });
  if (is_pattern) return streams.append_pattern(stream, total_size(parts));
  for (const ConstBuffer& part : parts) {
    if (part.data != nullptr) streams.append(stream, {part.data, part.size});
    for (std::size_t left = part.data == nullptr ? part.size : 0; left > 0;) {
      const std::size_t some = std::min(left, kZeros.size());
      streams.append(stream, std::span{kZeros}.first(some));
      left -= some;
    }
  }
}

}  // namespace

/// Whether packets may go there; "any" is this host itself. To many they go by the device of the source, where that is
/// given. Linux: ip_route_output_key_hash_rcu()
int UdpSocket::may_go_to(std::uint32_t& destination, std::uint32_t source) const {
  if (UdpStack::is_to_many(source)) return -EINVAL;
  if (stackscope::is_ipv6(destination)) return -ENETUNREACH;
  if (destination == INADDR_ANY) destination = source != 0 ? source : INADDR_LOOPBACK;
  const bool is_to_many = IN_MULTICAST(destination) || destination == INADDR_BROADCAST;
  const bool can_reach = is_to_many ? source != 0 : env().can_reach(destination);
  if (!can_reach) return -ENETUNREACH;
  return UdpStack::is_broadcast(destination) && options().broadcast == 0 ? -EACCES : 0;
}

/// Where a datagram goes. To the peer of a connected socket, whose route is known, it goes by the flow that connect() left,
/// or a corked datagram to somebody else.
int UdpSocket::find_flow(const UdpDestination* to, int flags, Flow& flow) {
  if (to != nullptr && to->error != 0) return to->error;
  if (to != nullptr && to->port == 0) return -EINVAL;
  if (to == nullptr && !is_connected_) return -EDESTADDRREQ;
  const bool by_route = to == nullptr && options().dontroute == 0 && (flags & MSG_DONTROUTE) == 0;
  if (by_route && has_route_) {
    flow = flow_, flow.routed = peer_.address;
    return 0;
  }
  flow.to = to != nullptr ? UdpEndpoint(*to) : peer_;
  if (const int error = may_go_to(flow.to.address, source_)) return error;
  flow.source = source_ != 0 ? source_ : env().route(flow.to.address).source_address;
  flow.routed = flow.to.address;
  if (by_route) has_route_ = true;
  return 0;
}

/// IPv6's length leaves its header out. Linux: ip_sk_ignore_df(), ip6_sk_ignore_df()
std::uint32_t UdpSocket::most_bytes(const Flow& flow) const {
  if (stackscope::is_ipv6(flow.to.address)) return kIpv6Header + kMostIp;
  const int discover = options().mtu_discover;
  const bool is_cut = discover < IP_PMTUDISC_DO || discover == IP_PMTUDISC_OMIT;
  return is_cut ? kMostIp : std::min(env().route(flow.routed).mtu, kMostIp);
}

/// The send buffer is looked at for each fragment after the first, not for the first.
bool UdpSocket::begins_second_fragment(const Outgoing& out, std::uint32_t size) {
  const std::uint32_t before = kIpv6Header + kUdpHeader + out.payload;
  return before <= out.path_mtu && before + size > out.path_mtu;
}

/// The first part is what an error that waits, or the end of sending, is told to.
int UdpSocket::append(Outgoing& out, const Flow& flow, std::span<const ConstBuffer> parts) {
  const auto size = static_cast<std::uint32_t>(total_size(parts));
  if (ip_header(flow.to.address) + kUdpHeader + out.payload + size > out.mtu) {
    if ((out.by_ipv6 ? options().recverr6 : options().recverr) != 0) tell_too_large(flow);
    return -EMSGSIZE;
  }
  const bool is_first = !out.stream;
  if (is_first) {
    if (const int error = take_error()) return -error;
    if (shutdown_.send) return -EPIPE;
  }
  std::uint32_t truesize = is_first ? truesize_of_datagram(size, out.by_ipv6) : size;
  if (out.by_ipv6 && begins_second_fragment(out, size)) {
    const std::uint32_t fits = fragment_bytes(out.path_mtu, kIpv6Header) - kUdpHeader - out.payload;
    const std::uint32_t first = is_first ? truesize_of_datagram(fits, true) : fits;
    if (static_cast<std::uint32_t>(wmem_) + first + 1 > 2 * static_cast<std::uint32_t>(sndbuf_)) {
      env().counters().add(Counter::kUdp6SndbufErrors);
      return -ENOBUFS;
    }
    truesize = first + truesize_of_datagram(size - fits, true);
  }
  if (is_first) out.stream = env().streams().open();
  append_parts(env().streams(), out.stream, parts);
  out.payload += size, out.truesize += truesize;
  wmem_ += static_cast<std::int32_t>(truesize);
  return 0;
}

/// Linux: ip_local_error(), ipv6_local_error()
void UdpSocket::tell_too_large(const Flow& flow) {
  Packet& packet = env().packets().take();
  packet.protocol = Protocol::kUdp;
  packet.source_address = flow.to.address;
  const bool by_ipv6 = stackscope::is_ipv6(flow.to.address);
  packet.quoted_destination_port = by_ipv6 ? flow.to.port : peer_.port;
  packet.truesize = truesize_of_head(ip_header(flow.to.address));
  if (!queue_error(packet)) env().packets().give_back(packet);
}

bool UdpSocket::corks(int flags) const { return options().udp_cork != 0 || (flags & MSG_MORE) != 0; }

std::int64_t UdpSocket::send(std::span<const ConstBuffer> parts, const UdpDestination* to, int flags) {
  env().charge(stack_.costs().sendmsg);
  if (const int error = autobind()) return error;
  return is_ipv6_ ? send_by_ipv6(parts, to, flags) : send_by_ipv4(parts, to, flags);
}

std::int64_t UdpSocket::send_by_ipv4(std::span<const ConstBuffer> parts, const UdpDestination* to,
                                     int flags) {
  const std::size_t size = total_size(parts);
  if (size > kMostIp) return -EMSGSIZE;
  if ((flags & MSG_OOB) != 0) return -EOPNOTSUPP;
  env().charge(stack_.costs().make_skb);
  env().charge(stack_.costs().copy.of(static_cast<std::int64_t>(size)));
  if (pending_ != nullptr) return pending_->by_ipv6 ? -EINVAL : send_more(parts, corks(flags));
  Flow flow;
  if (const int error = find_flow(to, flags, flow)) return error;
  if (corks(flags)) flow_ = {flow.source, to != nullptr ? flow.to : peer_, flow.routed};
  return send_first(parts, flow, corks(flags));
}

/// To an IPv4 address it goes as an IPv4 socket's would; one without an address goes on with what waits, whatever that is.
///
/// Linux: udpv6_sendmsg()
std::int64_t UdpSocket::send_by_ipv6(std::span<const ConstBuffer> parts, const UdpDestination* to,
                                     int flags) {
  UdpDestination ipv4;
  bool by_ipv4 = to != nullptr && !to->by_ipv6;
  if (by_ipv4) {
    ipv4 = *to;
  } else if (to != nullptr && to->address == 0 && to->error == 0 && ipv6_.source.is_mapped) {
    ipv4 = {{INADDR_LOOPBACK, to->port}}, by_ipv4 = true;
  } else if (to == nullptr && pending_ == nullptr) {
    if (!is_connected_) return -EDESTADDRREQ;
    ipv4 = {{ipv6_.peer.address, peer_.port}}, by_ipv4 = ipv6_.peer.is_mapped;
  }
  if (by_ipv4) return options().v6only != 0 ? -ENETUNREACH : send_by_ipv4(parts, &ipv4, flags);
  if (pending_ != nullptr && !pending_->by_ipv6) return send_by_ipv4(parts, nullptr, flags);
  const std::size_t size = total_size(parts);
  if (size > INT_MAX - kUdpHeader) return -EMSGSIZE;
  env().charge(stack_.costs().make_skb);
  env().charge(stack_.costs().copy.of(static_cast<std::int64_t>(size)));
  if (pending_ != nullptr) return send_more(parts, corks(flags));
  Flow flow;
  if (const int error = find_ipv6_flow(to, flow)) return error;
  return send_first(parts, flow, corks(flags));
}

int UdpSocket::find_ipv6_flow(const UdpDestination* to, Flow& flow) const {
  if (to != nullptr && to->port == 0) return -EINVAL;
  if (to != nullptr && to->error != 0) return to->error;
  if (ipv6_.source.is_mapped) return -EAFNOSUPPORT;
  UdpEndpoint peer =
      to != nullptr ? UdpEndpoint{to->address, to->port} : UdpEndpoint{ipv6_.peer.address, peer_.port};
  if (peer.address == 0) peer.address = kIpv6Loopback;  // "any" is this host itself
  const std::uint32_t own =
      ipv6_.source.is_any() ? env().route(peer.address).source_address : ipv6_.source.address;
  flow = {own, peer, peer.address};
  return 0;
}

/// The first part of a datagram, which mostly is the whole.
std::int64_t UdpSocket::send_first(std::span<const ConstBuffer> parts, const Flow& flow, bool corks) {
  const Route route = env().route(flow.routed);
  Outgoing out{.mtu = most_bytes(flow),
               .path_mtu = route.mtu,
               .is_to_many = UdpStack::is_to_many(flow.routed),
               .loops = route.device == DeviceKind::kLoopback,
               .stream = {},
               .ipv6_flow = flow,
               .by_ipv6 = stackscope::is_ipv6(flow.to.address)};
  if (corks) {
    pending_ = std::make_unique<Outgoing>(out);
    return send_more(parts, true);
  }
  if (const int error = append(out, flow, parts)) return error;
  transmit(out, flow);
  return static_cast<std::int64_t>(total_size(parts));
}

std::int64_t UdpSocket::send_more(std::span<const ConstBuffer> parts, bool corks) {
  const Flow flow = pending_->by_ipv6 ? pending_->ipv6_flow : flow_;
  if (const int error = append(*pending_, flow, parts)) {
    discard_pending();
    return error;
  }
  if (!corks) push_pending();
  return static_cast<std::int64_t>(total_size(parts));
}

void UdpSocket::push_pending() {
  if (pending_ == nullptr) return;
  const Outgoing out = *pending_;
  pending_ = nullptr;
  transmit(out, out.by_ipv6 ? out.ipv6_flow : flow_);
}

// The device lets go of the sender's memory before the packet is received. Linux: loopback_xmit(), skb_orphan()
void UdpSocket::transmit(const Outgoing& out, const Flow& flow) {
  Packet& packet = env().packets().take();
  packet.protocol = Protocol::kUdp;
  packet.source_address = flow.source, packet.source_port = port_;
  packet.destination_address = flow.to.address, packet.destination_port = flow.to.port;
  packet.is_to_many = out.is_to_many, packet.loops = out.loops;
  packet.stream = out.stream, packet.held_in = &env().streams();
  packet.payload_bytes = out.payload, packet.truesize = out.truesize;
  if (packet.ip_bytes() > out.path_mtu)
    packet.gso_size = fragment_bytes(out.path_mtu, ip_header(flow.to.address)) - kUdpHeader;
  env().charge(stack_.costs().send_skb);
  free_sent(out.truesize);
  env().transmit(packet);
  env().counters().add(out.by_ipv6 ? Counter::kUdp6OutDatagrams : Counter::kUdpOutDatagrams);
}

/// Linux: udp_flush_pending_frames()
void UdpSocket::discard_pending() {
  if (pending_ == nullptr) return;
  const Outgoing out = *pending_;
  pending_ = nullptr;
  if (!out.stream) return;
  env().streams().let_go(out.stream);
  free_sent(out.truesize);
}

/// Linux: sock_wfree(), sock_def_write_space_wfree()
void UdpSocket::free_sent(std::uint32_t truesize) {
  wmem_ -= static_cast<std::int32_t>(truesize);
  if (user_ == nullptr || wmem_ + 1 >= sndbuf_ >> 1) return;
  env().trace().emit(SkWriteSpace{id_});
  user_->on_write_space();
}

}  // namespace stackscope
