#include "analysis/net_view.hpp"

namespace stackscope {
namespace {

bool is_before_established(TcpState state) {
  return state == TcpState::kClose || state == TcpState::kSynSent || state == TcpState::kSynRecv ||
         state == TcpState::kNewSynRecv || state == TcpState::kListen;
}

bool has_received_fin(TcpState state) {
  return state == TcpState::kCloseWait || state == TcpState::kLastAck || state == TcpState::kClosing ||
         state == TcpState::kTimeWait;
}

bool has_queued_fin(TcpState state) {
  return state == TcpState::kFinWait1 || state == TcpState::kClosing || state == TcpState::kLastAck;
}

}  // namespace

std::uint32_t unread_bytes(const SocketView& socket, const TcpView& tcp) {
  if (is_before_established(socket.state)) return 0;
  const std::uint32_t unread = tcp.rcv_nxt - tcp.copied_seq;
  return unread > 0 && has_received_fin(socket.state) ? unread - 1 : unread;
}

std::uint32_t unacknowledged_bytes(const SocketView& socket, const TcpView& tcp) {
  if (is_before_established(socket.state)) return 0;
  const std::uint32_t flying = tcp.snd_nxt - tcp.snd_una;
  const bool has_fin =
      has_queued_fin(socket.state) && tcp.snd_nxt == tcp.write_seq;  // the last of what was queued
  return flying > 0 && has_fin ? flying - 1 : flying;
}

}  // namespace stackscope
