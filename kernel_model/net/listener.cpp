#include "kernel_model/net/listener.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/net/sequence.hpp"
#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

Request::Request(TcpSocket& of, const Packet& syn, std::uint32_t our_isn)
    : ConnectionEntry(Kind::kRequest),
      listener(of),
      snt_isn(our_isn),
      rcv_isn(syn.seq),
      rcv_nxt(syn.seq + 1),
      snd_wscale(of.env().sysctls().tcp_window_scaling ? syn.options.window_scale : std::int8_t{-1}),
      has_timestamps(syn.options.has_timestamps && of.env().sysctls().tcp_timestamps),
      sack_ok(syn.options.sack_permitted && of.env().sysctls().tcp_sack),
      ts_recent(syn.options.tsval),
      peer_stream(syn.stream),
      timer(TimerFunction::kTcpSynAck, this, &call_method<&Request::on_timer, Request>) {
  tuple = {syn.destination_address, syn.source_address, syn.destination_port, syn.source_port};
  const Route route = of.stack().route(tuple.remote_address);
  advmss = static_cast<std::uint16_t>(of.within_maxseg(route.mtu - route.headers));
  mss = static_cast<std::uint16_t>(syn.options.mss == 0 ? default_mss(tuple.remote_address)
                                                        : of.within_maxseg(syn.options.mss));
}

void Request::on_timer() {
  TcpSocket& of = listener;  // this request may be gone when the timer's work is done
  of.hold();
  Listener(of).on_timer(*this);
  of.put();
}

void Listener::queues_changed() {
  const ListenState& state = *socket_.listen_;
  socket_.env_.trace().emit(ListenQueues{socket_.id_, static_cast<std::uint32_t>(state.syn_queue.size()),
                                         state.accept_queue_length, state.backlog});
}

/// RFC 9293 3.10.7.2, in LISTEN.
void Listener::receive(Packet& packet, std::uint32_t isn) {
  TcpStack& stack = socket_.stack_;
  if (!socket_.is_listening() || packet.has(tcp_flag::kRst)) return stack.drop(packet, DropReason::kNoSocket);
  if (packet.has(tcp_flag::kAck)) {
    if (const std::optional<Packet> syn = syn_of_cookie(packet)) return finish_by_cookie(*syn, packet);
    stack.send_reset_for(packet);
    return stack.drop(packet, DropReason::kNoSocket);
  }
  if (!packet.has(tcp_flag::kSyn) || packet.has(tcp_flag::kFin))
    return stack.drop(packet, DropReason::kOldAck);
  connection_request(packet, isn);
}

void Listener::drop_syn(Packet& packet, DropReason reason) {
  socket_.env_.counters().add(Counter::kListenDrops);
  socket_.stack_.drop(packet, reason);
}

/// Linux: tcp_conn_request()
void Listener::connection_request(Packet& syn, std::uint32_t isn) {
  NetEnvironment& env = socket_.env_;
  socket_.hold();
  env.charge(env.tcp_costs().request_sock);
  socket_.put();
  if (!socket_.is_listening()) return socket_.stack_.drop(syn, DropReason::kNoSocket);
  ListenState& state = *socket_.listen_;
  const std::uint8_t syncookies = env.sysctls().tcp_syncookies;
  const bool wants_cookie = isn == 0 && (syncookies == 2 || state.is_syn_queue_full());
  if (wants_cookie && !may_use_cookies()) return drop_syn(syn, DropReason::kSynQueueFull);
  if (state.is_acceptq_full()) {
    env.counters().add(Counter::kListenOverflows);
    return drop_syn(syn, DropReason::kListenOverflow);
  }
  if (wants_cookie) return answer_with_cookie(syn);
  const std::int32_t most = env.sysctls().tcp_max_syn_backlog;
  const bool is_last_quarter = most - static_cast<std::int32_t>(state.syn_queue.size()) < most / 4;
  if (isn == 0 && syncookies == 0 && is_last_quarter) return drop_syn(syn, DropReason::kSynQueueFull);

  const FourTuple tuple{syn.destination_address, syn.source_address, syn.destination_port, syn.source_port};
  if (socket_.stack_.table_.find(tuple) != nullptr)
    return drop_syn(syn, DropReason::kOldAck);  // the SYN came twice
  Request& request =
      state.syn_queue.try_emplace(tuple, socket_, syn, isn != 0 ? isn : socket_.stack_.initial_sequence())
          .first->second;
  env.packets().give_back(syn);
  if (!env.streams().hold(request.peer_stream)) request.peer_stream = StreamId{};
  // The stream of the connection to be: the client learns its name by our answer, the socket that is made takes it over.
  request.stream = env.streams().open();
  choose_windows(request, request.largest_segment());
  socket_.stack_.table_.insert(request);
  request.timer.arm(env, socket_.id_, jiffies_now(env) + env.tick().from_duration(Duration::s(1)));
  queues_changed();
  send_syn_ack(request);
}

