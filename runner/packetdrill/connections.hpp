#pragma once
// Between the script's numbers and the host's: ports, sequence numbers, timestamps.
//
// A script counts the host's bytes from the number that it gives the host's first one, and names timestamps of the host as
// it likes; what they are really is learnt from what the host sends. Its own end's numbers go over the wire as they are.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "runner/packetdrill/script.hpp"
#include "sim/time.hpp"

namespace stackscope::packetdrill {

struct Connection {
  Transport transport = Transport::kTcp;
  std::uint16_t local_port = 0, remote_port = 0;
  bool knows_local = false;  // the host has sent something
  std::uint32_t script_seq = 0,
                host_seq = 0;  // of the host's first segment: the script's number, and the real one
  std::map<std::uint32_t, std::uint32_t> timestamps;  // of the host: by the script's value the real one
  bool has_timestamp = false;
  std::uint32_t script_first = 0, host_first = 0;  // of the first one
};

class Connections {
 public:
  explicit Connections(const Options& options) : options_(options) {}

  // What calls say.
  void on_socket(int fd);
  void on_bind(std::uint16_t port) { local_port_ = port; }
  void on_listen() { waits_ = Waits::kForSyn; }
  void on_connect(std::uint16_t port) { remote_port_ = port, waits_ = Waits::kForOwn; }
  void on_accept(int fd) { fd_under_test_ = fd; }

  /// The one that a packet of the script is of, made where there is none.
  Connection& for_script(const PacketSpec& spec);
  /// The one that a packet of the host is of.
  Connection& for_host(const Frame& frame);

  /// A script's packet as it goes over the wire; or what is wrong with it.
  std::string to_wire(const PacketSpec& spec, const Connection& connection, Frame& frame) const;
  /// A host's packet in the script's numbers; learns from both. "", or that its timestamps are wrong.
  std::string to_script(const PacketSpec& expected, Connection& connection, Frame& frame) const;

  /// Whose TCP_INFO a script asks for; −1 before there is any.
  int fd_under_test() const { return fd_under_test_; }

 private:
  enum class Waits : std::uint8_t { kForNothing, kForSyn, kForOwn };

  Connection* find(Transport transport, std::uint16_t local_port, std::uint16_t remote_port);
  Connection& add(Transport transport, std::uint16_t local_port, std::uint16_t remote_port);
  std::string learn_timestamp(const TcpOption& expected, TcpOption& sent, Connection& connection) const;

  const Options& options_;
  std::deque<Connection> all_;
  Connection* current_ = nullptr;
  Waits waits_ = Waits::kForNothing;
  std::uint16_t local_port_ = 0, remote_port_ = 0;  // of the last bind() and connect(); 0: none
  std::uint16_t next_port_ = 33000;                 // of the script's end
  int fd_under_test_ = -1;
};

}  // namespace stackscope::packetdrill
