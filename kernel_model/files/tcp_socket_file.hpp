#pragma once
// A TCP socket as a program holds it: a file that blocks. TCP below never does.
//
// Linux:     net/core/sock.c lock_sock_nested(), release_sock(), sock_def_readable(), sk_wait_data();
//            net/core/stream.c sk_stream_wait_memory(), sk_stream_wait_connect(), sk_stream_wait_close();
//            net/ipv4/inet_connection_sock.c inet_csk_wait_for_connect(); net/ipv4/af_inet.c __inet_stream_connect(),
//            inet_shutdown(), inet_wait_for_connect()
// Invariant: every call into TCP is made while the current task owns the socket.
// Differs:   a reader with MSG_PEEK and MSG_WAITALL takes no note of what another thread reads meanwhile.
// Differs:   MSG_FASTOPEN and MSG_ZEROCOPY are −EOPNOTSUPP and ignored.

#include <memory>

#include "kernel_model/files/socket_file.hpp"
#include "kernel_model/net/tcp_socket.hpp"

namespace stackscope {

class TcpSocketFile final : public SocketFile, private SocketUser {
 public:
  /// What a socket is for connect(), beside TCP's own state. Linux: enum socket_state
  enum class Phase : std::uint8_t { kUnconnected, kConnecting, kConnected, kDisconnecting };

  /// Holds `socket` from now on: its wait queue is told. Linux: sock_alloc_file(), sock_graft()
  TcpSocketFile(FileId id, int flags, Scheduler& scheduler, const SocketCosts& costs, TcpSocket& socket,
                Phase phase = Phase::kUnconnected);

  TcpSocket& tcp() { return *tcp_; }
  SocketId socket_id() const override { return tcp_->id(); }
  /// Who waits to own the socket; null where nobody ever did.
  const WaitQueue* owner_queue() const { return want_to_own_.get(); }
  /// The socket tells this file what happens to it.
  bool is_user_of(const TcpSocket& socket) const { return socket.user() == this; }

  Events poll(PollTable* table) override;
  /// FIONREAD, SIOCOUTQ, SIOCOUTQNSD, SIOCATMARK; −EINVAL where it listens, but for the last. Linux: tcp_ioctl()
  int ioctl(unsigned long request, int& value) override;
  void release() override;

  int bind(const SocketAddress& address) override;
  int listen(int backlog) override;
  int connect(const SocketAddress& address) override;
  SocketFile* accept(Files& files, int flags, int& error) override;
  int name(SocketAddress& address, bool of_peer) override;
  int accepted_from(SocketAddress& address) override;
  int shutdown(int how) override;
  int set_option(int level, int option, std::span<const std::byte> value) override;
  int get_option(int level, int option, std::span<std::byte> room, std::size_t& length) override;
  std::int64_t send(const OutgoingMessage& message) override;
  std::int64_t receive(IncomingMessage& message) override;

 private:
  void on_data_ready(TcpSocket&) override;
  void on_write_space(TcpSocket&) override;
  void on_state_change(TcpSocket&) override;
  void on_error_report(TcpSocket&) override;

  void own() override;
  void disown() override;
  std::int64_t receive_owned(IncomingMessage& message);
  std::int64_t receive_urgent(IncomingMessage& message);
  ReadResult read_some(std::span<const Buffer> parts, int flags, std::size_t copied);
  std::int64_t send_owned(const OutgoingMessage& message);
  std::int64_t send_some(const OutgoingMessage& message, std::size_t taken);
  int connect_owned(const SocketAddress& address);
  int wait_for_connection(std::uint64_t& left);
  void linger();
  bool is_connecting() const { return stackscope::is_connecting(tcp_->state()); }

  // tcp_options.cpp
  bool has_level(int level) const;
  int set_number(int level, int option, int value);
  int set_socket_number(int option, int value);
  int set_ip_number(int option, int value);
  int set_tcp_number(int option, int value);
  int set_congestion(std::span<const std::byte> name);
  int get_socket_number(int option, int& value);
  int get_tcp_number(int option, int& value);
  int get_number(int level, int option, int& value);

  TcpSocket* tcp_;
  Phase phase_;
  std::vector<std::byte> parts_;            // of one call into TCP, in a row; whoever owns the socket uses it
  std::unique_ptr<WaitQueue> want_to_own_;  // made for the first who waits; Linux: sk_lock.wq
};

}  // namespace stackscope
