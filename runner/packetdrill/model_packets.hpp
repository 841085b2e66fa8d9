#pragma once
// The model's packets as frames of a script, and back.

#include <vector>

#include "kernel_model/net/packet.hpp"
#include "runner/packetdrill/frame.hpp"

namespace stackscope::packetdrill {

/// Options as Linux lays them out. Linux: net/ipv4/tcp_output.c tcp_options_write()
std::vector<TcpOption> options_of(const TcpOptions& options);

Frame frame_of(const Packet& packet);

/// Everything of TCP but addresses and payload.
void fill_tcp(const Frame& frame, Packet& packet);

}  // namespace stackscope::packetdrill
