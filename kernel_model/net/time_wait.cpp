#include "kernel_model/net/time_wait.hpp"

#include <algorithm>
#include <cassert>

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/net/sequence.hpp"
#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

TimeWait::TimeWait(TcpStack& stack, SocketId id, const FourTuple& four, TcpState substate,
                   const Sequence& sequence, PortClaim claim)
    : ConnectionEntry(Kind::kTimeWait),
      stack_(stack),
      id_(id),
      substate_(substate),
      sequence_(sequence),
      claim_(claim),
      timer_(TimerFunction::kTimeWait, this, &call_method<&TimeWait::on_timer, TimeWait>) {
  tuple = four;
}

/// Linux: inet_twsk_schedule()
void TimeWait::start(Duration length) {
  NetEnvironment& env = stack_.env();
  timer_.arm(env, id_, jiffies_now(env) + env.tick().from_duration(length));
}

void TimeWait::stop() { timer_.disarm(stack_.env(), id_); }

void TimeWait::move(TcpInput input) {
  const auto to = next_state(substate_, input);
  assert(to.has_value());
  stack_.env().trace().emit(InetSockSetState{id_, substate_, *to});
  substate_ = *to;
}

void TimeWait::on_timer() {
  stack_.env().trace().emit(TimerExpire{TimerFunction::kTimeWait, id_});
  stack_.env().charge(stack_.env().tcp_costs().timer);
  end(TcpInput::kTimeout);
}

void TimeWait::end(TcpInput input) {
  move(input);
  stop();
  stack_.table_.remove(*this);
  if (holds_port) stack_.ports_.release(tuple.local_port, claim_);
  if (TcpSocket* socket = stack_.find(id_)) {
    socket->state_ = TcpState::kClose;  // a program still holds it; told by this object's move()
  } else {
    stack_.env().trace().emit(SocketDestroyed{id_});
  }
  const SocketId id = id_;
  stack_.time_waits_.erase(id);  // this object is gone
}

void TimeWait::acknowledge() {
  Packet& packet = stack_.control_segment(tuple, tcp_flag::kAck, sequence_.snd_nxt, sequence_.rcv_nxt);
  packet.window = static_cast<std::uint16_t>(sequence_.rcv_wnd >> sequence_.rcv_wscale);
  packet.options.has_timestamps = sequence_.has_timestamps;
  packet.options.tsval = stack_.timestamp();
  packet.options.tsecr = sequence_.ts_recent;
  stack_.send(packet);
}

/// RFC 9293 3.10.7.4, in TIME-WAIT and for an orphan in FIN-WAIT-2.
void TimeWait::receive(Packet& packet) {
  NetEnvironment& env = stack_.env();
  const Answer answer = substate_ == TcpState::kFinWait2 ? in_fin_wait2(packet) : in_time_wait(packet);
  if (answer == Answer::kGiveWay) return give_way(packet);
  if (answer == Answer::kReset) {
    stack_.send_reset_for(packet);
    stack_.drop(packet, DropReason::kNoSocket);
    return end(TcpInput::kAbort);
  }
  const bool acknowledges =
      answer == Answer::kAck || (answer == Answer::kLimitedAck && limit_.allows(env, packet));
  env.packets().give_back(packet);
  if (answer == Answer::kEnd) return end(TcpInput::kReset);
  if (acknowledges) acknowledge();
}

/// The program closed, so text that comes now will never be read: it is told so.
TimeWait::Answer TimeWait::in_fin_wait2(const Packet& packet) {
  const std::uint32_t next = sequence_.rcv_nxt, end_seq = packet.end_seq();
  if (!packet.is_in_window(next, next + sequence_.rcv_wnd)) return Answer::kLimitedAck;
  if (packet.has(tcp_flag::kRst)) return Answer::kEnd;
  if (packet.has(tcp_flag::kSyn) && !before(packet.seq, next)) return Answer::kReset;
  const bool is_old = !after(end_seq, next) || end_seq == packet.seq;
  if (!packet.has(tcp_flag::kAck) || is_old) return Answer::kNone;
  if (!packet.has(tcp_flag::kFin) || end_seq != next + 1) return Answer::kReset;
  sequence_.rcv_nxt = end_seq;
  move(TcpInput::kFin);
  start(kTimeWaitLength);
  return Answer::kAck;
}

/// Whatever comes now is late, and gets the last acknowledgement once more; but for a new connection's SYN.
TimeWait::Answer TimeWait::in_time_wait(const Packet& packet) {
  const bool has_rst = packet.has(tcp_flag::kRst), has_ack = packet.has(tcp_flag::kAck);
  if (packet.seq == sequence_.rcv_nxt && (packet.seq == packet.end_seq() || has_rst)) {
    if (has_rst) return Answer::kEnd;  // "assassination", RFC 1337
    start(kTimeWaitLength);
    return Answer::kNone;
  }
  if (packet.has(tcp_flag::kSyn) && !has_rst && !has_ack && is_new_connection(packet))
    return Answer::kGiveWay;
  if (has_rst) return Answer::kNone;
  if (has_ack) start(kTimeWaitLength);
  return Answer::kLimitedAck;
}

/// It begins after all that the old one used, by its numbers or by its clock. RFC 9293 3.6.1, RFC 6191
bool TimeWait::is_new_connection(const Packet& packet) const {
  const bool is_later = sequence_.has_timestamps && packet.options.has_timestamps &&
                        before(sequence_.ts_recent, packet.options.tsval);
  return after(packet.seq, sequence_.rcv_nxt) || is_later;
}

/// The listener answers, far enough behind what the old connection sent. Linux: TCP_TW_SYN in tcp_v4_rcv()
void TimeWait::give_way(Packet& syn) {
  constexpr std::uint32_t kBeyondAnyWindow = 65'535 + 2;
  TcpStack& stack = stack_;
  TcpSocket* listener = stack.find_listener(tuple);
  if (listener == nullptr) {
    stack.env().packets().give_back(syn);
    return acknowledge();
  }
  const std::uint32_t isn = std::max(sequence_.snd_nxt + kBeyondAnyWindow, 1u);
  listener->hold();
  end(TcpInput::kSyn);  // this object is gone
  Listener(*listener).receive(syn, isn);
  listener->put();
}

}  // namespace stackscope
