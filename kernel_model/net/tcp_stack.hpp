#pragma once
// TCP of one host: its sockets, who a segment is for, and what is answered where nobody is there.
//
// Linux:   net/ipv4/tcp_ipv4.c tcp_v4_rcv(), tcp_v4_send_reset(); net/ipv4/inet_hashtables.c;
//          net/core/sock_reuseport.c
// Differs: reuseport_select_sock() picks by the same uniform hash, but from another secret; adding or losing a listener
//          remaps connections as in Linux.

#include <map>
#include <memory>
#include <vector>

#include "kernel_model/net/counters.hpp"
#include "kernel_model/net/listener.hpp"
#include "kernel_model/net/ports.hpp"
#include "kernel_model/net/stream.hpp"
#include "kernel_model/net/syn_cookies.hpp"
#include "kernel_model/net/sysctls.hpp"
#include "kernel_model/net/tcp_socket.hpp"
#include "kernel_model/net/time_wait.hpp"

namespace stackscope {

class TcpStack {
 public:
  /// `env` must outlive the stack.
  explicit TcpStack(NetEnvironment& env);
  ~TcpStack();
  TcpStack(const TcpStack&) = delete;
  TcpStack& operator=(const TcpStack&) = delete;

  /// socket(AF_INET, SOCK_STREAM). `user` and `wait_queue` as for TcpSocket::set_user.
  TcpSocket& create(SocketUser* user = nullptr, WaitQueueId wait_queue = {});

  /// An identity for a socket that is not TCP's: a host's sockets are counted together.
  SocketId take_id() { return sockets_.emplace_back(), ids_.next(); }

  /// tcp_v4_rcv(), or tcp_v4_err() for an ICMP message about a segment, in softirq context. Takes the packet.
  void receive(Packet& packet);

  /// The way to an address, with what routers said of it (RFC 1191).
  Route route(std::uint32_t destination) const;

  /// By ordinal; null once it is gone. What waits in TIME_WAIT is none.
  TcpSocket* find(SocketId socket) const;
  std::uint32_t sockets() const { return live_; }
  std::uint32_t time_wait_sockets() const { return static_cast<std::uint32_t>(time_waits_.size()); }
  /// Calls `visit(socket)` for each, in order of creation.
  void for_each(auto&& visit) const {
    for (const auto& socket : sockets_) {
      if (socket != nullptr) visit(*socket);
    }
  }

  /// Calls `visit(id, time_wait)` for each, in order of creation.
  void for_each_time_wait(auto&& visit) const {
    for (const auto& [id, waiting] : time_waits_) visit(id, *waiting);
  }

  NetEnvironment& env() const { return env_; }

 private:
  friend class TcpSocket;
  friend class Listener;
  friend class TimeWait;
  friend struct Request;

  TcpSocket& make_socket(SocketId listener, SocketUser* user, WaitQueueId wait_queue);
  void forget(TcpSocket& socket);
  void receive_error(Packet& packet);
  void reduce_path_mtu(std::uint32_t destination, std::uint32_t mtu);
  void add_listener(TcpSocket& socket);
  void remove_listener(TcpSocket& socket);
  TcpSocket* find_listener(const FourTuple& tuple) const;
  void leave_time_wait(const TcpSocket& socket, TcpState substate, const TimeWait::Sequence& sequence,
                       std::uint64_t jiffies);
  /// Nobody has these four numbers, or something in TIME_WAIT that would give its place.
  bool is_unique(const FourTuple& tuple, bool by_choice) const;
  std::optional<TimeWait::Inheritance> take_place(const FourTuple& tuple);
  void receive_by_entry(ConnectionEntry& entry, Packet& packet);
  void send_reset_for(const Packet& packet);
  void drop(Packet& packet, DropReason reason);
  /// A segment that belongs to no socket's queues.
  Packet& control_segment(const FourTuple& tuple, std::uint8_t flags, std::uint32_t seq, std::uint32_t ack);
  void send(Packet& packet);
  std::uint32_t initial_sequence();
  std::uint32_t timestamp() const;
  static std::uint32_t timestamp_of(Instant then);

  NetEnvironment& env_;
  ConnectionTable table_;
  SynCookies cookies_;
  Ports ports_;
  std::map<std::uint16_t, std::vector<TcpSocket*>> listeners_;
  std::vector<std::unique_ptr<TcpSocket>> sockets_;           // by ordinal
  std::map<SocketId, std::unique_ptr<TimeWait>> time_waits_;  // by their own identities
  /// What is known of the path to an address, for a while. Linux: struct fib_nh_exception
  struct PathMtu {
    std::uint32_t mtu = 0;
    Instant until;
  };
  std::map<std::uint32_t, PathMtu> path_mtus_;
  Ordinals<SocketId> ids_;
  std::uint32_t live_ = 0;
};

}  // namespace stackscope
