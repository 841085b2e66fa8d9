#pragma once
// What goes through the devices of a simulation as a capture that Wireshark and tcpdump read: pcapng, Ethernet frames,
// nanoseconds of simulated time, one interface a device.
//
// Follows: draft-ietf-opsawg-pcapng 4.1 (section header), 4.2 (interface description), 4.3 (enhanced packet)

#include <cstdint>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "kernel_model/net/tap.hpp"
#include "runner/capture/packet_bytes.hpp"

namespace stackscope {

/// The file cannot be written; says why.
struct PcapError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class PcapWriter final : public PacketTap {
 public:
  /// `hosts`: their names by ordinal, the first of which is 1. Throws PcapError where the file cannot be made.
  PcapWriter(const std::string& path, std::vector<std::string> hosts);

  void hear(const Packet& packet, const StreamStore& streams, const Where& where) override;

  /// Nothing is heard afterwards. Throws PcapError where not everything could be written.
  void finish();

 private:
  std::uint32_t interface_of(const Where& where);
  void write_block(std::uint32_t type, const PacketBytes& body);
  void write(const PacketBytes& bytes);

  std::ofstream file_;
  std::vector<std::string> hosts_;
  std::map<std::pair<std::uint8_t, DeviceKind>, std::uint32_t> interfaces_;
};

}  // namespace stackscope
