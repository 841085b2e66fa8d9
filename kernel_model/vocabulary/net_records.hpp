#pragma once
// Records of links, NICs, the path of a packet through the kernel, sockets and TCP.

#include <cstdint>
#include <string_view>

#include "kernel_model/vocabulary/drop_reason.hpp"
#include "kernel_model/vocabulary/ids.hpp"
#include "kernel_model/vocabulary/tcp_state.hpp"
#include "sim/record.hpp"

namespace stackscope {

/// TCP's flag bits as they stand in the header (RFC 9293 3.1).
namespace tcp_flag {
inline constexpr std::uint8_t kFin = 1, kSyn = 2, kRst = 4, kPsh = 8, kAck = 16, kUrg = 32;
}

/// What TCP starts a connection with.
inline constexpr std::uint32_t kInitialWindow = 10;  // TCP_INIT_CWND (RFC 6928)
inline constexpr std::uint32_t kInfiniteSsthresh = 0x7fffffff;

enum class DeviceKind : std::uint8_t { kLoopback, kNic, kIdeal };
constexpr std::string_view name_of(DeviceKind kind) {
  constexpr std::string_view kNames[] = {"lo", "eth0", "ideal"};
  return static_cast<std::size_t>(kind) < 3 ? kNames[static_cast<std::size_t>(kind)] : std::string_view{};
}

/// What was put on a wire, or handed to a device: enough to write a capture file. A TCP segment has a flag or more, a UDP
/// datagram none, an ICMP message none and no ports.
struct WireSegment {
  PacketId packet;
  std::uint32_t source_address, destination_address;
  std::uint16_t source_port, destination_port;
  std::uint32_t seq, ack;
  std::uint8_t flags;
  std::uint16_t window;  // as in the header, unscaled
  StreamId stream;       // whose bytes the payload is
  std::uint64_t stream_offset;
  std::uint32_t payload_bytes;
  void describe_segment(auto&& field) const {
    field("packet", packet), field("saddr", source_address), field("daddr", destination_address);
    field("sport", source_port), field("dport", destination_port), field("seq", seq), field("ack", ack);
    field("flags", flags), field("window", window), field("stream", stream);
    field("stream_offset", stream_offset), field("payload_bytes", payload_bytes);
  }
};

struct LinkSent : WireSegment {
  static constexpr std::string_view kName = "link:sent";
  static constexpr std::string_view kSentence = "A frame's last bit left a sender.";
  static constexpr Layer kLayer = Layer::kWire;
  void describe(auto&& field) const { describe_segment(field); }
};

struct LinkDelivered {
  static constexpr std::string_view kName = "link:delivered";
  static constexpr std::string_view kSentence = "A frame's last bit reached the other end.";
  static constexpr Layer kLayer = Layer::kWire;
  PacketId packet;
  void describe(auto&& field) const { field("packet", packet); }
};

struct FrameArrived {
  static constexpr std::string_view kName = "nic:frame_arrived";
  static constexpr std::string_view kSentence =
      "The NIC wrote a frame into its receive ring, before any interrupt.";
  static constexpr Layer kLayer = Layer::kWire;
  QueueId queue;
  PacketId packet;
  std::uint32_t ring_slot, length_bytes;
  void describe(auto&& field) const {
    field("queue", queue), field("packet", packet), field("ring_slot", ring_slot);
    field("length_bytes", length_bytes);
  }
};

struct FrameDropped {
  static constexpr std::string_view kName = "nic:frame_dropped";
  static constexpr std::string_view kSentence =
      "The receive ring was full: the NIC dropped a frame, and no kernel code saw it.";
  static constexpr Layer kLayer = Layer::kWire;
  QueueId queue;
  PacketId packet;
  void describe(auto&& field) const { field("queue", queue), field("packet", packet); }
};

struct RxRingTaken {
  static constexpr std::string_view kName = "nic:rx_taken";
  static constexpr std::string_view kSentence =
      "The driver took a frame from the receive ring and gave the NIC a new buffer.";
  static constexpr Layer kLayer = Layer::kKernel;
  QueueId queue;
  PacketId packet;
  void describe(auto&& field) const { field("queue", queue), field("packet", packet); }
};

struct NicInterrupt {
  static constexpr std::string_view kName = "nic:interrupt";
  static constexpr std::string_view kSentence = "The NIC raised its interrupt line.";
  static constexpr Layer kLayer = Layer::kWire;
  QueueId queue;
  std::uint8_t target_cpu;
  void describe(auto&& field) const { field("queue", queue), field("target_cpu", target_cpu); }
};

struct NicInterruptMask {
  static constexpr std::string_view kName = "nic:interrupt_mask";
  static constexpr std::string_view kSentence =
      "The driver told the NIC to stop, or to resume, interrupting.";
  static constexpr Layer kLayer = Layer::kKernel;
  QueueId queue;
  bool masked;
  void describe(auto&& field) const { field("queue", queue), field("masked", masked); }
};

struct TxRingQueued {
  static constexpr std::string_view kName = "nic:tx_queued";
  static constexpr std::string_view kSentence = "The driver put a frame into the transmit ring.";
  static constexpr Layer kLayer = Layer::kWire;
  QueueId queue;
  PacketId packet;
  std::uint32_t ring_slot;
  void describe(auto&& field) const {
    field("queue", queue), field("packet", packet), field("ring_slot", ring_slot);
  }
};

struct TxRingCompleted {
  static constexpr std::string_view kName = "nic:tx_completed";
  static constexpr std::string_view kSentence = "The NIC sent a frame and its transmit slot is free again.";
  static constexpr Layer kLayer = Layer::kWire;
  QueueId queue;
  PacketId packet;
  void describe(auto&& field) const { field("queue", queue), field("packet", packet); }
};

struct NetDevQueue : WireSegment {
  static constexpr std::string_view kName = "net:net_dev_queue";
  static constexpr std::string_view kSentence = "A packet was handed to a device's queue.";
  static constexpr Layer kLayer = Layer::kKernel;
  DeviceKind device;
  std::uint32_t len;
  void describe(auto&& field) const {
    field("dev", device), field("len", len);
    describe_segment(field);
  }
};

struct NetDevStartXmit {
  static constexpr std::string_view kName = "net:net_dev_start_xmit";
  static constexpr std::string_view kSentence = "The device driver was called to send a packet.";
  static constexpr Layer kLayer = Layer::kKernel;
  DeviceKind device;
  PacketId packet;
  std::uint32_t len;
  void describe(auto&& field) const { field("dev", device), field("packet", packet), field("len", len); }
};

struct NetDevXmit {
  static constexpr std::string_view kName = "net:net_dev_xmit";
  static constexpr std::string_view kSentence = "The device driver took a packet.";
  static constexpr Layer kLayer = Layer::kKernel;
  DeviceKind device;
  PacketId packet;
  std::uint32_t len;
  void describe(auto&& field) const { field("dev", device), field("packet", packet), field("len", len); }
};

struct NetifRx {
  static constexpr std::string_view kName = "net:netif_rx";
  static constexpr std::string_view kSentence = "A packet was put on this CPU's backlog.";
  static constexpr Layer kLayer = Layer::kKernel;
  DeviceKind device;
  PacketId packet;
  std::uint32_t len;
  void describe(auto&& field) const { field("dev", device), field("packet", packet), field("len", len); }
};

struct NetifReceiveSkb {
  static constexpr std::string_view kName = "net:netif_receive_skb";
  static constexpr std::string_view kSentence = "The softirq took a packet up to the protocols.";
  static constexpr Layer kLayer = Layer::kKernel;
  DeviceKind device;
  PacketId packet;
  std::uint32_t len;
  void describe(auto&& field) const { field("dev", device), field("packet", packet), field("len", len); }
};

struct NapiScheduled {
  static constexpr std::string_view kName = "napi:scheduled";
  static constexpr std::string_view kSentence = "A device's poll function was put on this CPU's poll list.";
  static constexpr Layer kLayer = Layer::kKernel;
  NapiId napi;
  void describe(auto&& field) const { field("napi", napi); }
};

struct NapiComplete {
  static constexpr std::string_view kName = "napi:complete";
  static constexpr std::string_view kSentence =
      "A device's poll function left the poll list: its queue is empty.";
  static constexpr Layer kLayer = Layer::kKernel;
  NapiId napi;
  void describe(auto&& field) const { field("napi", napi); }
};

struct NapiPoll {
  static constexpr std::string_view kName = "napi:napi_poll";
  static constexpr std::string_view kSentence = "A poll function ran and handled some packets of its budget.";
  static constexpr Layer kLayer = Layer::kKernel;
  NapiId napi;
  std::uint32_t work, budget;
  void describe(auto&& field) const { field("napi", napi), field("work", work), field("budget", budget); }
};

struct KfreeSkb {
  static constexpr std::string_view kName = "skb:kfree_skb";
  static constexpr std::string_view kSentence = "The kernel dropped a packet, for this reason.";
  static constexpr Layer kLayer = Layer::kKernel;
  PacketId packet;
  DropReason reason;
  void describe(auto&& field) const { field("packet", packet), field("reason", reason); }
};

struct SocketCreated {
  static constexpr std::string_view kName = "sock:created";
  static constexpr std::string_view kSentence =
      "A socket came to be; one that was accepted knows its listener.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket, listener;
  WaitQueueId wait_queue;  // 0 until a program holds the socket, and on ideal hosts
  std::uint32_t rcvbuf = 0, sndbuf = 0, rto_jiffies = 0;  // what the host's settings give a new socket
  void describe(auto&& field) const {
    field("socket", socket), field("listener", listener), field("wait_queue", wait_queue);
    field("rcvbuf", rcvbuf), field("sndbuf", sndbuf), field("rto_jiffies", rto_jiffies);
  }
};

/// A passively opened connection gets its wait queue when it is accepted. Linux: net/core/sock.c
/// sock_graft().
struct SocketGrafted {
  static constexpr std::string_view kName = "sock:grafted";
  static constexpr std::string_view kSentence = "A connection was given to the program that accepted it.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  WaitQueueId wait_queue;
  void describe(auto&& field) const { field("socket", socket), field("wait_queue", wait_queue); }
};

struct SocketDestroyed {
  static constexpr std::string_view kName = "sock:destroyed";
  static constexpr std::string_view kSentence = "A socket is gone.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  void describe(auto&& field) const { field("socket", socket); }
};

struct SocketNamed {
  static constexpr std::string_view kName = "sock:named";
  static constexpr std::string_view kSentence = "A socket's addresses became known.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  std::uint32_t local_address, remote_address;
  std::uint16_t local_port, remote_port;
  void describe(auto&& field) const {
    field("socket", socket), field("local_address", local_address), field("remote_address", remote_address);
    field("local_port", local_port), field("remote_port", remote_port);
  }
};

struct InetSockSetState {
  static constexpr std::string_view kName = "sock:inet_sock_set_state";
  static constexpr std::string_view kSentence = "A TCP socket changed its state.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  TcpState oldstate, newstate;
  void describe(auto&& field) const {
    field("socket", socket), field("oldstate", oldstate), field("newstate", newstate);
  }
};

struct SkDataReady {
  static constexpr std::string_view kName = "sock:sk_data_ready";
  static constexpr std::string_view kSentence =
      "TCP told a socket's waiters that there is something to read or accept.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  void describe(auto&& field) const { field("socket", socket); }
};

struct SkWriteSpace {
  static constexpr std::string_view kName = "sock:sk_write_space";
  static constexpr std::string_view kSentence = "TCP told a socket's waiters that there is room to write.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  void describe(auto&& field) const { field("socket", socket); }
};

struct SocketOwned {
  static constexpr std::string_view kName = "sock:owned";
  static constexpr std::string_view kSentence =
      "A task took a socket for itself, or let go; segments wait in its backlog meanwhile.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  TaskId owner;  // 0: nobody any more
  void describe(auto&& field) const { field("socket", socket), field("owner", owner); }
};

struct SocketBacklog {
  static constexpr std::string_view kName = "sock:backlog";
  static constexpr std::string_view kSentence =
      "A segment joined (or left) the backlog of a socket that a task owns.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  PacketId packet;
  bool queued;
  void describe(auto&& field) const {
    field("socket", socket), field("packet", packet), field("queued", queued);
  }
};

struct SockSendLength {
  static constexpr std::string_view kName = "sock:sock_send_length";
  static constexpr std::string_view kSentence = "A send ended with this result.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  std::int64_t length;
  void describe(auto&& field) const { field("socket", socket), field("length", length); }
};

struct SockRecvLength {
  static constexpr std::string_view kName = "sock:sock_recv_length";
  static constexpr std::string_view kSentence = "A receive ended with this result.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  std::int64_t length;
  void describe(auto&& field) const { field("socket", socket), field("length", length); }
};

struct TcpSendmsgLocked {
  static constexpr std::string_view kName = "tcp:tcp_sendmsg_locked";
  static constexpr std::string_view kSentence = "TCP began to take bytes from a program into its send queue.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  std::uint32_t msg_left, size_goal;
  void describe(auto&& field) const {
    field("socket", socket), field("msg_left", msg_left), field("size_goal", size_goal);
  }
};

struct TcpProbe {
  static constexpr std::string_view kName = "tcp:tcp_probe";
  static constexpr std::string_view kSentence =
      "TCP began to process a segment of an established connection.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  PacketId packet;
  std::uint32_t data_len, snd_nxt, snd_una, snd_cwnd, snd_wnd, srtt, rcv_wnd;
  void describe(auto&& field) const {
    field("socket", socket), field("packet", packet), field("data_len", data_len), field("snd_nxt", snd_nxt);
    field("snd_una", snd_una), field("snd_cwnd", snd_cwnd), field("snd_wnd", snd_wnd), field("srtt", srtt);
    field("rcv_wnd", rcv_wnd);
  }
};

struct TcpRcvSpaceAdjust {
  static constexpr std::string_view kName = "tcp:tcp_rcv_space_adjust";
  static constexpr std::string_view kSentence =
      "TCP looked at how fast the program reads, to size the receive buffer.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  std::uint32_t rcvbuf;
  void describe(auto&& field) const { field("socket", socket), field("rcvbuf", rcvbuf); }
};

/// Emitted by the one function that changes these numbers. Linux: struct sock, sk_rcvbuf and sk_sndbuf
struct SocketBuffers {
  static constexpr std::string_view kName = "sock:buffers";
  static constexpr std::string_view kSentence =
      "The most that a socket may keep changed: by the program, or because TCP tunes it.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  std::uint32_t rcvbuf, sndbuf;
  void describe(auto&& field) const {
    field("socket", socket), field("rcvbuf", rcvbuf), field("sndbuf", sndbuf);
  }
};

/// Emitted by the one function that changes these numbers.
struct TcpCongestion {
  static constexpr std::string_view kName = "tcp:congestion_window";
  static constexpr std::string_view kSentence =
      "How many segments may be under way changed, or up to where slow start goes.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  std::uint32_t snd_cwnd, snd_ssthresh;  // in segments
  void describe(auto&& field) const {
    field("socket", socket), field("snd_cwnd", snd_cwnd), field("snd_ssthresh", snd_ssthresh);
  }
};

/// Emitted by the one function that moves these numbers.
struct TcpSendSequence {
  static constexpr std::string_view kName = "tcp:send_sequence";
  static constexpr std::string_view kSentence =
      "The sending half moved: bytes taken from the program, sent, acknowledged, or forgotten.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  std::uint32_t snd_una, snd_nxt, write_seq, snd_wnd;
  std::uint32_t wmem_queued = 0;  // bytes of kernel memory held
  void describe(auto&& field) const {
    field("socket", socket), field("snd_una", snd_una), field("snd_nxt", snd_nxt),
        field("write_seq", write_seq);
    field("snd_wnd", snd_wnd), field("wmem_queued", wmem_queued);
  }
};

/// Emitted by the one function that moves these numbers.
struct TcpReceiveSequence {
  static constexpr std::string_view kName = "tcp:receive_sequence";
  static constexpr std::string_view kSentence =
      "The receiving half moved: bytes received, read by the program, or offered as window.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  std::uint32_t rcv_nxt, copied_seq, rcv_wup, rcv_wnd;
  std::uint32_t rmem_alloc;  // bytes of kernel memory held
  void describe(auto&& field) const {
    field("socket", socket), field("rcv_nxt", rcv_nxt), field("copied_seq", copied_seq),
        field("rcv_wup", rcv_wup);
    field("rcv_wnd", rcv_wnd), field("rmem_alloc", rmem_alloc);
  }
};

struct TcpAckMode {
  static constexpr std::string_view kName = "tcp:ack_mode";
  static constexpr std::string_view kSentence =
      "What TCP thinks of acknowledging: how many quick ones are left, and whether the program answers "
      "(pingpong).";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  std::uint8_t quick, pingpong;
  std::uint32_t ato;  // jiffies
  void describe(auto&& field) const {
    field("socket", socket), field("quick", quick), field("pingpong", pingpong), field("ato", ato);
  }
};

struct TcpRtt {
  static constexpr std::string_view kName = "tcp:rtt";
  static constexpr std::string_view kSentence =
      "A round trip was measured and the estimate moved, or the timeout was doubled.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  std::uint32_t srtt_us, rttvar_us, rto_jiffies;  // srtt_us is eight times the smoothed value, as in Linux
  void describe(auto&& field) const {
    field("socket", socket), field("srtt_us", srtt_us), field("rttvar_us", rttvar_us);
    field("rto_jiffies", rto_jiffies);
  }
};

struct ListenQueues {
  static constexpr std::string_view kName = "tcp:listen_queues";
  static constexpr std::string_view kSentence = "A listener's SYN queue or accept queue changed.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId listener;
  std::uint32_t syn_queue, accept_queue, backlog;
  void describe(auto&& field) const {
    field("listener", listener), field("syn_queue", syn_queue), field("accept_queue", accept_queue);
    field("backlog", backlog);
  }
};

struct Accepted {
  static constexpr std::string_view kName = "tcp:accepted";
  static constexpr std::string_view kSentence = "A connection was taken from a listener's accept queue.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId listener, socket;
  void describe(auto&& field) const { field("listener", listener), field("socket", socket); }
};

}  // namespace stackscope
