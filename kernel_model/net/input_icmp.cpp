// What ICMP says of a connection: that it cannot be, that its segments are too long, or something to remember.
//
// Linux:   net/ipv4/tcp_ipv4.c tcp_v4_err(), tcp_v4_mtu_reduced(), tcp_ld_RTO_revert(); net/ipv6/tcp_ipv6.c tcp_v6_err();
//          net/ipv4/tcp_input.c tcp_simple_retransmit(); net/ipv4/route.c __ip_rt_update_pmtu()
// Differs: IP_RECVERR has the error told, but no message is queued for MSG_ERRQUEUE.

#include <algorithm>
#include <cerrno>

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/net/icmp.hpp"
#include "kernel_model/net/sequence.hpp"
#include "kernel_model/net/tcp_stack.hpp"

namespace stackscope {

void TcpStack::receive_error(Packet& packet) {
  env_.charge(env_.tcp_costs().ip_receive);
  count_received_icmp(env_.counters(), packet);
  const FourTuple tuple{packet.destination_address, packet.source_address, packet.quoted_source_port,
                        packet.quoted_destination_port};
  const IcmpMessage message = packet.icmp;
  const IcmpError error = icmp_error(packet);
  env_.packets().give_back(packet);
  ConnectionEntry* const entry = table_.find(tuple);
  if (entry == nullptr) {
    env_.counters().add(is_ipv6(tuple.local_address) ? Counter::kIcmp6InErrors : Counter::kIcmpInErrors);
  } else if (entry->kind == ConnectionEntry::Kind::kRequest) {
    auto& request = static_cast<Request&>(*entry);
    TcpSocket& listener = request.listener;
    listener.hold();
    Listener(listener).on_icmp(request, message.quoted_seq, error);
    listener.put();
  } else if (entry->kind == ConnectionEntry::Kind::kSocket) {
    static_cast<TcpSocket&>(*entry).on_icmp(message, error);
  }
}

/// Linux: tcp_req_err()
void Listener::on_icmp(Request& request, std::uint32_t seq, const IcmpError& error) {
  NetCounters& counters = socket_.env_.counters();
  if (seq != request.snt_isn) return counters.add(Counter::kOutOfWindowIcmps);
  if (!error.ends_request) return;
  drop(request);
  queues_changed();
  counters.add(Counter::kListenDrops);
}

void TcpSocket::on_icmp(const IcmpMessage& message, const IcmpError& error) {
  hold();
  env_.lock(lock_);
  if (is_owned_ && !error.is_too_big) env_.counters().add(Counter::kLockDroppedIcmps);
  const bool is_ours = !before(message.quoted_seq, snd_.snd_una) && !after(message.quoted_seq, snd_.snd_nxt);
  if (!is_over(state_) && !is_ours) {
    env_.counters().add(Counter::kOutOfWindowIcmps);
  } else if (!is_over(state_) && error.is_too_big) {
    rare().mtu_info = message.mtu;
    if (!is_owned_) mtu_reduced();
  } else if (!is_over(state_) && error.error != 0) {
    if (error.is_route_gone) revert_backoff(message.quoted_seq);
    take_icmp_error(error.error);
  }
  env_.unlock(lock_);
  put();
}

/// What is being opened fails. What is open goes on, and remembers the reason, unless it asked to be told (RFC 1122 4.2.3.9).
void TcpSocket::take_icmp_error(int error) {
  const bool is_told = (is_ipv6_ ? options().recverr6 : options().recverr) != 0;
  if (is_owned_) {
    rare().soft_error = error;
  } else if (is_connecting(state_)) {
    end_with(error, TcpInput::kReset);
  } else if (is_told) {
    error_report(error);
  } else {
    rare().soft_error = error;
  }
}

/// The timer ran because there was no way, not because of congestion: it need not have doubled (RFC 6069).
void TcpSocket::revert_backoff(std::uint32_t seq) {
  const bool has_backed_off = rare_ != nullptr && rare_->retransmits > 0 && rare_->backoff > 0;
  if (is_owned_ || seq != snd_.snd_una || !has_backed_off || snd_.rtx_queue.is_empty()) return;
  --rare_->backoff;
  const std::uint64_t first = rtt_.srtt_us != 0 ? rto_by_rtt() : initial_rto();
  change_rto(first << rare_->backoff);
  const std::uint64_t passed = env_.tick().from_duration(env_.engine().now() - snd_.rtx_queue.front()->stamp);
  if (rtt_.rto > passed) return arm_write_timer(Pending::kRetransmit, rtt_.rto - passed);
  retransmit_timer();
}

/// What was sent is too long for a part of the path.
void TcpSocket::mtu_reduced() {
  const std::uint32_t mtu = std::exchange(rare().mtu_info, 0);
  if (is_listening() || is_over(state_) || mtu == 0) return;
  const std::uint32_t had = stack_.route(tuple.remote_address).mtu;
  stack_.reduce_path_mtu(tuple.remote_address, mtu);
  if (mtu < stack_.route(tuple.remote_address).mtu) rare().soft_error = EMSGSIZE;
  if (stack_.route(tuple.remote_address).mtu < had) simple_retransmit();
}

/// Segments that are too long now are lost for certain: they go again at once, and the window stays.
void TcpSocket::simple_retransmit() {
  const std::uint32_t mss = current_mss();
  bool has_lost = false;
  for (Packet* p = snd_.rtx_queue.front(); p != nullptr; p = p->next) {
    if ((p->gso_size != 0 ? p->gso_size : p->payload_bytes) > mss) p->lost = has_lost = true;
  }
  if (!has_lost) return;
  RareState& r = rare();
  if (!r.in_loss) {
    r.in_loss = true, r.high_seq = snd_.snd_nxt;
    set_cwnd(cong_.snd_cwnd, threshold_for_restart());
  }
  retransmit_lost(cong_.snd_cwnd);
}

// --- the path --------------------------------------------------------------------------------------------------------

/// The way to an address, by what is known of its path.
Route TcpStack::route(std::uint32_t destination) const {
  Route route = env_.route(destination);
  const auto known = path_mtus_.find(destination);
  if (known != path_mtus_.end() && env_.engine().now() < known->second.until)
    route.mtu = std::min(route.mtu, known->second.mtu);
  return route;
}

/// Linux: also net/ipv6/route.c rt6_do_update_pmtu(); net.ipv4.route.min_pmtu and mtu_expires at their defaults
void TcpStack::reduce_path_mtu(std::uint32_t destination, std::uint32_t mtu) {
  constexpr std::uint32_t kLeastIpv4 = 552, kLeastIpv6 = 1280;
  constexpr Duration kLasts = Duration::s(600);
  if (is_ipv6(destination) && mtu < kLeastIpv6) return;
  mtu = std::max(mtu, is_ipv6(destination) ? kLeastIpv6 : kLeastIpv4);
  if (mtu < route(destination).mtu) path_mtus_[destination] = {mtu, env_.engine().now() + kLasts};
}

}  // namespace stackscope
