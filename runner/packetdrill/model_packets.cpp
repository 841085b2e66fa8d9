#include "runner/packetdrill/model_packets.hpp"

#include <algorithm>

namespace stackscope::packetdrill {

namespace {

using Kind = TcpOption::Kind;

/// What a receiver takes from the options. Linux: net/ipv4/tcp_input.c tcp_parse_options()
TcpOptions parsed(const std::vector<TcpOption>& options) {
  TcpOptions out;
  for (const TcpOption& option : options) {
    if (option.kind == Kind::kEol) break;
    if (option.kind == Kind::kMss) out.mss = static_cast<std::uint16_t>(option.value);
    if (option.kind == Kind::kWindowScale) {
      out.window_scale = static_cast<std::int8_t>(std::min(option.value, 14u));  // TCP_MAX_WSCALE
    }
    if (option.kind == Kind::kSackPermitted) out.sack_permitted = true;
    if (option.kind == Kind::kTimestamps) {
      out.has_timestamps = true, out.tsval = option.value, out.tsecr = option.echo;
    }
    if (option.kind == Kind::kSack) {
      out.sack_count = static_cast<std::uint8_t>(std::min(option.sack.size(), out.sack.size()));
      for (std::size_t i = 0; i < out.sack_count; ++i)
        out.sack[i] = {option.sack[i].first, option.sack[i].second};
    }
  }
  return out;
}

}  // namespace

std::vector<TcpOption> options_of(const TcpOptions& options) {
  std::vector<TcpOption> out;
  const auto add = [&](Kind kind, std::uint32_t value = 0, std::uint32_t echo = 0) {
    out.push_back({kind, value, echo, {}, {}});
  };
  const auto pad = [&](int nops) {
    for (; nops > 0; --nops) add(Kind::kNop);
  };
  if (options.mss != 0) add(Kind::kMss, options.mss);
  if (options.has_timestamps) {
    options.sack_permitted ? add(Kind::kSackPermitted) : pad(2);
    add(Kind::kTimestamps, options.tsval, options.tsecr);
  } else if (options.sack_permitted) {
    pad(2);
    add(Kind::kSackPermitted);
  }
  if (options.window_scale >= 0) {
    pad(1);
    add(Kind::kWindowScale, static_cast<std::uint32_t>(options.window_scale));
  }
  if (options.sack_count > 0) {
    pad(2);
    add(Kind::kSack);
    for (std::size_t i = 0; i < options.sack_count; ++i) {
      out.back().sack.emplace_back(options.sack[i].start, options.sack[i].end);
    }
  }
  return out;
}

Frame frame_of(const Packet& packet) {
  Frame frame;
  frame.is_outbound = true;
  frame.local_port = packet.source_port, frame.remote_port = packet.destination_port;
  frame.payload_bytes = packet.payload_bytes;
  frame.tos = packet.tos;
  if (packet.protocol == Protocol::kUdp) {
    frame.transport = Transport::kUdp;
  } else if (packet.protocol == Protocol::kIcmp) {  // the model has no other message
    frame.transport = Transport::kIcmp;
    frame.icmp_type = "unreachable", frame.icmp_code = "port_unreachable";
    frame.quoted = {Transport::kUdp, 0, packet.payload_bytes, packet.quoted_destination_port,
                    packet.quoted_source_port};
    frame.local_port = frame.quoted.local_port, frame.remote_port = frame.quoted.remote_port;
  } else {
    frame.flags = packet.flags, frame.seq = packet.seq, frame.ack = packet.ack;
    frame.window = packet.window, frame.urgent = packet.urgent;
    frame.options = options_of(packet.options);
  }
  return frame;
}

void fill_tcp(const Frame& frame, Packet& packet) {
  packet.flags = frame.flags, packet.seq = frame.seq, packet.ack = frame.ack;
  packet.window = frame.window, packet.urgent = frame.urgent;
  packet.options = parsed(frame.options);
}

}  // namespace stackscope::packetdrill
