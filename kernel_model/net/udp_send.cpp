// Sending datagrams.
//
// Linux: net/ipv4/udp.c udp_sendmsg(), udp_send_skb(), udp_push_pending_frames(); net/ipv4/ip_output.c
//        __ip_append_data(), ip_setup_cork(); net/core/sock.c sock_alloc_send_pskb(), sock_wfree()

#include <algorithm>
#include <array>
#include <cerrno>
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

constexpr std::uint32_t kMostIp = 0xffff, kIpHeader = 20, kUdpHeader = 8;

/// What a fragment carries at most. Linux: ip_do_fragment()
constexpr std::uint32_t fragment_bytes(std::uint32_t mtu) { return (mtu - kIpHeader) / 8 * 8; }

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

/// Linux: ip_sk_ignore_df()
std::uint32_t UdpSocket::most_bytes(const Flow& flow) const {
  const int discover = options().mtu_discover;
  const bool is_cut = discover < IP_PMTUDISC_DO || discover == IP_PMTUDISC_OMIT;
  return is_cut ? kMostIp : std::min(env().route(flow.routed).mtu, kMostIp);
}

/// The first part is what an error that waits, or the end of sending, is told to.
int UdpSocket::append(Outgoing& out, const Flow& flow, std::span<const ConstBuffer> parts) {
  const auto size = static_cast<std::uint32_t>(total_size(parts));
  if (kIpHeader + kUdpHeader + out.payload + size > out.mtu) {
    if (options().recverr != 0) tell_too_large(flow);
    return -EMSGSIZE;
  }
  const bool is_first = !out.stream;
  if (is_first) {
    if (const int error = take_error()) return -error;
    if (shutdown_.send) return -EPIPE;
    out.stream = env().streams().open();
  }
  append_parts(env().streams(), out.stream, parts);
  const std::uint32_t truesize = is_first ? truesize_of_datagram(size) : size;
  out.payload += size, out.truesize += truesize;
  wmem_ += static_cast<std::int32_t>(truesize);
  return 0;
}

/// Linux: ip_local_error()
void UdpSocket::tell_too_large(const Flow& flow) {
  Packet& packet = env().packets().take();
  packet.protocol = Protocol::kUdp;
  packet.source_address = flow.to.address;
  packet.quoted_destination_port = peer_.port;
  packet.truesize = truesize_of_head(kIpHeader);
  if (!queue_error(packet)) env().packets().give_back(packet);
}

std::int64_t UdpSocket::send(std::span<const ConstBuffer> parts, const UdpDestination* to, int flags) {
  const std::size_t size = total_size(parts);
  env().charge(stack_.costs().sendmsg);
  if (const int error = autobind()) return error;
  if (size > kMostIp) return -EMSGSIZE;
  if ((flags & MSG_OOB) != 0) return -EOPNOTSUPP;
  env().charge(stack_.costs().make_skb);
  env().charge(stack_.costs().copy.of(static_cast<std::int64_t>(size)));
  const bool corks = options().udp_cork != 0 || (flags & MSG_MORE) != 0;
  if (pending_ == nullptr) {
    Flow flow;
    if (const int error = find_flow(to, flags, flow)) return error;
    Outgoing out{.mtu = most_bytes(flow),
                 .path_mtu = env().route(flow.routed).mtu,
                 .is_to_many = UdpStack::is_to_many(flow.routed),
                 .loops = env().route(flow.routed).device == DeviceKind::kLoopback,
                 .stream = {}};
    if (!corks) {
      if (const int error = append(out, flow, parts)) return error;
      transmit(out, flow);
      return static_cast<std::int64_t>(size);
    }
    flow_ = {flow.source, to != nullptr ? flow.to : peer_, flow.routed};
    pending_ = std::make_unique<Outgoing>(out);
  }
  if (const int error = append(*pending_, flow_, parts)) {
    discard_pending();
    return error;
  }
  if (!corks) push_pending();
  return static_cast<std::int64_t>(size);
}

void UdpSocket::push_pending() {
  if (pending_ == nullptr) return;
  const Outgoing out = *pending_;
  pending_ = nullptr;
  transmit(out, flow_);
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
  if (packet.ip_bytes() > out.path_mtu) packet.gso_size = fragment_bytes(out.path_mtu) - kUdpHeader;
  env().charge(stack_.costs().send_skb);
  free_sent(out.truesize);
  env().transmit(packet);
  env().counters().add(Counter::kUdpOutDatagrams);
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
