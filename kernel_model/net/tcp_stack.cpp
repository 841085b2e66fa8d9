#include "kernel_model/net/tcp_stack.hpp"

#include <algorithm>
#include <cassert>

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

TcpStack::TcpStack(NetEnvironment& env)
    : env_(env), table_(env.random().next()), cookies_(table_.secret()), ports_(env.random()) {}

// A run that ends drops its stacks while timers are still pending: the wheels forget them without a word.
TcpStack::~TcpStack() = default;

TcpSocket& TcpStack::make_socket(SocketId listener, SocketUser* user, WaitQueueId wait_queue) {
  const SocketId id = ids_.next();
  sockets_.push_back(std::make_unique<TcpSocket>(*this, id));
  ++live_;
  TcpSocket& socket = *sockets_.back();
  socket.user_ = user;
  env_.trace().emit(SocketCreated{id, listener, wait_queue, static_cast<std::uint32_t>(socket.rcv_.rcvbuf),
                                  static_cast<std::uint32_t>(socket.snd_.sndbuf), socket.rtt_.rto});
  return socket;
}

TcpSocket& TcpStack::create(SocketUser* user, WaitQueueId wait_queue) {
  return make_socket(SocketId{}, user, wait_queue);
}

TcpSocket* TcpStack::find(SocketId socket) const {
  return socket.value == 0 || socket.value > sockets_.size() ? nullptr : sockets_[socket.value - 1].get();
}

/// The last reference is gone.
void TcpStack::forget(TcpSocket& socket) {
  const SocketId id = socket.id();
  env_.trace().emit(SocketDestroyed{id});
  --live_;
  sockets_[id.value - 1].reset();
}

/// Something small takes the socket's place in the table, unless there are too many already.
///
/// Linux: tcp_time_wait(), inet_twsk_alloc(), inet_twsk_hashdance_schedule()
void TcpStack::leave_time_wait(const TcpSocket& socket, TcpState substate, const TimeWait::Sequence& sequence,
                               std::uint64_t jiffies) {
  if (std::int64_t{time_wait_sockets()} >= env_.sysctls().tcp_max_tw_buckets)
    return env_.counters().add(Counter::kTimeWaitOverflow);
  const SocketId id = take_id();
  env_.trace().emit(TimeWaitBegan{id, socket.id(), substate});
  TimeWait& rest =
      *time_waits_
           .emplace(id, std::make_unique<TimeWait>(*this, id, socket.tuple, substate, sequence, socket.held_))
           .first->second;
  table_.insert(rest);
  rest.start(jiffies);
}

/// Linux: __inet_check_established()
bool TcpStack::is_unique(const FourTuple& tuple, bool by_choice) const {
  const ConnectionEntry* const entry = table_.find(tuple);
  if (entry == nullptr) return true;
  return entry->kind == ConnectionEntry::Kind::kTimeWait &&
         static_cast<const TimeWait*>(entry)->may_be_taken(by_choice);
}

/// REQUIRES: is_unique(). What a connection in TIME_WAIT leaves to the one that takes its place.
std::optional<TimeWait::Inheritance> TcpStack::take_place(const FourTuple& tuple) {
  ConnectionEntry* const entry = table_.find(tuple);
  if (entry == nullptr) return std::nullopt;
  return static_cast<TimeWait*>(entry)->give_place();
}

void TcpStack::add_listener(TcpSocket& socket) { listeners_[socket.tuple.local_port].push_back(&socket); }

void TcpStack::remove_listener(TcpSocket& socket) {
  auto& group = listeners_[socket.tuple.local_port];
  const auto at = std::find(group.begin(), group.end(), &socket);
  assert(at != group.end());
  // The last one takes its place, as reuseport_detach_sock() does: some connections move to another listener.
  *at = group.back();
  group.pop_back();
  if (group.empty()) listeners_.erase(socket.tuple.local_port);
}

