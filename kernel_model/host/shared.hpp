#pragma once
// What all hosts of a simulation have in common. Plain references; whoever builds hosts owns them.

#include <cstdint>
#include <map>
#include <string>

#include "kernel_model/net/packet.hpp"
#include "kernel_model/net/stream.hpp"
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
};

}  // namespace stackscope
