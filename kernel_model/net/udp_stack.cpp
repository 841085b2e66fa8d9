#include "kernel_model/net/udp_stack.hpp"

#include <algorithm>
#include <cassert>
#include <ranges>

#include "kernel_model/costs/udp_costs.hpp"
#include "kernel_model/net/counters.hpp"
#include "kernel_model/net/ports.hpp"
#include "kernel_model/net/stream.hpp"
#include "kernel_model/net/sysctls.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

UdpStack::UdpStack(NetEnvironment& env, const UdpCosts& costs, RandomStream random)
    : env_(env), costs_(costs), random_(random), secret_(random_.next()), icmp_(env, costs) {}

UdpStack::~UdpStack() = default;

UdpSocket& UdpStack::create(SocketId id) {
  UdpSocket& socket = *(sockets_[id] = std::make_unique<UdpSocket>(*this, id));
  env_.trace().emit(SocketCreated{id, SocketId{}, WaitQueueId{}, static_cast<std::uint32_t>(socket.rcvbuf()),
                                  static_cast<std::uint32_t>(socket.sndbuf()), 0});
  env_.trace().emit(UdpSocketCreated{id});
  return socket;
}

void UdpStack::forget(UdpSocket& socket) {
  env_.trace().emit(SocketDestroyed{socket.id()});
  sockets_.erase(socket.id());
}

// --- ports -----------------------------------------------------------------------------------------------------------

namespace {

bool overlap(std::uint32_t a, std::uint32_t b) { return a == 0 || b == 0 || a == b; }

/// Linux: ipv4_rcv_saddr_equal()
bool overlap_by_ipv4(const UdpSocket& one, const UdpSocket& other, bool with_any) {
  const std::uint32_t a = one.local().address, b = other.local().address;
  return other.options().v6only == 0 && (a == b || (with_any && overlap(a, b)));
}

/// There are packets that both would take; an unspecified address only counts for all of them `with_any`. Not the same
/// either way round: of `one`'s IPV6_V6ONLY, IPv4 asks nothing.
///
/// Linux: inet_rcv_saddr_equal(), ipv6_rcv_saddr_equal()
bool overlap(const UdpSocket& one, const UdpSocket& other, bool with_any) {
  if (!one.is_ipv6()) return overlap_by_ipv4(one, other, with_any);
  const Ipv6Address a = one.ipv6_names().address;
  const bool is_ipv4 = !other.is_ipv6();
  const Ipv6Address b = is_ipv4 ? Ipv6Address{other.local().address, true} : other.ipv6_names().address;
  if (a.is_mapped && b.is_mapped) return overlap_by_ipv4(one, other, with_any);
  if (a.is_any() && b.is_any()) return true;
  if (b.is_any() && with_any && !(other.options().v6only != 0 && a.is_mapped)) return true;
  if (a.is_any() && with_any && !(one.options().v6only != 0 && b.is_mapped)) return true;
  return a == b;
}

}  // namespace

/// Linux: udp_lib_lport_inuse2(), inet_rcv_saddr_equal()
bool UdpStack::is_taken(const UdpSocket& socket, std::uint16_t port) const {
  const auto held = ports_.find(port);
  if (held == ports_.end()) return false;
  for (const UdpSocket* other : held->second.bound | std::views::reverse) {
    if (socket.reuse_address && other->reuse_address) continue;
    if (!overlap(socket, *other, true)) continue;
    return !(socket.reuse_port && other->reuse_port && socket.group_ == nullptr);
  }
  return false;
}

std::uint16_t UdpStack::find_free_port(const UdpSocket& socket) {
  const PortRange range = local_port_range(env_.sysctls(), socket.options().local_port_range);
  const std::uint32_t low = range.first, count = range.last - low + 1u;
  const auto first = static_cast<std::uint32_t>(random_.below(count));
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto port = static_cast<std::uint16_t>(low + (first + i) % count);
    if (!is_taken(socket, port)) return port;
  }
  return 0;
}

bool UdpStack::take_port(UdpSocket& socket, std::uint16_t port) {
  if (port == 0) {
    port = find_free_port(socket);
    if (port == 0) return false;
  } else if (is_taken(socket, port)) {
    return false;
  }
  socket.port_ = port;
  if (socket.reuse_port) join_group(socket);
  ports_[port].bound.push_back(&socket);
  put_in_place(socket, socket.is_ipv6() && socket.reuse_port);
  return true;
}

void UdpStack::put_in_place(UdpSocket& socket, bool is_last) {
  std::vector<UdpSocket*>& found = ports_[socket.port_].found;
  socket.place_ = is_last ? --last_places_ : ++places_;
  found.insert(is_last ? found.begin() : found.end(), &socket);
}

void UdpStack::let_port_go(UdpSocket& socket) {
  if (socket.port_ == 0) return;
  leave_group(socket);
  Holders& holders = ports_[socket.port_];
  std::erase(holders.bound, &socket);
  std::erase(holders.found, &socket);
  if (holders.bound.empty()) ports_.erase(socket.port_);
  socket.port_ = 0;
  socket.hashed_place_ = 0;
}

