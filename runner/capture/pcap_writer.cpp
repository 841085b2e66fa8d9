#include "runner/capture/pcap_writer.hpp"

#include <cerrno>
#include <cstring>
#include <string_view>

namespace stackscope {

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a, kInterfaceDescription = 1, kEnhancedPacket = 6;
constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;
constexpr std::uint16_t kLinkTypeEthernet = 1;
enum Option : std::uint16_t { kEnd = 0, kName = 2, kFlags = 2, kApplication = 4, kResolution = 9 };

// A section is in its writer's byte order; this one is little-endian everywhere.
void put_le(Bytes& to, std::size_t bytes, std::uint64_t value) {
  for (std::size_t i = 0; i < bytes; ++i) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void pad(Bytes& to) {
  while (to.size() % 4 != 0) to.push_back(0);
}

void put_option(Bytes& to, Option option, std::string_view value) {
  put_le(to, 2, option), put_le(to, 2, value.size());
  to.insert(to.end(), value.begin(), value.end());
  pad(to);
}
void put_end(Bytes& to) { put_le(to, 4, kEnd); }

}  // namespace

PcapWriter::PcapWriter(const std::string& path, std::vector<std::string> hosts) : hosts_(std::move(hosts)) {
  errno = 0;
  file_.open(path, std::ios::binary | std::ios::trunc);
  if (!file_) throw PcapError(std::strerror(errno));
  Bytes body;
  put_le(body, 4, kByteOrderMagic), put_le(body, 2, 1), put_le(body, 2, 0);
  put_le(body, 8, ~std::uint64_t{});  // the section's length: not known yet
  put_option(body, kApplication, "stackscope");
  put_end(body);
  write_block(kSectionHeader, body);
}

void PcapWriter::write_block(std::uint32_t type, const Bytes& body) {
  const std::size_t length = 12 + body.size();  // told at both ends
  Bytes head, tail;
  put_le(head, 4, type), put_le(head, 4, length), put_le(tail, 4, length);
  write(head), write(body), write(tail);
}

void PcapWriter::write(const Bytes& bytes) {
  file_.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

/// Described when the first packet goes through it.
std::uint32_t PcapWriter::interface_of(const Where& where) {
  const auto [known, is_new] =
      interfaces_.try_emplace({where.host, where.device}, static_cast<std::uint32_t>(interfaces_.size()));
  if (!is_new) return known->second;
  const std::string host = where.host - 1u < hosts_.size() ? hosts_[where.host - 1u] : "host";
  Bytes body;
  put_le(body, 2, kLinkTypeEthernet), put_le(body, 2, 0), put_le(body, 4, 0);  // as long as packets are
  put_option(body, kName, host + "/" + std::string(name_of(where.device)));
  put_option(body, kResolution, "\x09");  // a clock that counts 10⁻⁹ s
  put_end(body);
  write_block(kInterfaceDescription, body);
  return known->second;
}

void PcapWriter::hear(const Packet& packet, const StreamStore& streams, const Where& where) {
  const std::uint32_t interface = interface_of(where);
  const auto at = static_cast<std::uint64_t>(where.at.count());
  const CapturedPacket whole = captured(packet, streams, where.device);
  Bytes body;
  put_le(body, 4, interface), put_le(body, 4, at >> 32), put_le(body, 4, at & 0xffffffff);
  put_le(body, 4, whole.bytes.size()), put_le(body, 4, whole.length);
  body.insert(body.end(), whole.bytes.begin(), whole.bytes.end());
  pad(body);
  put_le(body, 2, kFlags), put_le(body, 2, 4), put_le(body, 4, where.way == Way::kIn ? 1 : 2);
  put_end(body);
  write_block(kEnhancedPacket, body);
}

void PcapWriter::finish() {
  errno = 0;
  file_.close();
  if (!file_) throw PcapError(errno != 0 ? std::strerror(errno) : "it could not be written to its end");
}

}  // namespace stackscope
