#pragma once
// What the calls on a TCP socket take and return, and who is told of it.
//
// Linux: include/linux/socket.h struct msghdr and MSG_ flags; net/ipv4/tcp.c tcp_sendmsg(), tcp_recvmsg(), do_tcp_setsockopt()

#include <cstddef>
#include <cstdint>
#include <span>

namespace stackscope {

class TcpSocket;

/// Who is told that a socket changed. Called inside TCP, with the socket locked: it may wake and note, never
/// call back. Linux: struct sock, sk_data_ready, sk_write_space, sk_state_change, sk_error_report
class SocketUser {
 public:
  virtual ~SocketUser() = default;
  virtual void on_data_ready(TcpSocket&) = 0;    // something to read, or to accept
  virtual void on_write_space(TcpSocket&) = 0;   // room to write again
  virtual void on_state_change(TcpSocket&) = 0;  // connected, the peer's FIN, closed
  virtual void on_error_report(TcpSocket&) = 0;
};

/// What send() takes: bytes, or a number of bytes of the stream's own pattern.
struct SendData {
  static SendData bytes(std::span<const std::byte> from) { return {from.data(), from.size()}; }
  static SendData pattern(std::size_t length) { return {nullptr, length}; }
  const std::byte* from;
  std::size_t length;
};

/// How tcp_sendmsg() is asked to send.
struct SendHow {
  bool more = false;         // MSG_MORE
  bool urgent = false;       // MSG_OOB
  bool ends_record = false;  // MSG_EOR
};

/// How tcp_recvmsg() is asked to read.
struct ReadHow {
  bool peeks = false;        // MSG_PEEK
  std::uint32_t peeked = 0;  // bytes that this call has peeked at already
};
struct ReadResult {
  std::int64_t count;  // or −errno
  bool is_complete;    // the end, or the urgent byte, was reached: the call waits for no more
};

enum class TcpOption : std::uint8_t { kNoDelay, kCork, kQuickAck, kRcvBuf, kSndBuf, kReuseAddr, kReusePort };

}  // namespace stackscope
