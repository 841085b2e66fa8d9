#pragma once
// What the calls on a TCP socket take and return.
//
// Linux: include/linux/socket.h struct msghdr and MSG_ flags; net/ipv4/tcp.c tcp_sendmsg(), tcp_recvmsg(), do_tcp_setsockopt()

#include <cstddef>
#include <cstdint>
#include <span>

namespace stackscope {

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