/// The windows of a connection whose segments carry `mss`. Linux: tcp_openreq_init_rwin()
void Listener::choose_windows(Request& request, std::uint32_t mss) {
  const NetEnvironment& env = socket_.env_;
  const InitialWindow window = select_initial_window(env.sysctls(), socket_.full_space(), mss,
                                                     socket_.initial_clamp(), request.snd_wscale >= 0);
  request.rcv_wnd = window.rcv_wnd;
  request.window_clamp = window.window_clamp;
  request.rcv_wscale = window.rcv_wscale;
}

/// The request may be gone afterwards: loopback's answer comes at once. Linux: tcp_v4_send_synack()
void Listener::send_syn_ack(Request& request) {
  request.sent_at = socket_.env_.engine().now();
  request.last_tsval = socket_.stack_.timestamp();
  if (request.first_tsval == 0) request.first_tsval = request.last_tsval;
  send_out(syn_ack_for(request));
}

/// Linux: tcp_make_synack()
Packet& Listener::syn_ack_for(const Request& request) {
  Packet& packet = socket_.stack_.control_segment(request.tuple, tcp_flag::kSyn | tcp_flag::kAck,
                                                  request.snt_isn, request.rcv_nxt);
  packet.window = static_cast<std::uint16_t>(std::min(request.rcv_wnd, 65535u));
  packet.options.mss = request.advmss;
  if (request.snd_wscale >= 0) packet.options.window_scale = static_cast<std::int8_t>(request.rcv_wscale);
  packet.options.sack_permitted = request.sack_ok;
  packet.options.has_timestamps = request.has_timestamps;
  packet.options.tsval = socket_.stack_.timestamp();
  packet.options.tsecr = request.ts_recent;
  packet.stream = request.stream;
  return packet;
}

void Listener::send_out(Packet& syn_ack) {
  socket_.env_.charge(socket_.env_.tcp_costs().transmit);
  socket_.stack_.send(syn_ack);
}

void Listener::drop(Request& request) {
  NetEnvironment& env = socket_.env_;
  request.timer.disarm(env, socket_.id_);
  socket_.stack_.table_.remove(request);
  if (request.peer_stream) env.streams().let_go(request.peer_stream);
  if (request.stream) env.streams().let_go(request.stream);
  socket_.listen_->syn_queue.erase(FourTuple{request.tuple});
}

/// Our answer was lost, it seems. Linux: inet_rtx_syn_ack()
void Listener::answer_syn_again(Request& request, Packet& syn) {
  NetEnvironment& env = socket_.env_;
  const bool may = request.limit.allows(env, syn);
  env.packets().give_back(syn);
  if (!may) return;
  const std::uint64_t wait = env.tick().from_duration(Duration::s(1)) << request.timeouts;
  request.timer.arm(env, socket_.id_, jiffies_now(env) + wait);
  env.counters().add(Counter::kTcpRetransSegs);
  send_syn_ack(request);
}

void Listener::answer_out_of_window(Request& request, Packet& packet) {
  const bool may = request.limit.allows(socket_.env_, packet);
  socket_.stack_.drop(packet, DropReason::kOutOfWindow);
  if (may) acknowledge(request);
}

/// Linux: tcp_v4_reqsk_send_ack()
void Listener::acknowledge(Request& request) {
  TcpStack& stack = socket_.stack_;
  Packet& packet = stack.control_segment(request.tuple, tcp_flag::kAck, request.snt_isn + 1, request.rcv_nxt);
  packet.window = static_cast<std::uint16_t>(std::min(request.rcv_wnd, 65535u) >> request.rcv_wscale);
  packet.options.has_timestamps = request.has_timestamps;
  packet.options.tsval = stack.timestamp();
  packet.options.tsecr = request.ts_recent;
  stack.send(packet);
}

/// A RST, or a SYN that is none of the peer's first one: there will be no connection.
void Listener::end_embryo(Request& request, Packet& packet) {
  socket_.stack_.send_reset_for(packet);
  socket_.env_.counters().add(Counter::kEmbryonicRsts);
  drop(request);
  queues_changed();
  socket_.stack_.drop(packet, DropReason::kOldAck);
}

