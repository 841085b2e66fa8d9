#pragma once
// NICs, links and sockets.

#include <array>
#include <cstdint>

#include "analysis/linked_list.hpp"
#include "analysis/paged_queue.hpp"
#include "kernel_model/vocabulary/file_records.hpp"
#include "kernel_model/vocabulary/net_records.hpp"

namespace stackscope {

/// A frame in a ring.
struct RingEntryView {
  std::uint32_t slot = 0;
  PacketId packet;
  Instant since;
  void describe(auto&& field) const { field("slot", slot), field("packet", packet), field("since", since); }
};

/// A queue of a NIC: its two rings and its interrupt.
struct NicView {
  QueueId id;
  PagedQueue<RingEntryView> rx, tx;  // the oldest first
  bool is_masked = false;
  bool is_interrupt_pending = false;  // raised, and no CPU has begun to handle it
  std::uint8_t target_cpu = 0;
  Instant interrupt_since;
  std::uint64_t frames = 0, drops = 0, sent = 0, interrupts = 0;
  PacketId last_dropped;
  void describe(auto&& field) const {
    field("id", id), field("rx", rx), field("tx", tx), field("is_masked", is_masked);
    field("is_interrupt_pending", is_interrupt_pending), field("target_cpu", target_cpu);
    field("interrupt_since", interrupt_since), field("frames", frames), field("drops", drops),
        field("sent", sent);
    field("interrupts", interrupts), field("last_dropped", last_dropped);
  }
};

/// A frame on its way: what was sent, by which host, and when its last bit left.
struct FrameInFlight : WireSegment {
  std::uint8_t host = 0;
  Instant since;
  void describe(auto&& field) const {
    field("host", host), field("since", since);
    describe_segment(field);
  }
};

/// All links: the records do not tell them apart.
struct LinkView {
  PagedMap<PacketId, FrameInFlight> in_flight;
  std::uint64_t sent = 0, delivered = 0;
  void describe(auto&& field) const {
    field("in_flight", in_flight), field("sent", sent), field("delivered", delivered);
  }
};

/// A packet in a socket's backlog; its place in the host's map is the packet.
struct BacklogEntryView {
  SocketId socket;
  Instant since;
  ListLink<PacketId> link;
  void describe(auto&& field) const { field("socket", socket), field("since", since), field("link", link); }
};

/// A socket, listeners included.
struct SocketView {
  SocketId id, listener;
  WaitQueueId wait_queue;
  FileId file;
  TcpState state = TcpState::kClose;
  std::uint16_t local_port = 0, remote_port = 0;
  std::uint32_t local_address = 0, remote_address = 0;
  TaskId owner;
  Instant owner_since;
  ListView<PacketId> backlog;

  // Of a listener: the kernel's counts, and who waits to be accepted.
  std::uint32_t syn_queue = 0, accept_queue = 0, accept_limit = 0;
  ListView<SocketId> to_accept;
  // Of a connection that was opened passively.
  ListLink<SocketId> accept_link;
  bool is_to_accept = false, is_accepted = false;

  // Of UDP: datagrams that wait to be read, their bytes, and the kernel memory that all of the queue holds.
  std::uint32_t datagrams = 0, datagram_bytes = 0, rmem_alloc = 0;
  std::uint64_t datagrams_dropped = 0;  // the receive buffer was full

  std::uint64_t bytes_sent = 0, bytes_received = 0;  // by programs
  std::uint32_t data_readies = 0, write_spaces = 0;

  void describe(auto&& field) const {
    field("id", id), field("listener", listener), field("wait_queue", wait_queue), field("file", file);
    field("state", state), field("local_port", local_port), field("remote_port", remote_port);
    field("local_address", local_address), field("remote_address", remote_address), field("owner", owner);
    field("owner_since", owner_since), field("backlog", backlog), field("syn_queue", syn_queue);
    field("accept_queue", accept_queue), field("accept_limit", accept_limit), field("to_accept", to_accept);
    field("accept_link", accept_link), field("is_to_accept", is_to_accept), field("is_accepted", is_accepted);
    field("datagrams", datagrams), field("datagram_bytes", datagram_bytes);
    field("rmem_alloc", rmem_alloc), field("datagrams_dropped", datagrams_dropped);
    field("bytes_sent", bytes_sent), field("bytes_received", bytes_received),
        field("data_readies", data_readies);
    field("write_spaces", write_spaces);
  }
};

/// A timer of a socket, in jiffies; a listener has one for each connection that is not complete.
struct SocketTimerView {
  std::uint32_t armed = 0;  // how many are
  /// Of the one armed last; as it was told: a timer that stays in its bucket is not mentioned.
  std::uint64_t expires = 0;
  bool is_armed() const { return armed > 0; }
  void describe(auto&& field) const { field("armed", armed), field("expires", expires); }
};

/// What TCP knows of a socket; there from its creation on. Linux: struct tcp_sock
struct TcpView {
  SocketId id;
  std::uint32_t snd_una = 0, snd_nxt = 0, write_seq = 0, snd_wnd = 0, wmem_queued = 0;
  std::uint32_t snd_cwnd = kInitialWindow, snd_ssthresh = kInfiniteSsthresh;
  std::uint32_t rcv_nxt = 0, copied_seq = 0, rcv_wup = 0, rcv_wnd = 0, rmem_alloc = 0;
  std::uint32_t rcvbuf = 0, sndbuf = 0;
  std::uint8_t quick = 0, pingpong = 0;
  std::uint32_t ato = 0;                                      // jiffies
  std::uint32_t srtt_us = 0, rttvar_us = 0, rto_jiffies = 0;  // srtt_us is eight times the smoothed value
  std::uint64_t segments = 0;                                 // tcp_probe: processed while established
  std::array<SocketTimerView, 5> timers;                      // by TimerFunction, process_timeout not counted

  const SocketTimerView& timer(TimerFunction function) const {
    return timers[static_cast<std::size_t>(function)];
  }
  void describe(auto&& field) const {
    field("id", id), field("snd_una", snd_una), field("snd_nxt", snd_nxt), field("write_seq", write_seq);
    field("snd_wnd", snd_wnd), field("wmem_queued", wmem_queued), field("snd_cwnd", snd_cwnd);
    field("snd_ssthresh", snd_ssthresh), field("rcv_nxt", rcv_nxt);
    field("copied_seq", copied_seq), field("rcv_wup", rcv_wup), field("rcv_wnd", rcv_wnd);
    field("rmem_alloc", rmem_alloc), field("rcvbuf", rcvbuf), field("sndbuf", sndbuf), field("quick", quick),
        field("pingpong", pingpong);
    field("ato", ato), field("srtt_us", srtt_us), field("rttvar_us", rttvar_us),
        field("rto_jiffies", rto_jiffies);
    field("segments", segments), field("timers", timers);
  }
};

/// What has come in order and was not read yet, without the FIN. Linux: tcp_inq()
std::uint32_t unread_bytes(const SocketView& socket, const TcpView& tcp);
/// What was sent and is not acknowledged yet, without SYN and FIN.
std::uint32_t unacknowledged_bytes(const SocketView& socket, const TcpView& tcp);

}  // namespace stackscope
