// What TCP says of its connections, and their timers.

#include "analysis/folding.hpp"

namespace stackscope {
namespace {

/// A connection's numbers come to be with the first record of them; null and a problem where there is no such socket.
TcpView* tcp_of(Folding& at, SocketId id) {
  HostView& host = at.host();
  if (TcpView* const known = host.tcp.edit(id)) return known;
  if (!host.sockets.contains(id)) return at.problem(), nullptr;
  TcpView& tcp = host.tcp[id];
  tcp.id = id;
  return &tcp;
}

/// Timers that are not a socket's are not seen here.
SocketTimerView* timer_of(Folding& at, SocketId socket, TimerFunction function) {
  if (!socket || function == TimerFunction::kProcessTimeout) return nullptr;
  TcpView* const tcp = tcp_of(at, socket);
  if (tcp == nullptr) return nullptr;
  const auto index = static_cast<std::size_t>(function);
  if (index >= tcp->timers.size()) return at.problem(), nullptr;
  return &tcp->timers[index];
}

void disarm(Folding& at, SocketTimerView* timer) {
  if (timer == nullptr) return;
  if (timer->armed == 0) return at.problem();
  if (--timer->armed == 0) timer->expires = 0;
}

}  // namespace

void fold(Folding& at, const TcpProbe& record) {
  TcpView* const tcp = tcp_of(at, record.socket);
  if (tcp == nullptr) return;
  tcp->snd_cwnd = record.snd_cwnd;
  ++tcp->segments;
}

void fold(Folding& at, const TcpRcvSpaceAdjust& record) {
  if (TcpView* const tcp = tcp_of(at, record.socket)) tcp->rcvbuf = record.rcvbuf;
}

void fold(Folding& at, const SocketBuffers& record) {
  TcpView* const tcp = tcp_of(at, record.socket);
  if (tcp == nullptr) return;
  tcp->rcvbuf = record.rcvbuf, tcp->sndbuf = record.sndbuf;
}

void fold(Folding& at, const TcpCongestion& record) {
  TcpView* const tcp = tcp_of(at, record.socket);
  if (tcp == nullptr) return;
  tcp->snd_cwnd = record.snd_cwnd, tcp->snd_ssthresh = record.snd_ssthresh;
}

void fold(Folding& at, const TcpSendSequence& record) {
  TcpView* const tcp = tcp_of(at, record.socket);
  if (tcp == nullptr) return;
  tcp->snd_una = record.snd_una, tcp->snd_nxt = record.snd_nxt;
  tcp->write_seq = record.write_seq, tcp->snd_wnd = record.snd_wnd;
  tcp->wmem_queued = record.wmem_queued;
}

void fold(Folding& at, const TcpReceiveSequence& record) {
  TcpView* const tcp = tcp_of(at, record.socket);
  if (tcp == nullptr) return;
  tcp->rcv_nxt = record.rcv_nxt, tcp->copied_seq = record.copied_seq;
  tcp->rcv_wup = record.rcv_wup, tcp->rcv_wnd = record.rcv_wnd, tcp->rmem_alloc = record.rmem_alloc;
}

void fold(Folding& at, const TcpAckMode& record) {
  TcpView* const tcp = tcp_of(at, record.socket);
  if (tcp == nullptr) return;
  tcp->quick = record.quick, tcp->pingpong = record.pingpong, tcp->ato = record.ato;
}

void fold(Folding& at, const TcpRtt& record) {
  TcpView* const tcp = tcp_of(at, record.socket);
  if (tcp == nullptr) return;
  tcp->srtt_us = record.srtt_us, tcp->rttvar_us = record.rttvar_us, tcp->rto_jiffies = record.rto_jiffies;
}

void fold(Folding& at, const TimerStart& record) {
  if (SocketTimerView* const timer = timer_of(at, record.socket, record.function))
    ++timer->armed, timer->expires = record.expires;
}

void fold(Folding& at, const TimerCancel& record) {
  disarm(at, timer_of(at, record.socket, record.function));
}

void fold(Folding& at, const TimerExpire& record) {
  disarm(at, timer_of(at, record.socket, record.function));
}

}  // namespace stackscope
