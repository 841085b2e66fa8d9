#pragma once
// The kernel underneath: a TUN device in the network namespace of a real run, one of whose programs plays the script; each of
// the script's calls is made by a thread of it.
//
// Differs: what the host does is seen when this program runs, some tens of microseconds later; on a busy machine more.

#include <deque>

#include "measure/tun_device.hpp"
#include "runner/packetdrill/script.hpp"
#include "runner/packetdrill/stage.hpp"
#include "runner/packetdrill/wire_format.hpp"

namespace stackscope::packetdrill {

class KernelStage final : public Stage {
 public:
  /// `os`: of the thread that plays; it outlives this. Throws std::system_error where there can be no device.
  KernelStage(const Options& options, Syscalls& os);
  ~KernelStage() override;

  Instant now() override { return os_.clock_gettime(); }
  void run_until(Instant until, const std::function<bool()>& is_enough) override;
  std::deque<SentFrame>& sent() override { return sent_; }
  std::string inject(const Frame& frame) override;
  void start(Body body, Returned returned) override;
  std::string set(const Setting& setting) override;
  SocketAddress local(std::uint16_t port) override { return with_port(local_, port); }
  SocketAddress remote(std::uint16_t port) override { return with_port(remote_, port); }
  Duration patience() const override { return Duration::s(10); }
  Duration lateness() const override { return Duration::ms(250); }

 private:
  struct Call {
    Body body;
    Returned returned;
    int tid = 0;
    Instant at{};  // when it returned
    bool has_returned = false;
  };

  SocketAddress with_port(const SocketAddress& of, std::uint16_t port) const;
  void wait_for_news(Instant until);
  void hear();
  void let_calls_sleep();

  Syscalls& os_;
  const bool by_ipv6_, is_mapped_;
  const SocketAddress local_, remote_;  // of the wire: where addresses are mapped, the IPv4 ones
  const Ends ends_;
  TunDevice tun_;
  std::deque<Call> calls_;
  int returns_[2] = {-1, -1};  // a pipe of the numbers of calls that have returned
  std::deque<SentFrame> sent_;
};

}  // namespace stackscope::packetdrill
