#pragma once
// What all hosts of a simulation have in common. Plain references; whoever builds hosts owns them.

#include <cstdint>
#include <map>
#include <string>

#include "kernel_model/net/packet.hpp"
#include "kernel_model/net/stream.hpp"
#include "kernel_model/net/tap.hpp"
#include "sim/engine.hpp"
#include "sim/trace.hpp"

namespace stackscope {

/// 127.0.0.1, in host byte order.
inline constexpr std::uint32_t kLoopbackAddress = 0x7f000001;

/// Hosts and peers by name, in host byte order.
using AddressBook = std::map<std::string, std::uint32_t, std::less<>>;

struct Shared {
  Engine& engine;
  Trace& trace;
  PacketPool& packets;
  StreamStore& streams;
  const AddressBook& addresses;
  std::uint64_t seed;
  PacketTap* tap = nullptr;  // hears all devices but TUN, whose owner has every packet; null: nobody does

  /// REQUIRES: the engine's place is the host whose device it is.
  void hear(const Packet& packet, DeviceKind device, Way way) const {
    if (tap != nullptr) tap->hear(packet, streams, {engine.now(), engine.moment().place.host, device, way});
  }
};

}  // namespace stackscope
