// Captures, read back by other eyes than the writer's: random packets in a file that follows the format, every field of them
// where the RFCs have it, every checksum right.
//
// STACKSCOPE_FUZZ_ROUNDS=N does more of it by hand; the seed of what failed stands in the message.

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <sstream>
#include <unistd.h>

#include "kernel_model/net/packet.hpp"
#include "kernel_model/vocabulary/internet_address.hpp"
#include "runner/capture/pcap_writer.hpp"
#include "sim/random.hpp"

namespace stackscope {
namespace {

using Bytes = std::vector<std::uint8_t>;
using View = std::span<const std::uint8_t>;

std::uint64_t little(View at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) value = value << 8 | at[i];
  return value;
}
std::uint32_t big(View at, std::size_t bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | at[i];
  return value;
}

struct Captured {
  std::uint32_t interface = 0, whole_length = 0, flags = 0;
  std::uint64_t at = 0;
  Bytes bytes;
};

struct Capture {
  std::vector<std::string> interfaces;
  std::vector<Captured> packets;
};

/// The value of an option of a block; empty where it is not there. REQUIRE: options end as they must.
Bytes option_of(View options, std::uint16_t wanted) {
  Bytes found;
  for (;;) {
    REQUIRE(options.size() >= 4);
    const auto code = little(options, 2), length = little(options.subspan(2), 2);
    if (code == 0) {
      CHECK((length == 0 && options.size() == 4));
      return found;
    }
    const std::size_t padded = (length + 3) / 4 * 4;
    REQUIRE(options.size() >= 4 + padded);
    if (code == wanted) found.assign(options.begin() + 4, options.begin() + 4 + static_cast<long>(length));
    options = options.subspan(4 + padded);
  }
}

Captured packet_of(View body) {
  Captured packet;
  REQUIRE(body.size() >= 20);
  packet.interface = static_cast<std::uint32_t>(little(body, 4));
  packet.at = little(body.subspan(4), 4) << 32 | little(body.subspan(8), 4);
  const std::uint64_t length = little(body.subspan(12), 4);
  packet.whole_length = static_cast<std::uint32_t>(little(body.subspan(16), 4));
  const std::size_t padded = (length + 3) / 4 * 4;
  REQUIRE(body.size() >= 20 + padded);
  const View data = body.subspan(20, length);
  packet.bytes.assign(data.begin(), data.end());
  packet.flags = static_cast<std::uint32_t>(little(option_of(body.subspan(20 + padded), 2), 4));
  return packet;
}

Capture read_capture(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  const std::string all = text.str();
  View rest(reinterpret_cast<const std::uint8_t*>(all.data()), all.size());
  Capture capture;
  bool is_first = true;
  while (!rest.empty()) {
    REQUIRE(rest.size() >= 12);
    const std::uint64_t type = little(rest, 4), length = little(rest.subspan(4), 4);
    REQUIRE((length % 4 == 0 && length >= 12 && length <= rest.size()));
    REQUIRE(little(rest.subspan(length - 4), 4) == length);
    const View body = rest.subspan(8, length - 12);
    REQUIRE(is_first == (type == 0x0a0d0d0a));
    if (is_first) REQUIRE((little(body, 4) == 0x1a2b3c4d && little(body.subspan(4), 4) == 1));
    if (type == 1) {
      CHECK(little(body, 2) == 1);  // Ethernet
      CHECK(option_of(body.subspan(8), 9) == Bytes{9});
      const Bytes name = option_of(body.subspan(8), 2);
      capture.interfaces.emplace_back(name.begin(), name.end());
    } else if (!is_first) {
      REQUIRE(type == 6);
      capture.packets.push_back(packet_of(body));
      REQUIRE(capture.packets.back().interface < capture.interfaces.size());
    }
    is_first = false;
    rest = rest.subspan(length);
  }
  return capture;
}

/// 0xffff over what a checksum covers, the checksum itself among it. RFC 1071
std::uint32_t sum(View bytes, std::uint32_t start = 0) {
  for (std::size_t i = 0; i < bytes.size(); ++i) start += i % 2 == 0 ? bytes[i] << 8 : bytes[i];
  while (start > 0xffff) start = (start & 0xffff) + (start >> 16);
  return start;
}

class Fixture {
 public:
  explicit Fixture(std::uint64_t seed) : random_(seed, "captured packets") {}

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_.below(n)); }
  std::uint32_t any() { return below(0xffffffff); }
  StreamStore& streams() { return streams_; }

  Packet packet() {
    Packet packet;
    const bool by_ipv6 = below(2) == 0;
    packet.source_address = by_ipv6 ? ipv6_beside(0x0a000001) : 0x0a000001;
    packet.destination_address = by_ipv6 ? ipv6_beside(0x0a000002) : 0x0a000002;
    packet.source_port = static_cast<std::uint16_t>(any()), packet.tos = static_cast<std::uint8_t>(any());
    packet.destination_port = static_cast<std::uint16_t>(any());
    packet.protocol = std::array{Protocol::kTcp, Protocol::kUdp, Protocol::kIcmp}.at(below(3));
    packet.seq = any(), packet.ack = any(), packet.window = static_cast<std::uint16_t>(any());
    packet.flags = static_cast<std::uint8_t>(any()), packet.urgent = static_cast<std::uint16_t>(any());
    if (packet.protocol == Protocol::kTcp) packet.options = options();
    packet.quoted_source_port = 7, packet.quoted_destination_port = 9;
    packet.icmp = {Protocol::kUdp, static_cast<std::uint8_t>(by_ipv6 ? 1 : 3),
                   static_cast<std::uint8_t>(by_ipv6 ? 4 : 3), 0, 0};
    add_payload(packet);
    return packet;
  }

 private:
  TcpOptions options() {
    TcpOptions options;
    if (below(2) == 0) options.mss = static_cast<std::uint16_t>(any());
    if (below(2) == 0) options.window_scale = static_cast<std::int8_t>(below(15));
    options.sack_permitted = below(2) == 0;
    options.has_timestamps = below(2) == 0, options.tsval = any(), options.tsecr = any();
    if (options.mss == 0 && options.window_scale < 0)
      options.sack_count = static_cast<std::uint8_t>(below(4));
    for (SackBlock& block : options.sack) block = {any(), any()};
    return options;
  }

  // Some is bytes that somebody wrote, some nobody's, and some was read by everybody and is gone.
  void add_payload(Packet& packet) {
    packet.payload_bytes = below(4) == 0 ? 0 : below(below(8) == 0 ? 70000 : 1500);
    packet.stream = streams_.open();
    const std::uint32_t before = below(3000);
    streams_.append_pattern(packet.stream, before);
    Bytes written(below(700), static_cast<std::uint8_t>(any()));
    streams_.append(packet.stream, std::as_bytes(std::span(written)));
    streams_.append_pattern(packet.stream, 80000);
    packet.stream_offset = before;
    if (below(8) == 0) streams_.trim(packet.stream, before + 1);
  }

  RandomStream random_;
  StreamStore streams_;
};

