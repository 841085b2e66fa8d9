// Sockets: from their creation over the listener's queues to their end.

#include "analysis/folding.hpp"

namespace stackscope {
namespace {

auto accept_links(HostView& host) { return ListEditor(host.sockets, &SocketView::accept_link); }

SocketView* socket_of(Folding& at, SocketId id) { return at.known(at.host().sockets, id); }

void set_wait_queue(HostView& host, SocketView& socket, WaitQueueId queue) {
  socket.wait_queue = queue;
  if (queue) wait_queue_of(host, queue).socket = socket.id;
}

/// A connection waits to be accepted as soon as a socket is made for it, before the segment that completes it is
/// processed. Linux: inet_csk_complete_hashdance(), then tcp_child_process()
void begin_to_accept(HostView& host, SocketView& socket) {
  SocketView* const listener = host.sockets.edit(socket.listener);
  if (listener == nullptr || socket.is_to_accept || socket.is_accepted) return;
  socket.is_to_accept = true;
  accept_links(host).push(listener->to_accept, socket.id, false);
}

void end_to_accept(HostView& host, SocketView& socket) {
  if (!socket.is_to_accept) return;
  socket.is_to_accept = false;
  accept_links(host).remove(host.sockets.edit(socket.listener)->to_accept, socket.id);
}

/// Who still waits for a listener that goes waits for nobody.
void abandon(HostView& host, SocketView& listener) {
  while (listener.to_accept.first) end_to_accept(host, *host.sockets.edit(listener.to_accept.first));
}

void drop_backlog(HostView& host, SocketView& socket) {
  ListEditor links(host.backlogged, &BacklogEntryView::link);
  while (const PacketId packet = socket.backlog.first) {
    links.remove(socket.backlog, packet);
    host.backlogged.erase(packet);
  }
}

}  // namespace

void fold(Folding& at, const SocketCreated& record) {
  HostView& host = at.host();
  if (!record.socket || host.sockets.contains(record.socket)) return at.problem();
  SocketView& socket = host.sockets[record.socket];
  socket.id = record.socket, socket.listener = record.listener;
  set_wait_queue(host, socket, record.wait_queue);
  TcpView& tcp = host.tcp[record.socket];
  tcp.id = record.socket;
  tcp.rcvbuf = record.rcvbuf, tcp.sndbuf = record.sndbuf, tcp.rto_jiffies = record.rto_jiffies;
}

void fold(Folding& at, const SocketGrafted& record) {
  if (SocketView* const socket = socket_of(at, record.socket))
    set_wait_queue(at.host(), *socket, record.wait_queue);
}

void fold(Folding& at, const SocketDestroyed& record) {
  HostView& host = at.host();
  SocketView* const socket = socket_of(at, record.socket);
  if (socket == nullptr) return;
  end_to_accept(host, *socket);
  abandon(host, *socket);
  drop_backlog(host, *socket);
  const WaitQueueId queue = socket->wait_queue;
  host.sockets.erase(record.socket);
  host.tcp.erase(record.socket);
  drop_wait_queue_if_unused(host, queue);
}

void fold(Folding& at, const SocketNamed& record) {
  SocketView* const socket = socket_of(at, record.socket);
  if (socket == nullptr) return;
  socket->local_address = record.local_address, socket->local_port = record.local_port;
  socket->remote_address = record.remote_address, socket->remote_port = record.remote_port;
}

void fold(Folding& at, const InetSockSetState& record) {
  SocketView* const socket = socket_of(at, record.socket);
  if (socket == nullptr) return;
  socket->state = record.newstate;
  const bool is_complete = record.newstate == TcpState::kSynRecv || record.newstate == TcpState::kEstablished;
  if (is_complete && socket->listener) begin_to_accept(at.host(), *socket);
}

void fold(Folding& at, const TimeWaitBegan& record) {
  HostView& host = at.host();
  const SocketView* const socket = socket_of(at, record.socket);
  if (socket == nullptr) return;
  if (!record.time_wait || host.sockets.contains(record.time_wait)) return at.problem();
  SocketView rest;
  rest.id = record.time_wait, rest.state = record.substate;
  rest.local_address = socket->local_address, rest.local_port = socket->local_port;
  rest.remote_address = socket->remote_address, rest.remote_port = socket->remote_port;
  host.sockets[rest.id] = rest;
  host.tcp[rest.id].id = rest.id;  // its timer
}

void fold(Folding& at, const TimeWaitSubstate& record) {
  if (SocketView* const rest = socket_of(at, record.time_wait)) rest->state = record.substate;
}

void fold(Folding& at, const SkDataReady& record) {
  if (SocketView* const socket = socket_of(at, record.socket)) ++socket->data_readies;
}

void fold(Folding& at, const SkWriteSpace& record) {
  if (SocketView* const socket = socket_of(at, record.socket)) ++socket->write_spaces;
}

void fold(Folding& at, const SocketOwned& record) {
  SocketView* const socket = socket_of(at, record.socket);
  if (socket == nullptr) return;
  socket->owner = record.owner, socket->owner_since = at.header.at;
}

void fold(Folding& at, const SocketBacklog& record) {
  HostView& host = at.host();
  SocketView* const socket = socket_of(at, record.socket);
  if (socket == nullptr) return;
  ListEditor links(host.backlogged, &BacklogEntryView::link);
  const BacklogEntryView* const entry = host.backlogged.find(record.packet);
  if (record.queued) {
    if (!record.packet || entry != nullptr) return at.problem();
    host.backlogged[record.packet] = {record.socket, at.header.at, {}};
    links.push(socket->backlog, record.packet, false);
  } else {
    if (entry == nullptr || entry->socket != record.socket) return at.problem();
    links.remove(socket->backlog, record.packet);
    host.backlogged.erase(record.packet);
  }
}

void fold(Folding& at, const SockSendLength& record) {
  SocketView* const socket = socket_of(at, record.socket);
  if (socket != nullptr && record.length > 0) socket->bytes_sent += static_cast<std::uint64_t>(record.length);
}

void fold(Folding& at, const SockRecvLength& record) {
  SocketView* const socket = socket_of(at, record.socket);
  if (socket != nullptr && record.length > 0)
    socket->bytes_received += static_cast<std::uint64_t>(record.length);
}

void fold(Folding& at, const ListenQueues& record) {
  SocketView* const listener = socket_of(at, record.listener);
  if (listener == nullptr) return;
  listener->syn_queue = record.syn_queue, listener->accept_queue = record.accept_queue;
  listener->accept_limit = record.backlog;
}

void fold(Folding& at, const Accepted& record) {
  SocketView* const socket = socket_of(at, record.socket);
  if (socket == nullptr) return;
  if (socket->is_accepted || socket->listener != record.listener) return at.problem();
  end_to_accept(at.host(), *socket);
  socket->is_accepted = true;
}

void fold(Folding& at, const UdpQueued& record) {
  SocketView* const socket = socket_of(at, record.socket);
  if (socket == nullptr) return;
  ++socket->datagrams, socket->datagram_bytes += record.length;
  socket->rmem_alloc = record.rmem_alloc;
}

void fold(Folding& at, const UdpRead& record) {
  SocketView* const socket = socket_of(at, record.socket);
  if (socket == nullptr) return;
  if (socket->datagrams == 0 || record.length > socket->datagram_bytes) return at.problem();
  socket->rmem_alloc = record.rmem_alloc;
  if (record.peeked) return;
  --socket->datagrams, socket->datagram_bytes -= record.length;
}

void fold(Folding& at, const UdpFailQueueRcvSkb& record) {
  SocketView* const socket = socket_of(at, record.socket);
  if (socket == nullptr) return;
  ++socket->datagrams_dropped, socket->rmem_alloc = record.rmem_alloc;
}

}  // namespace stackscope
