#pragma once
// A UDP socket as a program holds it: a file that blocks. UDP below never does.
//
// Linux:   net/ipv4/af_inet.c inet_dgram_ops; net/core/datagram.c __skb_wait_for_more_packets(),
//          receiver_wake_function(); net/core/sock.c sock_def_readable(), sock_def_write_space(), sock_def_wakeup(),
//          sock_def_error_report()
// Differs: a call never waits for another one that owns the socket (lock_sock()): between two charges each is atomic.
// Differs: no ancillary data (IP_PKTINFO, IP_TTL, timestamps, SO_RXQ_OVFL …) is received; of an error that waits (IP_RECVERR)
//          only the datagram and its destination.

#include "kernel_model/files/socket_file.hpp"
#include "kernel_model/net/udp_socket.hpp"

namespace stackscope {

class UdpSocketFile final : public SocketFile, private UdpUser {
 public:
  /// Holds `socket` from now on: its wait queue is told.
  UdpSocketFile(FileId id, int flags, Scheduler& scheduler, const SocketCosts& costs, UdpSocket& socket);

  UdpSocket& udp() { return *udp_; }
  SocketId socket_id() const override { return udp_->id(); }

  Events poll(PollTable* table) override;
  /// FIONREAD: bytes of the first datagram; SIOCOUTQ. Linux: udp_ioctl()
  int ioctl(unsigned long request, int& value) override;
  void release() override;

  int bind(const SocketAddress& address) override;
  int connect(const SocketAddress& address) override;
  int name(SocketAddress& address, bool of_peer) override;
  int shutdown(int how) override;
  int set_option(int level, int option, std::span<const std::byte> value) override;
  int get_option(int level, int option, std::span<std::byte> room, std::size_t& length) override;
  std::int64_t send(const OutgoingMessage& message) override;
  std::int64_t receive(IncomingMessage& message) override;

 private:
  void on_data_ready() override;
  void on_write_space() override;
  void on_state_change() override;
  void on_error_report() override;

  std::int64_t receive_some(IncomingMessage& message);
  std::int64_t receive_or_wait(IncomingMessage& message);

  // udp_options.cpp
  int set_number(int level, int option, int value);
  int set_socket_number(int option, int value);
  int set_ip_number(int option, int value);
  int get_number(int level, int option, int& value);
  int get_socket_number(int option, int& value);
  int get_ip_number(int option, int& value);
  int get_ipv6_number(int option, int& value);
  int get_mtu(int& value);

  UdpSocket* udp_;
};

}  // namespace stackscope