void check_ip(View ip, const Packet& packet, std::size_t whole) {
  const bool by_ipv6 = is_ipv6(packet.destination_address);
  REQUIRE(ip[0] >> 4 == (by_ipv6 ? 6 : 4));
  const std::size_t told = by_ipv6 ? big(ip.subspan(4), 2) + 40 : big(ip.subspan(2), 2);
  const bool is_super = whole - (by_ipv6 ? 40 : 0) > 0xffff;  // too long for the field
  CHECK(told == (is_super ? (by_ipv6 ? 40 : 0) : whole));
  if (by_ipv6) {
    CHECK((ip[0] << 8 | ip[1]) >> 4 == (6 << 8 | packet.tos));
    CHECK(big(ip.subspan(8), 4) == 0xfd000000);
    CHECK(big(ip.subspan(20), 4) == packet.source_address);
    CHECK(big(ip.subspan(36), 4) == packet.destination_address);
  } else {
    CHECK(ip[1] == packet.tos);
    CHECK(sum(ip.first(20)) == 0xffff);
    CHECK(big(ip.subspan(12), 4) == packet.source_address);
    CHECK(big(ip.subspan(16), 4) == packet.destination_address);
  }
}

void check_transport_sum(View ip, View transport, std::uint8_t protocol, bool by_ipv6) {
  const View addresses = by_ipv6 ? ip.subspan(8, 32) : ip.subspan(12, 8);
  const bool has_pseudo = protocol != 1;
  std::uint32_t start = has_pseudo ? sum(addresses, protocol) : 0;
  const auto length = static_cast<std::uint32_t>(transport.size());
  if (has_pseudo) start += (length >> 16) + (length & 0xffff);
  CHECK(sum(transport, start) == 0xffff);
}

/// What a TCP that reads its options one by one would know.
TcpOptions options_in(View options) {
  TcpOptions found;
  while (!options.empty() && options[0] != 0) {
    if (options[0] == 1) {
      options = options.subspan(1);
      continue;
    }
    REQUIRE((options.size() >= 2 && options[1] >= 2 && options[1] <= options.size()));
    const View value = options.subspan(2, options[1] - 2u);
    if (options[0] == 2) found.mss = static_cast<std::uint16_t>(big(value, 2));
    if (options[0] == 3) found.window_scale = static_cast<std::int8_t>(value[0]);
    if (options[0] == 4) found.sack_permitted = true;
    if (options[0] == 8) {
      found.has_timestamps = true, found.tsval = big(value, 4), found.tsecr = big(value.subspan(4), 4);
    }
    if (options[0] == 5) {
      for (View block = value; !block.empty(); block = block.subspan(8))
        found.sack.at(found.sack_count++) = {big(block, 4), big(block.subspan(4), 4)};
    }
    options = options.subspan(options[1]);
  }
  return found;
}

