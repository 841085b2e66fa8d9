#include "runner/packetdrill/connections.hpp"

#include <fmt/format.h>
#include <utility>

namespace stackscope::packetdrill {

namespace {

using Kind = TcpOption::Kind;

TcpOption* timestamps_of(std::vector<TcpOption>& options) {
  for (TcpOption& option : options) {
    if (option.kind == Kind::kTimestamps) return &option;
  }
  return nullptr;
}

}  // namespace

void Connections::on_socket(int fd) {
  fd_under_test_ = fd;
  local_port_ = remote_port_ = 0;
}

Connection* Connections::find(Transport transport, std::uint16_t local_port, std::uint16_t remote_port) {
  for (Connection& connection : all_) {
    if (connection.transport == transport && connection.local_port == local_port &&
        connection.remote_port == remote_port) {
      return &connection;
    }
  }
  return nullptr;
}

Connection& Connections::add(Transport transport, std::uint16_t local_port, std::uint16_t remote_port) {
  Connection& made = all_.emplace_back();
  made.transport = transport, made.local_port = local_port, made.remote_port = remote_port;
  waits_ = Waits::kForNothing;
  return *(current_ = &made);
}

/// The first packet to a new listener begins a connection from a new port; the others are of the last one.
Connection& Connections::for_script(const PacketSpec& spec) {
  const Frame& frame = spec.frame;
  const Transport transport = frame.transport == Transport::kIcmp ? frame.quoted.transport : frame.transport;
  const std::uint16_t bound = local_port_ != 0 ? local_port_ : options_.bind_port;
  if (spec.has_ports) {
    Connection* const known = find(transport, frame.local_port, frame.remote_port);
    return known != nullptr ? *(current_ = known) : add(transport, frame.local_port, frame.remote_port);
  }
  const bool is_new = current_ == nullptr || current_->transport != transport || waits_ == Waits::kForSyn;
  if (!is_new) return *current_;
  return add(transport, bound, remote_port_ != 0 ? remote_port_ : next_port_++);
}

Connection& Connections::for_host(const Frame& frame) {
  const Transport transport = frame.transport == Transport::kIcmp ? frame.quoted.transport : frame.transport;
  if (Connection* const known = find(transport, frame.local_port, frame.remote_port)) return *known;
  return add(transport, frame.local_port, frame.remote_port);
}

std::string Connections::to_wire(const PacketSpec& spec, const Connection& connection, Frame& frame) const {
  frame = spec.frame;
  frame.local_port = connection.local_port, frame.remote_port = connection.remote_port;
  const std::uint32_t by = connection.host_seq - connection.script_seq;  // 0 while nothing is known
  frame.quoted.local_port = frame.local_port, frame.quoted.remote_port = frame.remote_port;
  frame.quoted.seq += by;
  if (frame.has(tcp_flag::kAck)) frame.ack += by;
  for (TcpOption& option : frame.options) {
    for (auto& [left, right] : option.sack) left += by, right += by;
  }
  TcpOption* const sent = timestamps_of(frame.options);
  if (sent == nullptr || !frame.has(tcp_flag::kAck) || sent->echo == 0) return "";
  const auto real = connection.timestamps.find(sent->echo);
  if (real == connection.timestamps.end()) {
    return fmt::format("no packet of the host had the timestamp {}, which this one echoes", sent->echo);
  }
  sent->echo = real->second;
  return "";
}

std::string Connections::to_script(const PacketSpec& expected, Connection& connection, Frame& frame) const {
  if (!connection.knows_local && frame.has(tcp_flag::kSyn)) {
    connection.knows_local = true;
    connection.script_seq = expected.frame.seq, connection.host_seq = frame.seq;
  }
  frame.seq += connection.script_seq - connection.host_seq;
  if (expected.has_any_options) return "";
  std::vector<TcpOption> wanted = expected.frame.options;
  TcpOption* const theirs = timestamps_of(wanted);
  TcpOption* const ours = timestamps_of(frame.options);
  return theirs != nullptr && ours != nullptr ? learn_timestamp(*theirs, *ours, connection) : "";
}

/// The script's values may be anything, unless it says how long a tick of the host's clock is.
std::string Connections::learn_timestamp(const TcpOption& expected, TcpOption& sent,
                                         Connection& connection) const {
  const std::uint32_t real = sent.value;
  connection.timestamps[expected.value] = real;
  if (!std::exchange(connection.has_timestamp, true)) {
    connection.script_first = expected.value, connection.host_first = real;
  }
  sent.value = expected.value;
  if (options_.tcp_ts_tick_usecs == 0) return "";
  const std::int64_t wanted = static_cast<std::int32_t>(expected.value - connection.script_first);
  const std::int64_t got = static_cast<std::int32_t>(real - connection.host_first);
  const std::int64_t off = (got > wanted ? got - wanted : wanted - got) * options_.tcp_ts_tick_usecs;
  if (Duration::us(off) <= options_.tolerance) return "";
  return fmt::format("TS val: expected {} ticks after the first one, but it was {}", wanted, got);
}

}  // namespace stackscope::packetdrill
