#pragma once
// A UDP socket without its file: names, datagrams that wait to be read, one that waits to be sent. Never blocks.
//
// Linux:     net/ipv4/udp.c, net/ipv4/datagram.c __ip4_datagram_connect(), net/ipv4/ip_output.c ip_make_skb(),
//            ip_append_data(); net/ipv6/udp.c, net/ipv6/datagram.c __ip6_datagram_connect(), net/ipv6/ip6_output.c
//            ip6_make_skb()
// Invariant: between two charges a call is atomic; `lock_` only keeps the user from going while a softirq tells it.
// Differs:   a datagram that is sent counts against the send buffer until the device is called; Linux counts it on a NIC
//            until that has sent it. So nobody ever waits for room in the send buffer.
// Differs:   larger than the NIC's MTU, a datagram goes as one packet, which takes the wire for as long as its fragments
//            would; Linux cuts it into these, each a frame with work of its own, and loses all with one.
// Differs:   a datagram over IPv6 that waits in a corked socket keeps its destination when that socket is connected over
//            IPv4; Linux then writes into it an address that only sockets of all addresses hear.
// Differs:   UDP_SEGMENT and UDP_GRO are numbers without effect; no encapsulation, no UDP-Lite, no multicast groups.
// Differs:   the receive queue's spinlock is never contended, and all UDP sockets together may hold any amount of memory
//            (net.ipv4.udp_mem).

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernel_model/hardware/spin_lock.hpp"
#include "kernel_model/net/connection_table.hpp"
#include "kernel_model/net/packet.hpp"
#include "kernel_model/net/socket_options.hpp"
#include "kernel_model/vocabulary/buffer.hpp"
#include "kernel_model/vocabulary/ids.hpp"
#include "kernel_model/vocabulary/internet_address.hpp"

namespace stackscope {

class NetEnvironment;
class UdpSocket;
class UdpStack;
struct Route;
struct UdpCosts;

/// Who holds a UDP socket: called in the context of whoever caused it, so it must not block. Linux: sk_data_ready and
/// its neighbours
class UdpUser {
 public:
  virtual ~UdpUser() = default;
  virtual void on_data_ready() = 0;
  virtual void on_write_space() = 0;
  virtual void on_state_change() = 0;
  virtual void on_error_report() = 0;
};

struct UdpEndpoint {
  std::uint32_t address = 0;
  std::uint16_t port = 0;
  constexpr bool operator==(const UdpEndpoint&) const = default;
};

/// Where a program wants a datagram to go; `error` where that is no address, or none that can be reached, told when it is
/// looked at. Not by IPv4 are ::1 and ::, and what has the error; an IPv4 address in IPv6's clothes is one of IPv4.
struct UdpDestination : UdpEndpoint {
  int error = 0;
  bool by_ipv6 = false;
};

/// What an IPv6 socket keeps beside the names of every socket. Linux: sk_v6_rcv_saddr, np->saddr, sk_v6_daddr
struct UdpIpv6Names {
  Ipv6Address address, source, peer;
};

/// Sockets that share a port by SO_REUSEPORT, in the order in which the hash numbers them. Linux: struct sock_reuseport
struct ReuseportGroup {
  std::vector<UdpSocket*> members;
  bool has_connections = false;  // and ever had
};

/// What receive() found beside the bytes.
struct UdpReceived {
  UdpEndpoint from;
  bool is_cut = false;          // MSG_TRUNC
  bool is_from_errors = false;  // MSG_ERRQUEUE
};

class UdpSocket {
 public:
  UdpSocket(UdpStack& stack, SocketId id);

  SocketId id() const { return id_; }
  NetEnvironment& env() const;

  /// A file holds it from now on: its wait queue is told. Null: none any more.
  void set_user(UdpUser* user, WaitQueueId wait_queue);
  const UdpUser* user() const { return user_; }
  /// Leaves the table and forgets what it holds; the object lives until the last softirq lets go.
  void close();

