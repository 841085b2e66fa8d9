// A listener whose SYN queue is full goes on without it: it keeps nothing of a SYN, and believes the ACK that brings its
// cookie back.
//
// Linux: net/ipv4/tcp_input.c tcp_syn_flood_action(), tcp_conn_request() want_cookie; net/ipv4/syncookies.c
//        cookie_v4_check(), cookie_tcp_check(), tcp_get_cookie_sock()

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/net/tcp_stack.hpp"

namespace stackscope {

/// Linux: tcp_syn_flood_action()
bool Listener::may_use_cookies() {
  const bool may = socket_.env_.sysctls().tcp_syncookies != 0;
  socket_.env_.counters().add(may ? Counter::kReqQFullDoCookies : Counter::kReqQFullDrop);
  return may;
}

/// The request lasts as long as this call: no place in the SYN queue, no timer. Without timestamps there is nowhere to keep
/// the peer's options, so none is agreed upon.
void Listener::answer_with_cookie(Packet& syn) {
  NetEnvironment& env = socket_.env_;
  TcpStack& stack = socket_.stack_;
  const Jiffies now = jiffies_now(env);
  Request request(socket_, syn, 0);
  if (!request.has_timestamps) request.snd_wscale = -1, request.sack_ok = false;
  request.stream = env.streams().reply_to(syn.stream);
  env.packets().give_back(syn);
  const std::uint32_t minute = SynCookies::minute_of(now, env.tick().hz());
  request.snt_isn = stack.cookies_.make(request.tuple, request.rcv_isn, minute, request.mss);
  socket_.listen_->overflow.note(now, env.tick().hz());
  env.counters().add(Counter::kSyncookiesSent);
  choose_windows(request, request.largest_segment());

  Packet& answer = syn_ack_for(request);
  if (request.has_timestamps) {
    const TcpOptions kept{.window_scale = request.snd_wscale, .sack_permitted = request.sack_ok};
    answer.options.tsval = cookie_timestamp(kept, answer.options.tsval);
  }
  send_out(answer);
}

/// The SYN that this ACK's cookie tells of; none where it brings none, or one with an option that is off here.
///
/// Linux: cookie_v4_check(), cookie_tcp_check()
std::optional<Packet> Listener::syn_of_cookie(const Packet& ack) {
  NetEnvironment& env = socket_.env_;
  const Sysctls& sysctls = env.sysctls();
  const Jiffies now = jiffies_now(env);
  const Hz hz = env.tick().hz();
  if (sysctls.tcp_syncookies == 0 || ack.has(tcp_flag::kSyn)) return std::nullopt;
  if (!socket_.listen_->overflow.is_recent(now, hz)) return std::nullopt;
  Packet syn = ack;
  syn.seq = ack.seq - 1;
  const FourTuple tuple{ack.destination_address, ack.source_address, ack.destination_port, ack.source_port};
  syn.options.mss =
      socket_.stack_.cookies_.check(tuple, syn.seq, SynCookies::minute_of(now, hz), ack.ack - 1);
  env.counters().add(syn.options.mss == 0 ? Counter::kSyncookiesFailed : Counter::kSyncookiesRecv);
  if (syn.options.mss == 0) return std::nullopt;
  if (!ack.options.has_timestamps) return syn;  // and no other option
  decode_cookie_timestamp(ack.options.tsecr, syn.options);
  const bool has_what_is_off = !sysctls.tcp_timestamps || (syn.options.sack_permitted && !sysctls.tcp_sack) ||
                               (syn.options.window_scale >= 0 && !sysctls.tcp_window_scaling);
  return has_what_is_off ? std::nullopt : std::optional(syn);
}

/// Whatever the accept queue has no room for is dropped without a word: tcp_abort_on_overflow and TCP_DEFER_ACCEPT, which
/// tcp_check_req() asks for, are not looked at. Linux: tcp_get_cookie_sock()
void Listener::finish_by_cookie(const Packet& syn, Packet& ack) {
  NetEnvironment& env = socket_.env_;
  if (socket_.listen_->is_acceptq_full()) {
    env.counters().add(Counter::kListenOverflows);
    return drop_syn(ack, DropReason::kListenOverflow);
  }
  Request request(socket_, syn, ack.ack - 1);
  if (!env.streams().hold(request.peer_stream)) request.peer_stream = StreamId{};
  request.stream = env.streams().reply_to(syn.stream);
  if (!env.streams().hold(request.stream)) request.stream = env.streams().open();
  choose_windows(request, request.mss);
  start_child(*complete(request), ack);
}

}  // namespace stackscope
