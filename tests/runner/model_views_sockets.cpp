// Sockets and connections of the model, in the shape of their views.

#include "kernel_model/files/tcp_socket_file.hpp"
#include "tests/runner/model_views.hpp"

namespace stackscope {
namespace {

void show_names(const FourTuple& tuple, SocketView& view) {
  view.local_address = tuple.local_address, view.remote_address = tuple.remote_address;
  view.local_port = tuple.local_port, view.remote_port = tuple.remote_port;
}

void show_listener(const ListenState& state, SocketView& view) {
  view.syn_queue = static_cast<std::uint32_t>(state.syn_queue.size());
  view.accept_queue = state.accept_queue_length;
  view.accept_limit = state.backlog;
  view.to_accept = {};
  if (state.accept_queue.empty()) return;
  view.to_accept = {state.accept_queue.begin()->first, state.accept_queue.rbegin()->first,
                    static_cast<std::uint32_t>(state.accept_queue.size())};
}

/// Whether it waits to be accepted, and who before and after it.
void show_place(const TcpSocket* listener, SocketId id, SocketView& view) {
  view.is_to_accept = false;
  view.accept_link = {};
  if (listener == nullptr || listener->listening() == nullptr) return;
  const auto& queue = listener->listening()->accept_queue;
  const auto place = queue.find(id);
  if (place == queue.end()) return;
  view.is_to_accept = true;
  if (place != queue.begin()) view.accept_link.previous = std::prev(place)->first;
  if (std::next(place) != queue.end()) view.accept_link.next = std::next(place)->first;
}

/// A timer that stays in its bucket is not told to have moved: what was told then lies in the same bucket.
void show_timer(const SocketTimer& timer, SocketTimerView& view) {
  view.armed = timer.is_pending() ? 1 : 0;
  if (!timer.is_pending()) return;
  const unsigned grain = timer.timer().level() * TimerWheel::kGrainShift;
  const std::uint64_t expires = timer.timer().expires().value;
  if (view.expires >> grain != expires >> grain) view.expires = expires;
}

SocketTimerView& timer_in(TcpView& view, TimerFunction function) {
  return view.timers[static_cast<std::size_t>(function)];
}

void show_requests(const ListenState& state, SocketTimerView& view) {
  view.armed = 0;
  for (const auto& [tuple, request] : state.syn_queue) view.armed += request.timer.is_pending();
  if (state.syn_queue.size() == 1) show_timer(state.syn_queue.begin()->second.timer, view);
}

}  // namespace

const TimeWait* ModelHost::time_wait(SocketId id) const {
  const TimeWait* found = nullptr;
  tcp_->for_each_time_wait(
      [&](SocketId each, const TimeWait& waiting) { found = each == id ? &waiting : found; });
  return found;
}

bool ModelHost::show(SocketId id, SocketView& view) const {
  const TcpSocket* const socket = tcp_->find(id);
  const TimeWait* const waiting = time_wait(id);
  if (socket == nullptr && waiting == nullptr) return false;
  view.id = id;
  view.state = socket != nullptr ? socket->state() : waiting->substate();
  show_names(socket != nullptr ? socket->tuple : waiting->tuple, view);
  const TcpSocketFile* const user = socket == nullptr ? nullptr : user_of(*socket);
  view.wait_queue = user == nullptr ? WaitQueueId{} : user->wait_queue().id();
  view.file = user == nullptr || host_->files().find(user->id()) == nullptr ? FileId{} : user->id();
  view.owner = socket == nullptr ? TaskId{} : socket->owner();
  if (socket != nullptr && socket->listening() != nullptr) show_listener(*socket->listening(), view);
  show_place(tcp_->find(view.listener), id, view);
  return true;
}

bool ModelHost::show(SocketId id, TcpView& view) const {
  const TcpSocket* const socket = tcp_->find(id);
  const TimeWait* const waiting = time_wait(id);
  if (socket == nullptr && waiting == nullptr) return false;
  view.id = id;
  timer_in(view, TimerFunction::kTimeWait).armed = 0;
  if (waiting != nullptr) show_timer(waiting->timer(), timer_in(view, TimerFunction::kTimeWait));
  timer_in(view, TimerFunction::kTcpDelack).armed = timer_in(view, TimerFunction::kTcpWrite).armed = 0;
  timer_in(view, TimerFunction::kTcpSynAck).armed = timer_in(view, TimerFunction::kTcpKeepalive).armed = 0;
  if (socket == nullptr) return true;

  const SendState& snd = socket->sending();
  view.snd_una = snd.snd_una, view.snd_nxt = snd.snd_nxt, view.write_seq = snd.write_seq,
  view.snd_wnd = snd.snd_wnd, view.wmem_queued = static_cast<std::uint32_t>(snd.wmem_queued);
  view.snd_cwnd = socket->congestion().snd_cwnd, view.snd_ssthresh = socket->congestion().snd_ssthresh;
  const ReceiveState& rcv = socket->receiving();
  view.rcv_nxt = rcv.rcv_nxt, view.copied_seq = rcv.copied_seq, view.rcv_wup = rcv.rcv_wup,
  view.rcv_wnd = rcv.rcv_wnd, view.rmem_alloc = static_cast<std::uint32_t>(rcv.rmem_alloc);
  view.rcvbuf = static_cast<std::uint32_t>(rcv.rcvbuf), view.sndbuf = static_cast<std::uint32_t>(snd.sndbuf);
  const AckState& ack = socket->acking();
  view.quick = ack.quick, view.pingpong = ack.pingpong, view.ato = ack.ato;
  const RttState& rtt = socket->rtt();
  view.srtt_us = rtt.srtt_us, view.rttvar_us = rtt.rttvar_us, view.rto_jiffies = rtt.rto;
  show_timer(socket->delack_timer(), timer_in(view, TimerFunction::kTcpDelack));
  show_timer(socket->write_timer(), timer_in(view, TimerFunction::kTcpWrite));
  if (socket->keepalive_timer() != nullptr)
    show_timer(*socket->keepalive_timer(), timer_in(view, TimerFunction::kTcpKeepalive));
  if (socket->listening() != nullptr)
    show_requests(*socket->listening(), timer_in(view, TimerFunction::kTcpSynAck));
  return true;
}

std::vector<PacketId> ModelHost::backlog(SocketId id) const {
  std::vector<PacketId> packets;
  const TcpSocket* const socket = tcp_->find(id);
  if (socket == nullptr) return packets;
  for (const Packet* packet = socket->backlog().front(); packet != nullptr; packet = packet->next)
    packets.push_back(packet->id);
  return packets;
}

std::vector<SocketId> ModelHost::sockets() const {
  std::vector<SocketId> ids;
  tcp_->for_each([&](const TcpSocket& socket) { ids.push_back(socket.id()); });
  tcp_->for_each_time_wait([&](SocketId id, const TimeWait&) { ids.push_back(id); });
  return ids;
}

}  // namespace stackscope
