#pragma once
// The kernel underneath, at the end of a TUN device in a network namespace of its own.

#include "tests/segments/subject.hpp"

namespace stackscope::test {

class RealSubject final : public Subject {
 public:
  /// In a new network namespace, into which the calling process moves. Throws std::system_error: that takes CAP_SYS_ADMIN and
  /// CAP_NET_ADMIN.
  RealSubject();
  ~RealSubject() override;

  Socket listen_on(std::uint16_t port, int backlog) override;
  Socket connect_from(std::uint16_t port, std::uint16_t peer_port) override;
  Socket accept(Socket listener) override;
  void send(Socket socket, std::uint32_t bytes) override;
  void shut_down(Socket socket) override;
  void close(Socket socket) override;
  Seen look_at(Socket socket) override;
  void inject(const Segment& segment) override;
  std::vector<Segment> sent() override;
  void wait() override;
  void settle() override;

 private:
  Socket bound_to(std::uint16_t port);
  void collect();

  int tun_ = -1;
  std::vector<Segment> sent_;
};

}  // namespace stackscope::test
