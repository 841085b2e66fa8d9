#include "kernel_model/net/udp_stack.hpp"

#include <algorithm>
#include <cassert>
#include <ranges>

#include "kernel_model/costs/udp_costs.hpp"
#include "kernel_model/net/counters.hpp"
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

}  // namespace

/// Linux: udp_lib_lport_inuse2(), inet_rcv_saddr_equal()
bool UdpStack::is_taken(const UdpSocket& socket, std::uint16_t port) const {
  const auto held = ports_.find(port);
  if (held == ports_.end()) return false;
  for (const UdpSocket* other : held->second | std::views::reverse) {
    if (socket.reuse_address && other->reuse_address) continue;
    if (!overlap(socket.address_, other->address_)) continue;
    return !(socket.reuse_port && other->reuse_port && socket.group_ == nullptr);
  }
  return false;
}

std::uint16_t UdpStack::find_free_port(const UdpSocket& socket) {
  const Sysctls& sysctls = env_.sysctls();
  const std::uint32_t low = sysctls.ip_local_port_first;
  const std::uint32_t count = sysctls.ip_local_port_last - low + 1u;
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
  socket.place_ = ++places_;
  ports_[port].push_back(&socket);
  return true;
}

void UdpStack::let_port_go(UdpSocket& socket) {
  if (socket.port_ == 0) return;
  leave_group(socket);
  std::vector<UdpSocket*>& holders = ports_[socket.port_];
  std::erase(holders, &socket);
  if (holders.empty()) ports_.erase(socket.port_);
  socket.port_ = 0;
  socket.hashed_place_ = 0;
}

void UdpStack::rehash(UdpSocket& socket) {
  if (socket.port_ == 0) return;
  leave_group(socket);
  std::vector<UdpSocket*>& holders = ports_[socket.port_];
  std::erase(holders, &socket);
  socket.place_ = ++places_;
  holders.push_back(&socket);
  if (socket.hashed_place_ == 0 || socket.hashed_ == socket.tuple()) return;
  socket.hashed_ = socket.tuple(), socket.hashed_place_ = ++places_;
}

void UdpStack::hash_connection(UdpSocket& socket) {
  if (socket.port_ == 0 || socket.address_ == 0 || socket.hashed_place_ != 0) return;
  leave_group(socket);
  socket.hashed_ = socket.tuple(), socket.hashed_place_ = ++places_;
}

/// Linux: udp_reuseport_add_sock(), reuseport_add_sock(), reuseport_alloc()
void UdpStack::join_group(UdpSocket& socket) {
  const auto held = ports_.find(socket.port_);
  if (held != ports_.end()) {
    for (UdpSocket* other : held->second | std::views::reverse) {
      if (!other->reuse_port || other->address_ != socket.address_) continue;
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

/// How well a socket fits, or −1. Linux: compute_score()
int score_of(const UdpSocket& socket, const FourTuple& tuple, std::uint32_t address, int cpu) {
  if (socket.local().address != address) return -1;
  int score = 2;
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
  for (UdpSocket* socket : held->second) {
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
  int best_score = 0;
  for (UdpSocket* socket : held->second | std::views::reverse) {
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
    socket->note_cpu(cpu);
    return socket->deliver(packet);
  }
  env_.counters().add(Counter::kUdpNoPorts);
  icmp_.send_port_unreachable(packet);
  drop(packet);
}

// The message goes to the socket that would get what its receiver sends.
void UdpStack::receive_error(Packet& packet, int cpu) {
  env_.charge(costs_.lookup);
  const FourTuple tuple{packet.destination_address, packet.source_address, packet.quoted_source_port,
                        packet.quoted_destination_port};
  if (UdpSocket* const socket = find(tuple, cpu)) return socket->deliver_error(packet);
  env_.counters().add(Counter::kIcmpInErrors);
  env_.packets().give_back(packet);
}

/// The socket after the one at `before`, of those that a broadcast reaches. Linux: __udp_is_mcast_sock()
UdpSocket* UdpStack::next_listener(const FourTuple& tuple, std::uint64_t before) const {
  const auto held = ports_.find(tuple.local_port);
  if (held == ports_.end()) return nullptr;
  for (UdpSocket* socket : held->second | std::views::reverse) {
    if (socket->place_ >= before) continue;
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
    socket->note_cpu(cpu);
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
