#include <algorithm>
#include <catch2/catch.hpp>

#include "runner/packetdrill/wire_format.hpp"
#include "sim/random.hpp"

namespace stackscope::packetdrill {

namespace {

using Kind = TcpOption::Kind;

Ends ends(bool by_ipv6) {
  Ends out;
  out.by_ipv6 = by_ipv6;
  out.host = {192, 168, 0, 1}, out.script = {192, 0, 2, 1};
  if (by_ipv6) out.host = {0xfd, 0x3d}, out.script = {0x20, 0x01};
  return out;
}
/// The same wire, looked at from its other end.
Ends turned(Ends of) {
  std::swap(of.host, of.script);
  return of;
}

Frame segment() {
  Frame frame;
  frame.local_port = 8080, frame.remote_port = 33000, frame.tos = 2;
  frame.flags = tcp_flag::kAck | tcp_flag::kPsh, frame.seq = 0xfffffff0, frame.ack = 7;
  frame.window = 0xfeed, frame.urgent = 3, frame.payload_bytes = 1001;
  return frame;
}

/// The sum of all 16-bit words, which is 0xffff where the checksum among them is right. RFC 1071
std::uint32_t sum_of(std::span<const std::uint8_t> bytes, std::uint32_t start) {
  for (std::size_t i = 0; i < bytes.size(); ++i) start += i % 2 == 0 ? bytes[i] * 256u : bytes[i];
  while (start > 0xffff) start = (start & 0xffff) + (start >> 16);
  return start;
}

}  // namespace

TEST_CASE("a segment comes back from its bytes as it was", "[packetdrill]") {
  for (const bool by_ipv6 : {false, true}) {
    Frame sent = segment();
    sent.options = {{Kind::kMss, 1460, 0, {}, {}},       {Kind::kSackPermitted, 0, 0, {}, {}},
                    {Kind::kTimestamps, 1, 2, {}, {}},   {Kind::kNop, 0, 0, {}, {}},
                    {Kind::kWindowScale, 7, 0, {}, {}},  {Kind::kSack, 0, 0, {{1, 2}}, {}},
                    {Kind::kFastOpen, 0, 0, {}, "abcd"}, {Kind::kEol, 0, 0, {}, {}},
                    {Kind::kEol, 0, 0, {}, {}}};
    const auto bytes = bytes_of(sent, ends(by_ipv6));
    const auto read = frame_of(bytes, turned(ends(by_ipv6)));
    REQUIRE(read);
    CHECK(read->options == sent.options);
    CHECK((read->local_port == sent.remote_port && read->remote_port == sent.local_port));
    CHECK((read->seq == sent.seq && read->ack == sent.ack && read->flags == sent.flags));
    CHECK((read->window == sent.window && read->urgent == sent.urgent && read->tos == sent.tos));
    CHECK(read->payload_bytes == sent.payload_bytes);
    CHECK(!frame_of(bytes, ends(by_ipv6)));  // it goes the other way
  }
}

TEST_CASE("checksums are those that a host believes", "[packetdrill]") {
  Frame sent = segment();
  for (const Transport transport : {Transport::kTcp, Transport::kUdp}) {
    sent.transport = transport;
    const auto bytes = bytes_of(sent, ends(false));
    const std::span all(bytes);
    CHECK(sum_of(all.first(20), 0) == 0xffff);
    const auto length = static_cast<std::uint32_t>(bytes.size() - 20);
    const std::uint32_t pseudo =
        sum_of(all.subspan(12, 8), (transport == Transport::kTcp ? 6u : 17u) + length);
    CHECK(sum_of(all.subspan(20), pseudo) == 0xffff);
  }
}

TEST_CASE("an ICMP error quotes the host's packet", "[packetdrill]") {
  for (const bool by_ipv6 : {false, true}) {
    Frame sent;
    sent.transport = Transport::kIcmp, sent.icmp_type = "unreachable", sent.icmp_code = "port_unreachable";
    sent.quoted = {Transport::kTcp, 1000, 20, 8080, 33000};
    const auto bytes = bytes_of(sent, ends(by_ipv6));
    const auto read = frame_of(bytes, turned(ends(by_ipv6)));
    REQUIRE(read);
    CHECK((read->icmp_type == "unreachable" && read->icmp_code == "port_unreachable"));
    CHECK((read->quoted.seq == 1000 && read->quoted.payload_bytes == 20));
    CHECK((read->quoted.remote_port == 8080 && read->quoted.local_port == 33000));  // from its other end
  }
}

TEST_CASE("no bytes are too damaged to be looked at", "[packetdrill]") {
  RandomStream random(1, "damage");
  for (int i = 0; i < 20'000; ++i) {
    auto bytes = bytes_of(segment(), ends(i % 2 != 0));
    bytes.resize(random.below(bytes.size() + 1));
    for (int hits = 0; hits < 3 && !bytes.empty(); ++hits) {
      bytes[random.below(bytes.size())] = static_cast<std::uint8_t>(random.below(256));
    }
    const auto read = frame_of(bytes, turned(ends(i % 2 != 0)));
    if (read) CHECK(read->payload_bytes <= 0xffff);
  }
}

}  // namespace stackscope::packetdrill
