#pragma once
// Packets as bytes of IPv4 or IPv6: what goes through a real TUN device.
//
// Follows: RFC 9293 §3.1, RFC 768, RFC 792, RFC 4443; options: RFC 7323, RFC 2018

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "runner/internet_bytes.hpp"
#include "runner/packetdrill/frame.hpp"

namespace stackscope::packetdrill {

/// Between whom packets travel.
struct Ends {
  bool by_ipv6 = false;
  IpBytes host{}, script{};
};

/// As they stand behind TCP's header. An option that no bytes are known for is left out.
PacketBytes bytes_of(const std::vector<TcpOption>& options);

/// An inbound frame, with both checksums; its payload is zeros. A TCP option that no bytes are known for is left out.
/// REQUIRES: an ICMP frame's type and code are names that icmp_names.hpp knows.
std::vector<std::uint8_t> bytes_of(const Frame& frame, const Ends& ends);

/// What the host sent; none where it is no TCP, UDP or ICMP error from host to script, or is damaged. Checksums are not looked
/// at: a device that computes them for the host gets packets without.
std::optional<Frame> frame_of(std::span<const std::uint8_t> bytes, const Ends& ends);

}  // namespace stackscope::packetdrill
