#include "kernel_model/net/time_wait.hpp"

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
  packet.window = static_cast<std::uint16_t>(sequence_.rcv_wnd);
  packet.options.has_timestamps = sequence_.has_timestamps;
  packet.options.tsval = stack_.timestamp();
  packet.options.tsecr = sequence_.ts_recent;
  stack_.send(packet);
}

/// RFC 9293 3.10.7.4, in TIME-WAIT and for an orphan in FIN-WAIT-2.
void TimeWait::receive(Packet& packet) {
  const bool has_rst = packet.has(tcp_flag::kRst), has_fin = packet.has(tcp_flag::kFin);
  const std::uint32_t seq = packet.seq, end_seq = packet.end_seq();
  const bool has_text = packet.payload_bytes > 0, has_syn = packet.has(tcp_flag::kSyn);
  const bool new_text = has_text && after(end_seq, sequence_.rcv_nxt);
  if (substate_ == TcpState::kFinWait2 && new_text && !has_rst) {
    // Data for a program that closed: nobody will ever read them.
    stack_.send_reset_for(packet);
    stack_.drop(packet, DropReason::kNoSocket);
    return end(TcpInput::kAbort);
  }
  stack_.env().packets().give_back(packet);
  if (has_rst) {
    if (seq == sequence_.rcv_nxt) end(TcpInput::kReset);
    return;
  }
  if (substate_ == TcpState::kFinWait2 && has_fin && end_seq == sequence_.rcv_nxt + 1) {
    sequence_.rcv_nxt = end_seq;
    move(TcpInput::kFin);
    start(kTimeWaitLength);
    return acknowledge();
  }
  // Anything that occupies sequence space is a retransmission, or nonsense: both get an ACK.
  if (has_fin) start(kTimeWaitLength);
  if (has_fin || has_text || has_syn) acknowledge();
}

}  // namespace stackscope