/// Older than the peer's latest (PAWS), or the echo of what was no SYN-ACK of ours.
/// Linux: tcp_check_req(), paws_reject and tsecr_reject
Listener::Stamps Listener::judge_timestamps(const Request& request, const Packet& packet) {
  if (!request.has_timestamps || !packet.options.has_timestamps) return Stamps::kFine;
  if (is_older_timestamp(packet.options.tsval, request.ts_recent, 0)) return Stamps::kOlder;
  const std::uint32_t echo = packet.options.tsecr;
  const bool is_ours = !before(echo, request.first_tsval) && !after(echo, request.last_tsval);
  return echo == 0 || is_ours ? Stamps::kFine : Stamps::kEchoNone;
}

/// A segment for a connection whose SYN was answered. RFC 9293 3.10.7.4, in SYN-RECEIVED.
void Listener::receive_for(Request& request, Packet& packet) {
  TcpStack& stack = socket_.stack_;
  const bool has_rst = packet.has(tcp_flag::kRst), has_ack = packet.has(tcp_flag::kAck),
             has_syn = packet.has(tcp_flag::kSyn);
  const Stamps stamps = judge_timestamps(request, packet);
  if (packet.seq == request.rcv_isn && has_syn && !has_ack && !has_rst && stamps != Stamps::kOlder)
    return answer_syn_again(request, packet);
  const std::uint32_t window_end = request.rcv_nxt + std::min(request.rcv_wnd, 65535u);
  const bool is_in_window = packet.is_in_window(request.rcv_nxt, window_end);
  if (has_rst && is_in_window && packet.seq != request.rcv_nxt)
    return answer_out_of_window(request, packet);  // RFC 5961 3.2: only the exact number is believed
  const bool acks_syn = has_ack && packet.ack == request.snt_isn + 1;
  if (has_ack && !acks_syn) {
    stack.send_reset_for(packet);
    return stack.drop(packet, DropReason::kOldAck);
  }
  if (stamps != Stamps::kFine) {
    const bool is_older = stamps == Stamps::kOlder;
    socket_.env_.counters().add(is_older ? Counter::kPawsEstab : Counter::kTsEcrRejected);
  }
  if (stamps != Stamps::kFine || !is_in_window) {
    if (has_rst) return stack.drop(packet, DropReason::kOutOfWindow);
    return answer_out_of_window(request, packet);
  }
  if (packet.options.has_timestamps && !after(packet.seq, request.rcv_nxt))
    request.ts_recent = packet.options.tsval;
  if (has_rst || (has_syn && packet.seq != request.rcv_isn)) {
    socket_.env_.counters().add(Counter::kTcpAttemptFails);
    return end_embryo(request, packet);
  }
  if (!acks_syn) return stack.drop(packet, DropReason::kOldAck);
  finish(request, packet);
}

/// Our SYN was acknowledged: there is a connection, if it may be one now.
void Listener::finish(Request& request, Packet& packet) {
  TcpStack& stack = socket_.stack_;
  NetEnvironment& env = socket_.env_;
  // TCP_DEFER_ACCEPT: the program is told when data come, or when it has waited long enough
  const bool is_bare_ack = packet.end_seq() == request.rcv_nxt;
  if (request.timeouts < socket_.options().defer_accept && is_bare_ack) {
    request.acked = true;
    env.counters().add(Counter::kDeferAcceptDrop);
    return stack.drop(packet, DropReason::kOldAck);
  }
  if (socket_.listen_->is_acceptq_full()) {
    env.counters().add(Counter::kListenOverflows);
    request.acked = true;
    if (!env.sysctls().tcp_abort_on_overflow) return drop_syn(packet, DropReason::kListenOverflow);
    env.counters().add(Counter::kListenDrops);
    return end_embryo(request, packet);
  }
  start_child(*complete(request), packet);
}

/// Linux: tcp_child_process()
void Listener::start_child(TcpSocket& child, Packet& packet) {
  socket_.hold();
  child.hold();
  child.counts_.count_in(packet);
  child.process(packet);
  socket_.env_.unlock(child.lock_);
  child.put();
  if (socket_.is_listening()) socket_.data_ready();
  socket_.put();
}

