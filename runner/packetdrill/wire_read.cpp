// Bytes to frames. They are the kernel's, but nothing is believed: a reader that would read beyond the end reads 0 and says so.

#include <algorithm>
#include <fmt/format.h>
#include <netinet/in.h>

#include "runner/packetdrill/icmp_names.hpp"
#include "runner/packetdrill/wire_format.hpp"

namespace stackscope::packetdrill {

namespace {

using Kind = TcpOption::Kind;

class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::uint32_t take(std::size_t bytes) {
    std::uint32_t value = 0;
    for (const std::uint8_t byte : part(bytes)) value = value << 8 | byte;
    return value;
  }
  std::uint8_t take8() { return static_cast<std::uint8_t>(take(1)); }
  std::uint16_t take16() { return static_cast<std::uint16_t>(take(2)); }
  IpBytes take_address(bool by_ipv6) {
    IpBytes address{};
    std::ranges::copy(part(by_ipv6 ? 16 : 4), address.begin());
    return address;
  }
  std::span<const std::uint8_t> part(std::size_t bytes) {
    is_short_ |= bytes > bytes_.size();
    const std::size_t there = std::min(bytes, bytes_.size());
    const auto out = bytes_.first(there);
    bytes_ = bytes_.subspan(there);
    return out;
  }
  std::size_t left() const { return bytes_.size(); }
  bool is_short() const { return is_short_; }

 private:
  std::span<const std::uint8_t> bytes_;
  bool is_short_ = false;
};

struct IpHeader {
  IpBytes from, to;
  std::uint8_t protocol = 0, tos = 0;
  std::uint32_t payload = 0;
};

/// Extension headers of IPv6 are none that a host under test sends.
IpHeader take_ip(Reader& from, bool by_ipv6) {
  IpHeader header;
  if (by_ipv6) {
    header.tos = static_cast<std::uint8_t>(from.take(4) >> 20);
    header.payload = from.take(2), header.protocol = from.take8(), from.take8();
  } else {
    const std::size_t length = (from.take(1) & 15) * std::size_t{4};
    header.tos = from.take8();
    header.payload = from.take(2);
    header.payload -= std::min<std::uint32_t>(header.payload, static_cast<std::uint32_t>(length));
    from.take(4), from.take(1);
    header.protocol = from.take8(), from.take(2);
    header.from = from.take_address(false), header.to = from.take_address(false);
    from.part(length > 20 ? length - 20 : 0);
    return header;
  }
  header.from = from.take_address(true), header.to = from.take_address(true);
  return header;
}

std::string hex_of(std::span<const std::uint8_t> bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes) out += fmt::format("{:02x}", byte);
  return out;
}

TcpOption take_option(std::uint8_t kind, Reader& body) {
  TcpOption option;
  switch (kind) {
    case 2:
      option.kind = Kind::kMss, option.value = body.take(2);
      break;
    case 3:
      option.kind = Kind::kWindowScale, option.value = body.take(1);
      break;
    case 4:
      option.kind = Kind::kSackPermitted;
      break;
    case 5:
      option.kind = Kind::kSack;
      while (body.left() >= 8) {
        const std::uint32_t left = body.take(4);
        option.sack.emplace_back(left, body.take(4));
      }
      break;
    case 8:
      option.kind = Kind::kTimestamps, option.value = body.take(4), option.echo = body.take(4);
      break;
    case 19:
      option.kind = Kind::kMd5, option.hex = hex_of(body.part(body.left()));
      break;
    case 34:
      option.kind = Kind::kFastOpen, option.hex = hex_of(body.part(body.left()));
      break;
    case 254:
      body.take(2);
      option.kind = Kind::kFastOpenExp, option.hex = hex_of(body.part(body.left()));
      break;
    default:  // none that Linux sends here
      break;
  }
  return option;
}

std::vector<TcpOption> take_options(Reader from) {
  std::vector<TcpOption> options;
  while (from.left() > 0 && !from.is_short()) {
    const std::uint8_t kind = from.take8();
    if (kind <= 1) {
      options.push_back({kind == 0 ? Kind::kEol : Kind::kNop, 0, 0, {}, {}});
      continue;
    }
    const std::uint8_t length = from.take8();
    Reader body(from.part(length > 2 ? length - 2u : 0));
    options.push_back(take_option(kind, body));
  }
  return options;
}

void take_tcp(Reader& from, std::uint32_t bytes, Frame& frame) {
  frame.local_port = from.take16(), frame.remote_port = from.take16();
  frame.seq = from.take(4), frame.ack = from.take(4);
  const std::uint32_t header = (from.take(1) >> 4) * 4;
  frame.flags = from.take8();
  frame.window = from.take16(), from.take(2), frame.urgent = from.take16();
  frame.options = take_options(Reader(from.part(header > 20 ? header - 20 : 0)));
  frame.payload_bytes = bytes - std::min(bytes, header);
}

void take_udp(Reader& from, Frame& frame) {
  frame.transport = Transport::kUdp;
  frame.local_port = from.take16(), frame.remote_port = from.take16();
  const std::uint32_t length = from.take(2);
  frame.payload_bytes = length - std::min(length, 8u);
}

/// The host complains about a packet of the script's: the quoted one's destination is the host's.
bool take_icmp(Reader& from, bool by_ipv6, Frame& frame) {
  frame.transport = Transport::kIcmp;
  const std::uint8_t type = from.take8(), code = from.take8();
  frame.icmp_type = icmp_type_name(type, by_ipv6), frame.icmp_code = icmp_code_name(type, code, by_ipv6);
  from.take(2), from.take(4);
  const IpHeader quoted = take_ip(from, by_ipv6);
  const bool is_udp = quoted.protocol == IPPROTO_UDP;
  if (frame.icmp_code.empty() || (!is_udp && quoted.protocol != IPPROTO_TCP)) return false;
  Quoted& about = frame.quoted;
  about.transport = is_udp ? Transport::kUdp : Transport::kTcp;
  about.remote_port = from.take16(), about.local_port = from.take16();
  if (!is_udp) about.seq = from.take(4);
  const std::uint32_t header = is_udp ? 8 : 20;
  about.payload_bytes = quoted.payload - std::min(quoted.payload, header);
  frame.local_port = about.local_port, frame.remote_port = about.remote_port;
  return true;
}

}  // namespace

std::optional<Frame> frame_of(std::span<const std::uint8_t> bytes, const Ends& ends) {
  if (bytes.empty() || bytes[0] >> 4 != (ends.by_ipv6 ? 6 : 4)) return {};
  Reader from(bytes);
  const IpHeader header = take_ip(from, ends.by_ipv6);
  if (header.from != ends.host || header.to != ends.script) return {};
  Frame frame;
  frame.is_outbound = true, frame.tos = header.tos;
  if (header.protocol == IPPROTO_TCP) {
    take_tcp(from, header.payload, frame);
  } else if (header.protocol == IPPROTO_UDP) {
    take_udp(from, frame);
  } else if (header.protocol != icmp_protocol(ends.by_ipv6) || !take_icmp(from, ends.by_ipv6, frame)) {
    return {};
  }
  if (from.is_short()) return {};
  return frame;
}

}  // namespace stackscope::packetdrill