void UdpStack::rehash(UdpSocket& socket) {
  if (socket.port_ == 0) return;
  leave_group(socket);
  std::erase(ports_[socket.port_].found, &socket);
  put_in_place(socket, false);
  if (socket.hashed_place_ == 0 || socket.hashed_ == socket.tuple()) return;
  socket.hashed_ = socket.tuple(), socket.hashed_place_ = ++places_;
}

void UdpStack::hash_connection(UdpSocket& socket) {
  if (socket.port_ == 0 || socket.tuple().local_address == 0 || socket.hashed_place_ != 0) return;
  leave_group(socket);
  socket.hashed_ = socket.tuple(), socket.hashed_place_ = ++places_;
}

/// Linux: udp_reuseport_add_sock(), reuseport_add_sock(), reuseport_alloc()
void UdpStack::join_group(UdpSocket& socket) {
  const auto held = ports_.find(socket.port_);
  if (held != ports_.end()) {
    for (UdpSocket* other : held->second.bound | std::views::reverse) {
      const bool is_like = other->is_ipv6() == socket.is_ipv6() &&
                           (other->options().v6only != 0) == (socket.options().v6only != 0);
      if (!other->reuse_port || !is_like || !overlap(socket, *other, false)) continue;
      if (other->group_ == nullptr)
        other->group_ = std::make_shared<ReuseportGroup>(ReuseportGroup{{other}, false});
      other->group_->members.push_back(&socket);
      socket.group_ = other->group_;
      return;
    }
  }
  socket.group_ = std::make_shared<ReuseportGroup>(ReuseportGroup{{&socket}, false});
}

/// The last member takes its place. Linux: reuseport_detach_sock()
void UdpStack::leave_group(UdpSocket& socket) {
  if (socket.group_ == nullptr) return;
  std::vector<UdpSocket*>& members = socket.group_->members;
  const auto at = std::ranges::find(members, &socket);
  assert(at != members.end());
  *at = members.back();
  members.pop_back();
  socket.group_ = nullptr;
}

// --- who a datagram is for -------------------------------------------------------------------------------------------

namespace {

/// How well a socket fits, or −1. `address`: the packet's, or 0 for sockets of all addresses.
///
/// Linux: compute_score() of net/ipv6/udp.c
int score_by_ipv6(const UdpSocket& socket, const FourTuple& tuple, std::uint32_t address, int cpu) {
  const UdpIpv6Names& names = socket.ipv6_names();
  if (!socket.is_ipv6() || names.address != Ipv6Address{address, false}) return -1;
  const std::uint16_t peer_port = socket.peer().port;
  if (peer_port != 0 && peer_port != tuple.remote_port) return -1;
  if (!names.peer.is_any() && names.peer != Ipv6Address{tuple.remote_address, false}) return -1;
  return (peer_port != 0 ? 1 : 0) + (names.peer.is_any() ? 0 : 1) +
         (socket.options().incoming_cpu == cpu ? 1 : 0);
}

/// Linux: compute_score() of net/ipv4/udp.c
int score_by_ipv4(const UdpSocket& socket, const FourTuple& tuple, std::uint32_t address, int cpu) {
  if (socket.options().v6only != 0 || socket.local().address != address) return -1;
  int score = socket.is_ipv6() ? 1 : 2;
  const UdpEndpoint peer = socket.peer();
  if (peer.address != 0) {
    if (peer.address != tuple.remote_address) return -1;
    score += 4;
  }
  if (peer.port != 0) {
    if (peer.port != tuple.remote_port) return -1;
    score += 4;
  }
  return socket.options().incoming_cpu == cpu ? score + 1 : score;
}

int score_of(const UdpSocket& socket, const FourTuple& tuple, std::uint32_t address, int cpu) {
  return is_ipv6(tuple.local_address) ? score_by_ipv6(socket, tuple, address, cpu)
                                      : score_by_ipv4(socket, tuple, address, cpu);
}

}  // namespace

/// A connection before a socket of this very address before one of all.
UdpSocket* UdpStack::find(const FourTuple& tuple, int cpu) const {
  if (UdpSocket* const connection = find_connection(tuple)) return connection;
  UdpSocket* const own = best_of(tuple, tuple.local_address, cpu);
  return own != nullptr ? own : best_of(tuple, 0, cpu);
}

/// Linux: udp4_lib_lookup4()
UdpSocket* UdpStack::find_connection(const FourTuple& tuple) const {
  const auto held = ports_.find(tuple.local_port);
  if (held == ports_.end()) return nullptr;
  UdpSocket* last = nullptr;
  for (UdpSocket* socket : held->second.found) {
    const bool is_it = socket->hashed_place_ != 0 && socket->hashed_ == tuple && socket->tuple() == tuple;
    if (is_it && (last == nullptr || socket->hashed_place_ > last->hashed_place_)) last = socket;
  }
  return last;
}