  // --- names. Addresses and ports in host byte order ------------------------------------------------------------------
  /// REQUIRES: the address may be bound to. −EINVAL, −EADDRINUSE. Linux: __inet_bind()
  int bind(UdpEndpoint local);
  /// Takes a port where it has none; −EAGAIN. Linux: inet_autobind()
  int autobind();
  int connect(UdpEndpoint peer);
  /// Its names are IPv6's. Linux: sk_family
  bool is_ipv6() const { return is_ipv6_; }
  void make_ipv6() { is_ipv6_ = true; }
  const UdpIpv6Names& ipv6_names() const { return ipv6_; }
  bool may_bind() const { return !is_connected_ && port_ == 0; }
  int bind_ipv6(Ipv6Address local, std::uint16_t port);
  /// To ::1. Linux: __ip6_datagram_connect()
  int connect_ipv6(UdpEndpoint peer);
  /// What getsockname() tells. Linux: inet6_getname()
  Ipv6Address ipv6_name() const { return ipv6_.address.is_any() ? ipv6_.source : ipv6_.address; }
  /// Linux: __udp_disconnect()
  void disconnect();
  /// The address that packets must be for, 0 for any, and the port, 0 for none. Linux: inet_rcv_saddr, inet_num
  UdpEndpoint local() const { return {address_, port_}; }
  UdpEndpoint peer() const { return peer_; }
  /// What getsockname() tells. Linux: inet_getname()
  UdpEndpoint name() const { return {address_ != 0 ? address_ : source_, port_}; }
  bool is_connected() const { return is_connected_; }

  // --- datagrams ------------------------------------------------------------------------------------------------------
  /// One datagram to `to`, or to the peer where that is null; or a further part of one that waits. Returns the number of
  /// bytes. `flags`: MSG_MORE, MSG_OOB.
  std::int64_t send(std::span<const ConstBuffer> parts, const UdpDestination* to, int flags);
  /// The next datagram's bytes, as many as there is room for; −EAGAIN where there is none; an error that waits comes
  /// first. `flags`: MSG_PEEK, MSG_TRUNC, MSG_ERRQUEUE.
  std::int64_t receive(std::span<const Buffer> parts, int flags, UdpReceived& received);
  /// Of what waits to be sent, nothing does so any longer. Linux: udp_push_pending_frames()
  void push_pending();
  /// Bytes of the next datagram to be read, or 0. Linux: first_packet_length()
  std::uint32_t first_length();
  /// Linux: sk_wmem_alloc_get()
  std::int32_t wmem_alloc() const { return wmem_; }
  std::int32_t rmem_alloc() const { return rmem_; }
  bool has_datagrams() const { return !reader_queue_.is_empty() || !receive_queue_.is_empty(); }

  struct Shutdown {
    bool receive = false, send = false;
  };
  Shutdown shutdown_state() const { return shutdown_; }
  /// `how`: SHUT_RD and its neighbours. −ENOTCONN where it is not connected, and yet it is done. Linux: inet_shutdown()
  int shutdown(int how);
  /// `looks`: the asker would block in a read, so the first datagram is looked at. Linux: udp_poll(), datagram_poll()
  std::uint32_t poll_events(bool looks);
  int error() const { return error_; }
  /// Once. Linux: sock_error()
  int take_error();

  // --- options --------------------------------------------------------------------------------------------------------
  const SocketOptions& options() const { return options_.get(); }
  OptionsHolder& option_holder() { return options_; }
  bool reuse_address = false, reuse_port = false;  // SO_REUSEADDR, SO_REUSEPORT
  std::int32_t rcvbuf() const { return rcvbuf_; }
  std::int32_t sndbuf() const { return sndbuf_; }
  void set_rcvbuf(int value, bool forced);
  void set_sndbuf(int value, bool forced);
  void purge_errors();

  // --- for the stack, in softirq context ------------------------------------------------------------------------------
  /// A CPU found it for a datagram; who is connected remembers which. Linux: sk_incoming_cpu_update()
  void note_cpu(int cpu, bool by_ipv6);
  /// The addresses by which connections are found.
  FourTuple tuple() const {
    const bool by_ipv6 = is_ipv6_ && !ipv6_.address.is_mapped;
    return {by_ipv6 ? ipv6_.address.address : address_, by_ipv6 ? ipv6_.peer.address : peer_.address, port_,
            peer_.port};
  }
  /// A datagram for this socket. Takes the packet. Linux: udp_queue_rcv_skb()
  void deliver(Packet& packet);
  /// An ICMP message about a datagram from here. Takes the packet. Linux: __udp4_lib_err()
  void deliver_error(Packet& packet);
  void hold() { ++references_; }
  void put();

 private:
  friend class UdpStack;