/// A listener for this very address before one for all, and one of the packet's family before one of both; among those of a SO_REUSEPORT group the hash decides.
///
/// Linux: inet_lookup_listener(), reuseport_select_sock(), reciprocal_scale()
TcpSocket* TcpStack::find_listener(const FourTuple& tuple) const {
  const auto found = listeners_.find(tuple.local_port);
  if (found == listeners_.end()) return nullptr;
  const bool by_ipv6 = is_ipv6(tuple.local_address);
  const auto score = [&](const TcpSocket& s) {
    const bool is_exact = s.tuple.local_address == tuple.local_address;
    const bool takes = is_exact || s.tuple.local_address == 0;
    if (!takes || !have_common(s.reach(), reach_of(tuple.local_address))) return 0;
    return (is_exact ? 3 : 1) + (s.is_ipv6() == by_ipv6 ? 1 : 0);
  };
  int best = 0;
  std::uint32_t count = 0;
  for (const TcpSocket* s : found->second) {
    const int its = score(*s);
    if (its > best) best = its, count = 0;
    count += its > 0 && its == best;
  }
  if (best == 0) return nullptr;
  const std::uint64_t hash = hash_of(tuple, table_.secret());
  auto chosen = static_cast<std::uint32_t>(hash * count >> 32);
  for (TcpSocket* s : found->second) {
    if (score(*s) == best && chosen-- == 0) return s;
  }
  return nullptr;
}

void TcpStack::receive(Packet& packet) {
  if (packet.protocol == Protocol::kIcmp) return receive_error(packet);
  env_.charge(env_.tcp_costs().ip_receive);
  env_.charge(env_.tcp_costs().v4_rcv);
  env_.counters().add(Counter::kTcpInSegs);
  const FourTuple tuple{packet.destination_address, packet.source_address, packet.destination_port,
                        packet.source_port};
  if (ConnectionEntry* entry = table_.find(tuple)) return receive_by_entry(*entry, packet);
  if (TcpSocket* listener = find_listener(tuple)) {
    listener->hold();
    Listener(*listener).receive(packet);
    return listener->put();
  }
  send_reset_for(packet);
  drop(packet, DropReason::kNoSocket);
}

void TcpStack::receive_by_entry(ConnectionEntry& entry, Packet& packet) {
  switch (entry.kind) {
    case ConnectionEntry::Kind::kSocket:
      return static_cast<TcpSocket&>(entry).deliver(packet);
    case ConnectionEntry::Kind::kTimeWait:
      return static_cast<TimeWait&>(entry).receive(packet);
    case ConnectionEntry::Kind::kRequest: {
      auto& request = static_cast<Request&>(entry);
      TcpSocket& listener = request.listener;
      listener.hold();
      Listener(listener).receive_for(request, packet);
      return listener.put();
    }
  }
}

/// RFC 9293 3.10.7.1: nobody is there. A RST is never answered by a RST.
///
/// Linux: tcp_v4_send_reset()
void TcpStack::send_reset_for(const Packet& packet) {
  if (packet.has(tcp_flag::kRst)) return;
  const FourTuple tuple{packet.destination_address, packet.source_address, packet.destination_port,
                        packet.source_port};
  const bool acks = packet.has(tcp_flag::kAck);
  Packet& reset = acks ? control_segment(tuple, tcp_flag::kRst, packet.ack, 0)
                       : control_segment(tuple, tcp_flag::kRst | tcp_flag::kAck, 0, packet.end_seq());
  env_.counters().add(Counter::kTcpOutRsts);
  send(reset);
}

void TcpStack::drop(Packet& packet, DropReason reason) {
  env_.trace().emit(KfreeSkb{packet.id, reason});
  env_.packets().give_back(packet);
}

Packet& TcpStack::control_segment(const FourTuple& tuple, std::uint8_t flags, std::uint32_t seq,
                                  std::uint32_t ack) {
  Packet& packet = env_.packets().take();
  packet.source_address = tuple.local_address, packet.source_port = tuple.local_port;
  packet.destination_address = tuple.remote_address, packet.destination_port = tuple.remote_port;
  packet.flags = flags, packet.seq = seq, packet.ack = ack;
  packet.truesize = kSkbOverhead;
  return packet;
}

void TcpStack::send(Packet& packet) {
  env_.counters().add(Counter::kTcpOutSegs, packet.segments());
  env_.charge(env_.tcp_costs().ip_output);
  env_.transmit(packet);
}

std::uint32_t TcpStack::initial_sequence() { return static_cast<std::uint32_t>(env_.random().next()); }

/// Milliseconds, as the timestamp option carries them. Linux: tcp_time_stamp_ts()
std::uint32_t TcpStack::timestamp() const { return timestamp_of(env_.engine().now()); }
std::uint32_t TcpStack::timestamp_of(Instant then) {
  return static_cast<std::uint32_t>(then.count() / 1'000'000) + 1;
}

}  // namespace stackscope
