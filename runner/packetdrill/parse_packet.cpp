// Packets: `> [ect0] P. 1:1001(1000) ack 1 win 257 <nop,nop,TS val 1 ecr 2>`, `< udp (100)`, `< icmp unreachable …`.

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>

#include "runner/packetdrill/icmp_names.hpp"
#include "runner/packetdrill/parser.hpp"

namespace stackscope::packetdrill {

namespace {

constexpr std::int64_t kMost32 = 0xffffffff;
constexpr std::size_t kMostOptionBytes = 40;  // the header has at most 60 (RFC 9293 3.1)

struct Flag {
  char letter;
  std::uint8_t flag;
};
constexpr Flag kFlags[] = {{'F', tcp_flag::kFin}, {'S', tcp_flag::kSyn}, {'R', tcp_flag::kRst},
                           {'P', tcp_flag::kPsh}, {'U', tcp_flag::kUrg}, {'E', tcp_flag::kEce},
                           {'W', tcp_flag::kCwr}, {'C', tcp_flag::kCwr}};

std::size_t bytes_of(const TcpOption& option) {
  using Kind = TcpOption::Kind;
  switch (option.kind) {
    case Kind::kEol:
    case Kind::kNop:
      return 1;
    case Kind::kMss:
      return 4;
    case Kind::kWindowScale:
      return 3;
    case Kind::kSackPermitted:
      return 2;
    case Kind::kSack:
      return 2 + 8 * option.sack.size();
    case Kind::kTimestamps:
      return 10;
    case Kind::kMd5:
    case Kind::kFastOpen:
      return 2 + option.hex.size() / 2;
    case Kind::kFastOpenExp:
      return 4 + option.hex.size() / 2;
  }
  return 0;
}

}  // namespace

PacketSpec Parser::read_packet() {
  PacketSpec spec;
  spec.frame.is_outbound = take().text == ">";
  for (const std::string_view word : {"ipv4", "ipv6", "gre", "GREv0", "mpls"}) {
    if (peek().is_word(word))
      refuse(peek(), fmt::format("packets inside of others ({}) are not played", word));
  }
  if (peek().is_sign('[') || peek().is_sign('(')) read_ip_info(spec);
  const bool has_ports = peek().is(Token::Kind::kInteger) && peek(1).is_sign('>');
  if (has_ports) {
    const auto source = static_cast<std::uint16_t>(number("a port", 0, 65535));
    take();
    const auto destination = static_cast<std::uint16_t>(number("a port", 0, 65535));
    spec.has_ports = true;
    spec.frame.local_port = spec.frame.is_outbound ? source : destination;
    spec.frame.remote_port = spec.frame.is_outbound ? destination : source;
  }
  if (peek().is_word("udp")) {
    read_udp(spec);
  } else if (peek().is_word("icmp")) {
    read_icmp(spec);
  } else {
    read_tcp(spec);
  }
  return spec;
}

/// [ect0], [ce], [tos 0x10]: the traffic class.
void Parser::read_ip_info(PacketSpec& spec) {
  const char close = take().text == "[" ? ']' : ')';
  using Tos = PacketSpec::Tos;
  const Token& word = peek();
  spec.tos = Tos::kEcn;
  if (take_word("noecn")) {
    spec.frame.tos = 0;
  } else if (take_word("ect1")) {
    spec.frame.tos = 1;
  } else if (take_word("ect0")) {
    spec.frame.tos = 2;
  } else if (take_word("ce")) {
    spec.frame.tos = 3;
  } else if (take_word("ect01")) {
    spec.tos = Tos::kEct01;
    if (!spec.frame.is_outbound) refuse(word, "[ect01] is for packets that the host sends");
  } else if (take_word("tos")) {
    const std::string& hex = expect(Token::Kind::kHex, "a number such as 0x10").text;
    const std::int64_t tos = hex.size() <= 6 ? std::stol(hex, nullptr, 16) : 256;
    if (tos > 255) refuse(word, "a traffic class has eight bits");
    spec.tos = Tos::kAll, spec.frame.tos = static_cast<std::uint8_t>(tos);
  } else if (word.is_word("flowlabel") || word.is_word("ttl")) {
    refuse(word, fmt::format("'{}' is not played", word.text));
  } else {
    refuse(word, "expected noecn, ect0, ect1, ect01, ce or tos",
           did_you_mean(word.text, {"noecn", "ect0", "ect1", "ect01", "ce", "tos"}));
  }
  expect_sign(close, "after what is said of IP");
}

// --- TCP -----------------------------------------------------------------------------------------------------------------

void Parser::read_tcp(PacketSpec& spec) {
  Frame& frame = spec.frame;
  read_flags(frame);
  std::tie(frame.seq, frame.payload_bytes) = read_sequence();
  if (take_word("ack"))
    frame.ack = static_cast<std::uint32_t>(number("an acknowledgement number", 0, kMost32));
  spec.has_window = take_word("win");
  if (spec.has_window) frame.window = static_cast<std::uint16_t>(number("a window", 0, 65535));
  if (take_word("urg")) frame.urgent = static_cast<std::uint16_t>(number("an urgent pointer", 0, 65535));
  if (peek().is_sign('<')) read_tcp_options(spec);
  if (peek().is_sign('{')) refuse(peek(), "damaged packets ({mut …}) are not played");
}

/// Letters and a dot for ACK, "." alone, or "-" for none.
void Parser::read_flags(Frame& frame) {
  const Token& first = peek();
  if (take_sign('-')) return;
  const bool has_letters = first.is(Token::Kind::kWord);
  if (has_letters) {
    for (const char letter : take().text) {
      const Flag* const flag = std::ranges::find(kFlags, letter, &Flag::letter);
      if (flag == std::end(kFlags)) {
        refuse(first, fmt::format("'{}' is no flag of TCP, nor another kind of packet", first.text),
               "F, S, R, P, U, E, W and '.' for ACK; or udp, icmp");
      }
      frame.flags |= flag->flag;
    }
  }
  if (peek().is(Token::Kind::kFloat) && !peek().follows_blank) {
    refuse(peek(), "the counter of accurate ECN is not played");
  }
  if (take_sign('.')) {
    frame.flags |= tcp_flag::kAck;
  } else if (!has_letters) {
    refuse(first, "expected a packet's flags", "S, S., P., F., R or '.', '-' for none");
  }
}

/// first:after(bytes)
std::pair<std::uint32_t, std::uint32_t> Parser::read_sequence() {
  const Token& token = peek();
  const std::int64_t first = number("a sequence number", 0, kMost32);
  expect_sign(':', "in first:after(bytes)");
  const std::int64_t after = number("a sequence number", 0, kMost32);
  expect_sign('(', "in first:after(bytes)");
  const std::int64_t bytes = number("a packet's length", 0, 65535);
  expect_sign(')', "in first:after(bytes)");
  if (static_cast<std::uint32_t>(first + bytes) != after) {
    refuse(token, fmt::format("{} and {} bytes are {}, not {}", first, bytes,
                              static_cast<std::uint32_t>(first + bytes), after));
  }
  return {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(bytes)};
}

void Parser::read_tcp_options(PacketSpec& spec) {
  const Token& open = take();
  if (peek().is(Token::Kind::kEllipsis)) {
    take();
    if (!spec.frame.is_outbound) refuse(open, "<...> is for packets that the host sends");
    spec.has_any_options = true;
  } else {
    std::size_t bytes = 0;
    do {
      spec.frame.options.push_back(read_tcp_option());
      bytes += bytes_of(spec.frame.options.back());
    } while (take_sign(','));
    if (bytes > kMostOptionBytes) refuse(open, fmt::format("options have at most 40 bytes, these {}", bytes));
  }
  expect_sign('>', "after the options");
}

TcpOption Parser::read_tcp_option() {
  using Kind = TcpOption::Kind;
  TcpOption option;
  const Token& word = peek();
  const auto read_bytes = [&](Kind kind) {
    option.kind = kind;
    if (!peek().is(Token::Kind::kWord) && !peek().is(Token::Kind::kInteger)) return;
    const Token& bytes = take();
    const bool is_hex = bytes.text.size() % 2 == 0 && std::ranges::all_of(bytes.text, [](unsigned char c) {
                          return std::isxdigit(c) != 0;
                        });
    if (!is_hex) refuse(bytes, "expected bytes as pairs of hexadecimal digits");
    option.hex = bytes.text;
  };
  if (take_word("nop")) {
    option.kind = Kind::kNop;
  } else if (take_word("eol")) {
    option.kind = Kind::kEol;
  } else if (take_word("mss")) {
    option.kind = Kind::kMss, option.value = static_cast<std::uint32_t>(number("an mss", 0, 65535));
  } else if (take_word("wscale")) {
    option.kind = Kind::kWindowScale,
    option.value = static_cast<std::uint32_t>(number("a window scale", 0, 255));
  } else if (take_word("sackOK")) {
    option.kind = Kind::kSackPermitted;
  } else if (take_word("TS")) {
    option.kind = Kind::kTimestamps;
    expect_word("val", "after TS");
    option.value = static_cast<std::uint32_t>(number("a timestamp", 0, kMost32));
    expect_word("ecr", "after the timestamp's value");
    option.echo = static_cast<std::uint32_t>(number("a timestamp", 0, kMost32));
  } else if (take_word("sack")) {
    option.kind = Kind::kSack;
    do {
      const auto left = static_cast<std::uint32_t>(number("a sequence number", 0, kMost32));
      expect_sign(':', "in left:right");
      option.sack.emplace_back(left, static_cast<std::uint32_t>(number("a sequence number", 0, kMost32)));
    } while (peek().is(Token::Kind::kInteger));
  } else if (take_word("md5")) {
    read_bytes(Kind::kMd5);
  } else if (take_word("FO")) {
    read_bytes(Kind::kFastOpen);
  } else if (take_word("FOEXP")) {
    read_bytes(Kind::kFastOpenExp);
  } else {
    refuse(word, fmt::format("there is no TCP option '{}'", word.text),
           did_you_mean(word.text,
                        {"mss", "nop", "eol", "wscale", "sackOK", "sack", "TS", "md5", "FO", "FOEXP"}));
  }
  return option;
}

// --- UDP and ICMP ----------------------------------------------------------------------------------------------------------

void Parser::read_udp(PacketSpec& spec) {
  take();
  Frame& frame = spec.frame;
  frame.transport = Transport::kUdp;
  if (peek().is(Token::Kind::kInteger)) {
    const auto source = static_cast<std::uint16_t>(number("a port", 0, 65535));
    expect_sign('>', "between two ports");
    const auto destination = static_cast<std::uint16_t>(number("a port", 0, 65535));
    spec.has_ports = true;
    frame.local_port = frame.is_outbound ? source : destination;
    frame.remote_port = frame.is_outbound ? destination : source;
  }
  expect_sign('(', "before a datagram's length");
  frame.payload_bytes = static_cast<std::uint32_t>(number("a datagram's length", 0, 65507));
  expect_sign(')', "after a datagram's length");
}

void Parser::read_icmp(PacketSpec& spec) {
  take();
  Frame& frame = spec.frame;
  frame.transport = Transport::kIcmp;
  const bool by_ipv6 = script_.options.ip_version == IpVersion::kIpv6;
  const Token& type = expect(Token::Kind::kWord, "an ICMP type such as unreachable");
  frame.icmp_type = type.text;
  if (!icmp_type(type.text, by_ipv6)) {
    refuse(type, fmt::format("there is no ICMP type '{}'", type.text),
           did_you_mean(type.text, icmp_type_names(by_ipv6)));
  }
  if (peek().is(Token::Kind::kWord) && !peek().is_word("mtu") && !peek().is_word("id")) {
    const Token& code = take();
    frame.icmp_code = code.text;
    if (!icmp_code(type.text, code.text, by_ipv6)) {
      refuse(code, fmt::format("'{}' has no code '{}'", type.text, code.text),
             did_you_mean(code.text, icmp_code_names(type.text, by_ipv6)));
    }
  }
  if (take_word("mtu")) frame.icmp_mtu = number("an MTU", 0, kMost32);
  if (take_word("id")) number("an identifier", 0, 65535);
  if (peek().is_sign('[')) read_quoted(frame);
}

/// [1:1001(1000)] or [udp (100)]: the packet that the message is about.
void Parser::read_quoted(Frame& frame) {
  take();
  if (take_word("udp")) {
    frame.quoted.transport = Transport::kUdp;
    expect_sign('(', "before a datagram's length");
    frame.quoted.payload_bytes = static_cast<std::uint32_t>(number("a datagram's length", 0, 65507));
    expect_sign(')', "after a datagram's length");
  } else if (peek().is_word("raw")) {
    refuse(peek(), "raw packets are not played");
  } else {
    std::tie(frame.quoted.seq, frame.quoted.payload_bytes) = read_sequence();
  }
  expect_sign(']', "after the packet that ICMP quotes");
}

}  // namespace stackscope::packetdrill
