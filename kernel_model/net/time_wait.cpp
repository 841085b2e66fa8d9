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
      entry_(stack.env().engine().now()),
      ts_recent_stamp_(entry_),
      claim_(claim),
      timer_(TimerFunction::kTimeWait, this, &call_method<&TimeWait::on_timer, TimeWait>) {
  tuple = four;
  stack_.ports_.claim(tuple.local_port, claim_);
}

void TimeWait::start(std::uint64_t jiffies) {
  NetEnvironment& env = stack_.env();
  const bool is_short = jiffies <= 4 * env.tick().hz().value;
  env.counters().add(is_short ? Counter::kTimeWaitKilled : Counter::kTimeWait);
  timer_.arm(env, id_, jiffies_now(env) + jiffies);
}

/// Linux: inet_twsk_reschedule()
void TimeWait::restart() {
  NetEnvironment& env = stack_.env();
  timer_.arm(env, id_, jiffies_now(env) + env.tick().from_duration(kTimeWaitLength));
}

void TimeWait::on_timer() {
  stack_.env().trace().emit(TimerExpire{TimerFunction::kTimeWait, id_});
  stack_.env().charge(stack_.env().tcp_costs().timer);
  end();
}

/// Linux: inet_twsk_kill(), inet_twsk_deschedule_put()
void TimeWait::end() {
  timer_.disarm(stack_.env(), id_);
  stack_.table_.remove(*this);
  stack_.ports_.release(tuple.local_port, claim_);
  stack_.env().trace().emit(SocketDestroyed{id_});
  stack_.time_waits_.erase(id_);  // this object is gone
}

void TimeWait::acknowledge() {
  Packet& packet = stack_.control_segment(tuple, tcp_flag::kAck, sequence_.snd_nxt, sequence_.rcv_nxt);
  packet.window = static_cast<std::uint16_t>(sequence_.rcv_wnd >> sequence_.rcv_wscale);
  packet.options.has_timestamps = sequence_.has_timestamps;
  packet.options.tsval = stack_.timestamp();
  packet.options.tsecr = sequence_.ts_recent;
  stack_.send(packet);
}

/// Linux: tcp_timewait_check_oow_rate_limit()
bool TimeWait::may_answer(const Packet& packet) {
  if (limit_.allows(stack_.env(), packet)) return true;
  const bool is_open = substate_ == TcpState::kFinWait2;
  stack_.env().counters().add(is_open ? Counter::kAckSkippedFinWait2 : Counter::kAckSkippedTimeWait);
  return false;
}

/// RFC 9293 3.10.7.4, in TIME-WAIT and for an orphan in FIN-WAIT-2.
void TimeWait::receive(Packet& packet) {
  const bool is_older = fails_paws(packet);
  const Answer answer =
      substate_ == TcpState::kFinWait2 ? in_fin_wait2(packet, is_older) : in_time_wait(packet, is_older);
  if (answer == Answer::kGiveWay) return give_way(packet);
  if (answer == Answer::kReset) {
    stack_.send_reset_for(packet);
    stack_.drop(packet, DropReason::kNoSocket);
    return end();
  }
  const bool acknowledges = answer == Answer::kAck || (answer == Answer::kLimitedAck && may_answer(packet));
  stack_.env().packets().give_back(packet);
  if (answer == Answer::kEnd) return end();
  if (acknowledges) acknowledge();
}

/// RFC 7323 5.3: from before the latest segment. A RST is excused where that was long ago: its sender may have lost its clock.
/// Linux: tcp_paws_reject()
bool TimeWait::fails_paws(const Packet& packet) const {
  constexpr Duration kMsl = Duration::s(60);  // TCP_PAWS_MSL
  if (!has_timestamp(packet) || !is_older_timestamp(packet.options.tsval, sequence_.ts_recent, 0))
    return false;
  return !packet.has(tcp_flag::kRst) || stack_.env().engine().now() - ts_recent_stamp_ < kMsl;
}

void TimeWait::take_timestamp(const Packet& packet) {
  if (!has_timestamp(packet)) return;
  sequence_.ts_recent = packet.options.tsval;
  ts_recent_stamp_ = stack_.env().engine().now();
}