void check_tcp(View tcp, const Packet& packet) {
  CHECK((big(tcp, 2) == packet.source_port && big(tcp.subspan(2), 2) == packet.destination_port));
  CHECK((big(tcp.subspan(4), 4) == packet.seq && big(tcp.subspan(8), 4) == packet.ack));
  CHECK((tcp[13] == packet.flags && big(tcp.subspan(14), 2) == packet.window));
  CHECK(big(tcp.subspan(18), 2) == packet.urgent);
  const std::size_t header = (tcp[12] >> 4) * 4u;
  REQUIRE(header == packet.header_bytes());  // as long as the link was told
  const TcpOptions found = options_in(tcp.subspan(20, header - 20));
  CHECK((found.mss == packet.options.mss && found.window_scale == packet.options.window_scale));
  CHECK(found.sack_permitted == packet.options.sack_permitted);
  REQUIRE(found.has_timestamps == packet.options.has_timestamps);
  if (found.has_timestamps)
    CHECK((found.tsval == packet.options.tsval && found.tsecr == packet.options.tsecr));
  REQUIRE(found.sack_count == packet.options.sack_count);
  for (std::size_t i = 0; i < found.sack_count; ++i)
    CHECK((found.sack.at(i).start == packet.options.sack.at(i).start &&
           found.sack.at(i).end == packet.options.sack.at(i).end));
}

void check_payload(View payload, const Packet& packet, const StreamStore& streams) {
  REQUIRE(payload.size() == packet.payload_bytes);
  std::vector<std::byte> wanted(packet.payload_bytes);
  streams.content(packet.stream, packet.stream_offset, wanted);
  CHECK(std::ranges::equal(std::as_bytes(payload), wanted));
}

void check_packet(const Captured& captured, const Packet& packet, const StreamStore& streams) {
  const bool by_ipv6 = is_ipv6(packet.destination_address);
  REQUIRE(captured.bytes.size() > 34);
  const View frame(captured.bytes);
  CHECK(big(frame.subspan(12), 2) == (by_ipv6 ? 0x86ddu : 0x0800u));
  const View ip = frame.subspan(14);
  const std::size_t whole = captured.whole_length - 14;
  REQUIRE(whole == packet.ip_bytes());
  check_ip(ip, packet, whole);
  const View transport = ip.subspan(by_ipv6 ? 40 : 20);
  const std::uint8_t protocol = ip[by_ipv6 ? 6 : 9];
  CHECK(protocol == (packet.protocol == Protocol::kTcp   ? 6
                     : packet.protocol == Protocol::kUdp ? 17
                     : by_ipv6                           ? 58
                                                         : 1));
  if (packet.protocol == Protocol::kTcp) check_tcp(transport, packet);
  const bool is_known =
      packet.payload_bytes == 0 || streams.has(packet.stream, packet.stream_offset, packet.payload_bytes);
  REQUIRE(captured.bytes.size() == captured.whole_length - (is_known ? 0 : packet.payload_bytes));
  if (!is_known) return;
  if (packet.payload_bytes > 0) check_payload(transport.subspan(packet.header_bytes()), packet, streams);
  check_transport_sum(ip, transport, protocol, by_ipv6);
}

std::uint64_t rounds() {
  const char* const asked = std::getenv("STACKSCOPE_FUZZ_ROUNDS");
  return asked != nullptr ? std::strtoull(asked, nullptr, 10) : 20;
}

}  // namespace

TEST_CASE("a capture is one that other programs read, with every field in its place", "[capture]") {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("stackscope-" + std::to_string(getpid()) + ".pcapng");
  for (std::uint64_t seed = 1; seed <= rounds(); ++seed) {
    INFO("seed " << seed);
    Fixture fixture(seed);
    std::vector<Packet> packets(fixture.below(30));
    PcapWriter writer(path.string(), {"client", "server"});
    std::vector<PacketTap::Where> places;
    for (Packet& packet : packets) {
      packet = fixture.packet();
      places.push_back({Instant::ns(static_cast<std::int64_t>(fixture.any()) * 1000),
                        static_cast<std::uint8_t>(1 + fixture.below(2)),
                        fixture.below(2) == 0 ? DeviceKind::kLoopback : DeviceKind::kNic,
                        fixture.below(2) == 0 ? Way::kIn : Way::kOut});
      writer.hear(packet, fixture.streams(), places.back());
    }
    writer.finish();
    const Capture capture = read_capture(path);
    REQUIRE(capture.packets.size() == packets.size());
    for (std::size_t i = 0; i < packets.size(); ++i) {
      INFO("packet " << i);
      const Captured& one = capture.packets[i];
      check_packet(one, packets[i], fixture.streams());
      CHECK(one.at == static_cast<std::uint64_t>(places[i].at.count()));
      CHECK(one.flags == (places[i].way == Way::kIn ? 1u : 2u));
      CHECK(capture.interfaces.at(one.interface) == std::string(places[i].host == 1 ? "client/" : "server/") +
                                                        std::string(name_of(places[i].device)));
    }
  }
  std::filesystem::remove(path);
}

TEST_CASE("a capture that cannot be written is an error", "[capture]") {
  CHECK_THROWS_AS(PcapWriter("/nowhere/at/all.pcapng", {}), PcapError);
  PcapWriter full("/dev/full", {"a"});
  CHECK_THROWS_AS(full.finish(), PcapError);
}

}  // namespace stackscope
