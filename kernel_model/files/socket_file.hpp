#pragma once
// A socket as a program holds it: a file that blocks. TCP below never does.
//
// Linux:     net/socket.c, net/core/sock.c lock_sock_nested(), release_sock(), sock_def_readable(), sk_wait_data();
//            net/core/stream.c sk_stream_wait_memory(); net/ipv4/inet_connection_sock.c inet_csk_wait_for_connect();
//            net/ipv4/af_inet.c inet_wait_for_connect()
// Invariant: every call into TCP is made while the current task owns the socket.
// Differs:   no ioctl() of network devices on a socket (SIOCGIFCONF …): −ENOTTY.
// Differs:   no time-outs of a socket's own (SO_RCVTIMEO, SO_SNDTIMEO), no signals, so no EINTR.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernel_model/costs/socket_costs.hpp"
#include "kernel_model/files/file.hpp"
#include "kernel_model/net/tcp_socket.hpp"
#include "kernel_model/scheduler/scheduler.hpp"
#include "kernel_model/scheduler/wait_queue.hpp"

namespace stackscope {

class SocketFile final : public File, private SocketUser {
 public:
  /// Holds `socket` from now on: its wait queue is told. Linux: sock_alloc_file(), sock_graft()
  SocketFile(FileId id, int flags, Scheduler& scheduler, const SocketCosts& costs, TcpSocket& socket);

  TcpSocket& tcp() { return *tcp_; }
  WaitQueue& wait_queue() { return waiting_; }
  const WaitQueue& wait_queue() const { return waiting_; }
  /// Who waits to own the socket; null where nobody ever did.
  const WaitQueue* owner_queue() const { return want_to_own_.get(); }
  /// The socket tells this file what happens to it.
  bool is_user_of(const TcpSocket& socket) const { return socket.user() == this; }

  Events poll(PollTable* table) override;
  std::int64_t read(Buffer to) override;
  std::int64_t write(ConstBuffer from) override;
  /// One receive, one send, over all parts.
  std::int64_t readv(std::span<const Buffer> parts) override;
  std::int64_t writev(std::span<const ConstBuffer> parts) override;
  /// FIONREAD, SIOCOUTQ, SIOCOUTQNSD, SIOCATMARK; −EINVAL where it listens, but for the last. Linux: tcp_ioctl()
  int ioctl(unsigned long request, int& value) override;
  void release() override;

  int bind(std::uint32_t address, std::uint16_t port);
  int listen(int backlog);
  /// Blocks until connected, unless non-blocking: −EINPROGRESS.
  int connect(std::uint32_t address, std::uint16_t port);
  /// The connection, which is not held by a file yet; or null and `error` (−EAGAIN, −EINVAL).
  TcpSocket* accept(int& error);
  int shutdown(int how);
  int set_option(TcpOption option, int value);
  int get_option(TcpOption option);
  /// SO_ERROR: the pending error, positive, which is then forgotten.
  int take_error();

 private:
  void on_data_ready(TcpSocket&) override;
  void on_write_space(TcpSocket&) override;
  void on_state_change(TcpSocket&) override;
  void on_error_report(TcpSocket&) override;

  Scheduler& scheduler() const { return waiting_.scheduler(); }
  void own();
  void disown();
  std::int64_t receive_now(std::span<const Buffer> parts);
  std::int64_t send_now(std::span<const ConstBuffer> parts, std::size_t taken);
  int unread() const;
  void wait_until(Events wanted, WaitReason reason, bool exclusive);
  bool is_connecting() const;

  const SocketCosts& costs_;
  TcpSocket* tcp_;
  std::vector<std::byte> parts_;            // of one call into TCP, in a row; whoever owns the socket uses it
  WaitQueue waiting_;                       // Linux: sk_wq
  std::unique_ptr<WaitQueue> want_to_own_;  // made for the first who waits; Linux: sk_lock.wq
};

}  // namespace stackscope