/// A full socket takes the request's place and waits to be accepted. Linux: tcp_v4_syn_recv_sock(),
/// tcp_create_openreq_child(), inet_csk_complete_hashdance()
TcpSocket* Listener::complete(Request& request) {
  TcpStack& stack = socket_.stack_;
  NetEnvironment& env = socket_.env_;
  TcpSocket& child = stack.make_socket(socket_.id_, nullptr, WaitQueueId{});
  env.lock(child.lock_);  // until its first segment is processed
  child.tuple = request.tuple;
  child.state_ = TcpState::kListen;  // a copy of the listener, to begin with
  child.move(TcpInput::kSyn);
  env.trace().emit(SocketNamed{child.id_, child.tuple.local_address, child.tuple.remote_address,
                               child.tuple.local_port, child.tuple.remote_port});
  child.is_ipv6_ = socket_.is_ipv6_;
  child.shutdown_ = socket_.shutdown_;              // what a fresh socket was shut down for lasts
  child.address_locked_ = socket_.address_locked_;  // its port is not. Linux: sk_clone_lock()
  child.reuse_address_ = socket_.reuse_address_, child.reuse_port_ = socket_.reuse_port_;
  child.rcvbuf_locked_ = socket_.rcvbuf_locked_, child.sndbuf_locked_ = socket_.sndbuf_locked_;
  child.snd_.nodelay = socket_.snd_.nodelay, child.snd_.cork = socket_.snd_.cork;
  child.options_.inherit_from(socket_.options_);
  child.counts_.segs_in = 1;  // the SYN
  child.set_buffers(socket_.rcv_.rcvbuf, socket_.snd_.sndbuf);
  child.ack_.pingpong = socket_.ack_.pingpong;
  child.ack_.lrcvtime = jiffies_now(env);

  ReceiveState& rcv = child.rcv_;
  rcv.irs = request.rcv_isn;
  rcv.window_clamp = request.window_clamp;
  rcv.rcv_ssthresh = request.rcv_wnd;
  rcv.rcv_wscale = request.snd_wscale >= 0 ? request.rcv_wscale : 0;
  rcv.has_timestamps = request.has_timestamps, rcv.sack_ok = request.sack_ok;
  rcv.wscale_ok = request.snd_wscale >= 0;
  rcv.ts_recent = request.ts_recent;
  rcv.advmss = request.advmss;
  rcv.stream = std::exchange(request.peer_stream, StreamId{});
  child.move_receive(request.rcv_nxt, request.rcv_nxt, request.rcv_nxt, request.rcv_wnd);
  SendState& snd = child.snd_;
  snd.iss = request.snt_isn;
  snd.snd_wscale = request.snd_wscale >= 0 ? static_cast<std::uint8_t>(request.snd_wscale) : 0;
  snd.mss_clamp = request.mss;
  snd.stream = std::exchange(request.stream, StreamId{});
  snd.pushed_seq = snd.snd_sml = request.snt_isn + 1;
  child.move_send(snd.iss + 1, snd.iss + 1, snd.iss + 1, 0);
  if (request.timeouts == 0 && request.sent_at != Instant::never())
    child.rtt_estimator((env.engine().now() - request.sent_at) / Duration::us(1));
  child.initialize_rcv_mss();
  child.hold_port();
  child.snd_.rcv_tstamp = jiffies_now(env);
  child.start_keepalive();

  drop(request);
  stack.table_.insert(child);
  ListenState& state = *socket_.listen_;
  state.accept_queue.emplace(child.id_, &child);
  ++state.accept_queue_length;
  env.counters().add(Counter::kTcpPassiveOpens);
  queues_changed();
  env.charge(env.tcp_costs().child);
  return &child;
}

/// Nobody answered our answer: again, after twice the time, or forget it. Linux: reqsk_timer_handler(), syn_ack_recalc()
void Listener::on_timer(Request& request) {
  NetEnvironment& env = socket_.env_;
  env.trace().emit(TimerExpire{TimerFunction::kTcpSynAck, socket_.id_});
  const int defer = socket_.options().defer_accept;
  const int most = env.sysctls().tcp_synack_retries;
  const bool is_over = defer == 0 ? request.timeouts >= most
                                  : request.timeouts >= most && (!request.acked || request.timeouts >= defer);
  const bool resends = !request.acked || (defer != 0 && request.timeouts >= defer - 1);
  if (is_over) {
    drop(request);
    return queues_changed();
  }
  ++request.timeouts;
  const std::uint64_t wait = env.tick().from_duration(Duration::s(1)) << request.timeouts;
  request.timer.arm(env, socket_.id_, jiffies_now(env) + wait);
  env.counters().add(Counter::kTimeouts);
  if (!resends) return;  // it waits for room in the accept queue, or for data, not for an answer
  env.counters().add(Counter::kTcpRetransSegs);
  send_syn_ack(request);
}

void Listener::stop() {
  ListenState& state = *socket_.listen_;
  while (!state.syn_queue.empty()) drop(state.syn_queue.begin()->second);
  while (!state.accept_queue.empty()) {
    TcpSocket& child = *state.accept_queue.begin()->second;
    state.accept_queue.erase(state.accept_queue.begin());
    --state.accept_queue_length;
    child.hold();
    socket_.env_.lock(child.lock_);
    child.is_orphan_ = true;
    if (!is_over(child.state_)) {
      child.send_reset();
      child.done(TcpInput::kAbort);
    } else {
      child.destroy_if_over();
    }
    socket_.env_.unlock(child.lock_);
    child.put();
  }
  queues_changed();
}

}  // namespace stackscope