/// The program closed, so text that comes now will never be read: it is told so.
TimeWait::Answer TimeWait::in_fin_wait2(const Packet& packet, bool is_older) {
  const std::uint32_t next = sequence_.rcv_nxt, end_seq = packet.end_seq();
  if (is_older || !packet.is_in_window(next, next + sequence_.rcv_wnd)) return Answer::kLimitedAck;
  if (packet.has(tcp_flag::kRst)) return Answer::kEnd;
  if (packet.has(tcp_flag::kSyn) && !before(packet.seq, next)) return Answer::kReset;
  const bool is_old = !after(end_seq, next) || end_seq == packet.seq;
  if (!packet.has(tcp_flag::kAck) || is_old) return Answer::kNone;
  if (!packet.has(tcp_flag::kFin) || end_seq != next + 1) return Answer::kReset;
  sequence_.rcv_nxt = end_seq;
  take_timestamp(packet);
  if (has_timestamp(packet)) entry_ = ts_recent_stamp_;
  substate_ = *next_state(substate_, TcpInput::kFin);
  stack_.env().trace().emit(TimeWaitSubstate{id_, substate_});
  restart();
  return Answer::kAck;
}

/// Whatever comes now is late, and gets the last acknowledgement once more; but for a new connection's SYN.
TimeWait::Answer TimeWait::in_time_wait(const Packet& packet, bool is_older) {
  const bool has_rst = packet.has(tcp_flag::kRst), has_ack = packet.has(tcp_flag::kAck);
  const bool is_empty = packet.seq == packet.end_seq();
  if (!is_older && packet.seq == sequence_.rcv_nxt && (is_empty || has_rst)) {
    if (has_rst && !stack_.env().sysctls().tcp_rfc1337) return Answer::kEnd;  // "assassination", RFC 1337
    if (!has_rst) restart();
    take_timestamp(packet);
    return Answer::kNone;
  }
  const bool is_syn = packet.has(tcp_flag::kSyn) && !has_rst && !has_ack;
  if (is_syn && !is_older && is_new_connection(packet)) return Answer::kGiveWay;
  if (is_older) stack_.env().counters().add(Counter::kPawsTimeWait);
  if (has_rst) return Answer::kNone;
  if (is_older || has_ack) restart();
  return Answer::kLimitedAck;
}

/// It begins after all that the old one used, by its numbers or by its clock. RFC 9293 3.6.1, RFC 6191
bool TimeWait::is_new_connection(const Packet& packet) const {
  const bool is_later = has_timestamp(packet) && before(sequence_.ts_recent, packet.options.tsval);
  return after(packet.seq, sequence_.rcv_nxt) || is_later;
}

/// Far enough behind what the old connection sent.
std::uint32_t TimeWait::next_sequence() const {
  constexpr std::uint32_t kBeyondAnyWindow = 65'535 + 2;
  return std::max(sequence_.snd_nxt + kBeyondAnyWindow, 1u);
}

/// The listener answers. Linux: TCP_TW_SYN in tcp_v4_rcv()
void TimeWait::give_way(Packet& syn) {
  TcpStack& stack = stack_;
  TcpSocket* listener = stack.find_listener(tuple);
  if (listener == nullptr) {
    stack.env().packets().give_back(syn);
    return acknowledge();
  }
  const std::uint32_t isn = next_sequence();
  listener->hold();
  end();  // this object is gone
  Listener(*listener).receive(syn, isn);
  listener->put();
}

bool TimeWait::is_on_loopback() const {
  return is_loopback(tuple.local_address) || is_loopback(tuple.remote_address);
}

bool TimeWait::may_be_taken(bool by_choice) const {
  if (!sequence_.has_timestamps) return false;
  if (!by_choice) return true;
  const Sysctls& sysctls = stack_.env().sysctls();
  const bool is_asked = sysctls.tcp_tw_reuse == 1 || (sysctls.tcp_tw_reuse == 2 && is_on_loopback());
  if (!is_asked || substate_ == TcpState::kFinWait2) return false;
  return after(stack_.timestamp(), TcpStack::timestamp_of(entry_) + sysctls.tcp_tw_reuse_delay_ms);
}

TimeWait::Inheritance TimeWait::give_place() {
  const Inheritance inheritance{next_sequence(), sequence_.ts_recent};
  stack_.env().counters().add(Counter::kTimeWaitRecycled);
  end();  // this object is gone
  return inheritance;
}

}  // namespace stackscope
