#pragma once
// A host under test at the end of a wire whose other end is ours: the model, or the kernel underneath. Segments are ours to
// write; sockets are the host's.

#include <cstdint>
#include <string>
#include <vector>

#include "kernel_model/vocabulary/net_records.hpp"

namespace stackscope::test {

/// The flags that are compared.
inline constexpr std::uint8_t kSeenFlags = tcp_flag::kFin | tcp_flag::kSyn | tcp_flag::kRst | tcp_flag::kAck;

struct Segment {
  std::uint16_t host_port = 0, peer_port = 0;
  std::uint8_t flags = 0;
  std::uint32_t seq = 0, ack = 0, length = 0;
};

/// What a program can see of its socket.
struct Seen {
  std::string state;  // of TCP_INFO
  int error = 0;      // SO_ERROR
  std::uint32_t events = 0;
  std::int64_t read = 0;  // bytes, 0 at the end, or −errno
};

class Subject {
 public:
  using Socket = int;  // 0: none

  virtual ~Subject() = default;
  virtual Socket listen_on(std::uint16_t port, int backlog) = 0;
  /// Non-blocking, to the peer's port.
  virtual Socket connect_from(std::uint16_t port, std::uint16_t peer_port) = 0;
  virtual Socket accept(Socket listener) = 0;
  virtual void send(Socket socket, std::uint32_t bytes) = 0;
  virtual void shut_down(Socket socket) = 0;
  virtual void close(Socket socket) = 0;
  virtual Seen look_at(Socket socket) = 0;

  /// To the host, which handles it before this returns. The peer offers an MSS of 1,460, a window of 65,535, nothing else.
  virtual void inject(const Segment& segment) = 0;
  /// What the host has sent since it was last asked, in order.
  virtual std::vector<Segment> sent() = 0;
  /// So long that whatever is not delayed has come, but no delayed acknowledgement (40 ms at least).
  virtual void wait() = 0;
  /// So long that delayed acknowledgements have come, too, and no retransmission yet (200 ms at least).
  virtual void settle() = 0;
};

}  // namespace stackscope::test