  /// Between which addresses a datagram goes. Linux: struct flowi4
  struct Flow {
    std::uint32_t source = 0;
    UdpEndpoint to;
    std::uint32_t routed = 0;  // the address that its route was found for; mostly the one in `to`
  };
  /// A datagram in the making. Linux: struct inet_cork, sk_write_queue
  struct Outgoing {
    std::uint32_t mtu = 0, path_mtu = 0;     // what it may have as a whole, and as a packet
    bool is_to_many = false, loops = false;  // by the route that it began with
    StreamId stream;                         // none: nothing was taken yet
    std::uint32_t payload = 0, truesize = 0;
    Flow ipv6_flow;  // of one by IPv6, that connect() does not move
    bool by_ipv6 = false;
  };

  void name_changed();
  void set_buffers(std::int32_t rcvbuf, std::int32_t sndbuf);
  // udp_send.cpp
  std::int64_t send_by_ipv4(std::span<const ConstBuffer> parts, const UdpDestination* to, int flags);
  std::int64_t send_by_ipv6(std::span<const ConstBuffer> parts, const UdpDestination* to, int flags);
  std::int64_t send_first(std::span<const ConstBuffer> parts, const Flow& flow, bool corks);
  std::int64_t send_more(std::span<const ConstBuffer> parts, bool corks);
  bool corks(int flags) const;
  int find_ipv6_flow(const UdpDestination* to, Flow& flow) const;
  int connect_ipv4(UdpEndpoint peer);
  int find_flow(const UdpDestination* to, int flags, Flow& flow);
  std::uint32_t most_bytes(const Flow& flow) const;
  int may_go_to(std::uint32_t& destination, std::uint32_t source) const;
  int append(Outgoing& out, const Flow& flow, std::span<const ConstBuffer> parts);
  static bool begins_second_fragment(const Outgoing& out, std::uint32_t size);
  void tell_too_large(const Flow& flow);
  void transmit(const Outgoing& out, const Flow& flow);
  void discard_pending();
  void free_sent(std::uint32_t truesize);
  // udp_receive.cpp
  bool enqueue(Packet& packet);
  void release_rmem(std::uint32_t truesize);
  Packet* first_packet();
  std::int64_t copy_out(const Packet& packet, std::span<const Buffer> parts, int flags,
                        UdpReceived& received);
  bool queue_error(Packet& packet);
  std::int64_t receive_error(std::span<const Buffer> parts, UdpReceived& received);

  UdpStack& stack_;
  const SocketId id_;
  UdpUser* user_ = nullptr;
  SpinLock lock_;
  std::uint32_t references_ = 1;

  std::uint32_t address_ = 0, source_ = 0;  // Linux: inet_rcv_saddr, inet_saddr
  std::uint16_t port_ = 0;
  UdpEndpoint peer_;
  bool is_ipv6_ = false;
  UdpIpv6Names ipv6_;
  bool is_connected_ = false;  // Linux: TCP_ESTABLISHED
  Flow flow_;  // connect()'s and the corked datagram's; whoever comes last has it. Linux: inet->cork.fl
  bool has_route_ = false;  // found for the peer: then its datagrams go by flow_. Linux: sk_dst_cache
  bool address_locked_ = false, port_locked_ = false;  // bind() gave them. Linux: SOCK_BINDADDR_LOCK …
  std::uint64_t place_ = 0;                            // in the table: higher ones are found first
  FourTuple hashed_;  // where the table of connections has it; connect() does not always put that right
  std::uint64_t hashed_place_ = 0;  // 0: nowhere. Linux: udp_lrpa_node
  std::shared_ptr<ReuseportGroup> group_;

  PacketQueue receive_queue_,
      reader_queue_;    // what came; what readers have taken over. The latter is read first
  PacketQueue errors_;  // IP_RECVERR: ICMP messages, and what was too large to be sent. Linux: sk_error_queue
  std::int32_t rmem_ = 0, wmem_ = 0, rcvbuf_, sndbuf_;
  std::uint32_t forward_deficit_ = 0, forward_threshold_;  // freed and not yet given back
  std::unique_ptr<Outgoing> pending_;                      // corked
  int error_ = 0;
  Shutdown shutdown_;
  OptionsHolder options_;
  std::vector<std::byte> row_;  // a datagram, on its way into several parts
};

}  // namespace stackscope
