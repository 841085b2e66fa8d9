#pragma once
// The simulated host: no costs, so that every moment is the kernel's own; a TUN device, and a process whose threads make
// the script's calls.
//
// Differs: scripts' IPv6 addresses are told to the program as they are, but inside the model the host has an address of its
//          own (internet_address.hpp).

#include <map>
#include <utility>

#include "kernel_model/hardware/tun.hpp"
#include "kernel_model/host/host.hpp"
#include "kernel_model/host/model_syscalls.hpp"
#include "runner/packetdrill/script.hpp"
#include "runner/packetdrill/stage.hpp"

namespace stackscope::packetdrill {

class ModelStage final : public Stage, private TunReader {
 public:
  explicit ModelStage(const Options& options);

  Instant now() override { return engine_.now(); }
  void run_until(Instant until, const std::function<bool()>& is_enough) override;
  std::deque<SentFrame>& sent() override { return sent_; }
  std::string inject(const Frame& frame) override;
  void start(Body body, Returned returned) override;
  std::string set(const Setting& setting) override;
  SocketAddress local(std::uint16_t port) override { return name_of(local_, port); }
  SocketAddress remote(std::uint16_t port) override { return name_of(remote_, port); }
  Duration patience() const override { return Duration::s(600); }
  Duration lateness() const override { return {}; }

 private:
  struct Launch {
    Launch(ModelStage& of, Body its_body, Returned its_returned);
    void fire();
    ModelStage& stage;
    Body body;
    Returned returned;
    ModelSyscalls os;
    Event event = Event::calling<&Launch::fire>(*this);
  };
  /// The bytes that the script's end sends on one connection.
  struct PeerBytes {
    StreamId stream;
    std::uint32_t first_seq;  // of its first byte
  };

  void on_read(const Packet& packet) override;
  SocketAddress name_of(std::uint32_t address, std::uint16_t port) const;
  void add_tcp_payload(const Frame& frame, Packet& packet);
  void add_udp_payload(Packet& packet);
  std::string fill_icmp(const Frame& frame, Packet& packet);
  static HostConfig config_of(std::uint32_t address);

  Options options_;
  std::uint32_t local_, remote_;  // of IPv4, in host byte order
  Engine engine_;
  Schema schema_;
  HashOnly sink_;
  Trace trace_;
  PacketPool packets_;
  StreamStore streams_;
  AddressBook addresses_;
  Shared shared_;
  Costs costs_;
  Host host_;
  Tun tun_;
  Process& process_;
  std::deque<Launch> launches_;
  std::deque<SentFrame> sent_;
  std::map<std::pair<std::uint16_t, std::uint16_t>, PeerBytes> peer_bytes_;  // by local and remote port
};

}  // namespace stackscope::packetdrill