/// Among those that fit alike the one that came last; a group without connections chooses for itself.
///
/// Linux: udp4_lib_lookup2()
UdpSocket* UdpStack::best_of(const FourTuple& tuple, std::uint32_t address, int cpu) const {
  const auto held = ports_.find(tuple.local_port);
  if (held == ports_.end()) return nullptr;
  UdpSocket* best = nullptr;
  int best_score = -1;
  for (UdpSocket* socket : held->second.found | std::views::reverse) {
    const int score = score_of(*socket, tuple, address, cpu);
    if (score <= best_score) continue;
    best = socket, best_score = score;
    if (socket->is_connected() || !socket->reuse_port || socket->group_ == nullptr) continue;
    UdpSocket* const chosen = choose_of(*socket->group_, tuple);
    if (chosen == nullptr) continue;
    if (!socket->group_->has_connections) return chosen;
    best = chosen, best_score = score_of(*chosen, tuple, address, cpu);
  }
  return best;
}

/// Linux: reuseport_select_sock_by_hash(), reciprocal_scale()
UdpSocket* UdpStack::choose_of(const ReuseportGroup& group, const FourTuple& tuple) const {
  const std::size_t count = group.members.size();
  const std::size_t first = std::uint64_t{hash_of(tuple, secret_)} * count >> 32;
  for (std::size_t i = 0; i < count; ++i) {
    UdpSocket* const member = group.members[(first + i) % count];
    if (!member->is_connected()) return member;
  }
  return nullptr;
}

// --- receiving -------------------------------------------------------------------------------------------------------

void UdpStack::receive(Packet& packet, int cpu) {
  env_.charge(costs_.receive);
  if (packet.protocol == Protocol::kIcmp) return icmp_.receive(packet, *this, cpu);
  env_.charge(costs_.lookup);
  if (packet.is_to_many) return deliver_to_all(packet, cpu);
  const FourTuple tuple{packet.destination_address, packet.source_address, packet.destination_port,
                        packet.source_port};
  if (UdpSocket* const socket = find(tuple, cpu)) {
    socket->note_cpu(cpu, is_ipv6(packet.destination_address));
    return socket->deliver(packet);
  }
  env_.counters().add(is_ipv6(packet.destination_address) ? Counter::kUdp6NoPorts : Counter::kUdpNoPorts);
  icmp_.send_port_unreachable(packet);
  drop(packet);
}

// The message goes to the socket that would get what its receiver sends.
void UdpStack::receive_error(Packet& packet, int cpu) {
  env_.charge(costs_.lookup);
  const FourTuple tuple{packet.destination_address, packet.source_address, packet.quoted_source_port,
                        packet.quoted_destination_port};
  if (UdpSocket* const socket = find(tuple, cpu)) return socket->deliver_error(packet);
  env_.counters().add(is_ipv6(packet.destination_address) ? Counter::kIcmp6InErrors : Counter::kIcmpInErrors);
  env_.packets().give_back(packet);
}

/// The socket after the one at `before`, of those that a broadcast reaches. Linux: __udp_is_mcast_sock()
UdpSocket* UdpStack::next_listener(const FourTuple& tuple, std::uint64_t before) const {
  const auto held = ports_.find(tuple.local_port);
  if (held == ports_.end()) return nullptr;
  const bool is_to_group = tuple.local_address >> 28 == 14;
  for (UdpSocket* socket : held->second.found | std::views::reverse) {
    if (socket->place_ >= before) continue;
    if (is_to_group && socket->is_ipv6())
      continue;  // only IPv4's own are in every group. Linux: IP_MULTICAST_ALL
    const std::uint32_t address = socket->local().address;
    if (score_of(*socket, tuple, address, -1) >= 0 && overlap(address, tuple.local_address)) return socket;
  }
  return nullptr;
}

// The table may change while a socket is told, so each one is looked for anew. Linux: __udp4_lib_mcast_deliver()
void UdpStack::deliver_to_all(Packet& packet, int cpu) {
  const FourTuple tuple{packet.destination_address, packet.source_address, packet.destination_port,
                        packet.source_port};
  constexpr std::uint32_t kAllHosts = 0xe0000001;  // 224.0.0.1, the one group that everybody is in
  const bool is_member = packet.destination_address >> 28 != 14 || packet.destination_address == kAllHosts;
  if (!is_member) return env_.packets().give_back(packet);
  UdpSocket* socket = next_listener(tuple, ~std::uint64_t{0});
  if (socket == nullptr) {
    env_.counters().add(Counter::kUdpIgnoredMulti);
    return env_.packets().give_back(packet);
  }
  for (;;) {
    const std::uint64_t place = socket->place_;
    socket->note_cpu(cpu, false);
    UdpSocket* const next = next_listener(tuple, place);
    if (next == nullptr) return socket->deliver(packet);
    Packet& copy = env_.packets().take();
    const PacketId id = copy.id;
    copy = packet, copy.id = id;
    env_.streams().hold(packet.stream);
    socket->deliver(copy);
    socket = next_listener(tuple, place);
    if (socket == nullptr) return env_.packets().give_back(packet);
  }
}

void UdpStack::drop(Packet& packet) {
  env_.trace().emit(KfreeSkb{packet.id, DropReason::kNoSocket});
  env_.packets().give_back(packet);
}

}  // namespace stackscope
