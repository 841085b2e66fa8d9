#pragma once
// From words to the tree: a recursive descent over packetdrill's published grammar.
//
// A mistake ends its event alone: reading goes on at the next line that begins with a time.

#include <string>
#include <utility>
#include <vector>

#include "runner/packetdrill/lexer.hpp"
#include "runner/packetdrill/script.hpp"

namespace stackscope::packetdrill {

class Parser {
 public:
  Parser(std::shared_ptr<const Source> source, const std::vector<std::pair<std::string, std::string>>& given);
  ParsedScript parse();

 private:
  /// Thrown where an event cannot be read on; never leaves parse().
  struct Refused {};

  // words
  const Token& peek(std::size_t ahead = 0) const;
  const Token& take();
  bool take_sign(char c);
  bool take_word(std::string_view word);
  const Token& expect(Token::Kind kind, const char* what);
  void expect_sign(char c, const char* where);
  void expect_word(std::string_view word, const char* where);
  [[noreturn]] void refuse(const Token& token, std::string message, std::string help = "");
  void report(const Span& at, std::string message, std::string help = "") {
    errors_.add(at, std::move(message), std::move(help));
  }
  std::int64_t number(const char* what, std::int64_t least, std::int64_t most);
  void define_words();

  // the script
  void read_options(const std::vector<std::pair<std::string, std::string>>& given);
  void read_option(const Span& at, std::string_view name, std::string_view value);
  void read_steps();
  Step read_step();
  void skip_step();
  StepTime read_time();
  Duration read_seconds();
  void check_time(const Step& step);

  // packets: parse_packet.cpp
  PacketSpec read_packet();
  void read_ip_info(PacketSpec& spec);
  void read_tcp(PacketSpec& spec);
  void read_flags(Frame& frame);
  std::pair<std::uint32_t, std::uint32_t> read_sequence();
  void read_tcp_options(PacketSpec& spec);
  TcpOption read_tcp_option();
  void read_udp(PacketSpec& spec);
  void read_icmp(PacketSpec& spec);
  void read_quoted(Frame& frame);

  // system calls: parse_call.cpp
  SystemCall read_call();
  void skip_note();
  Expression read_expression();
  Expression read_primary();
  Expression read_word();
  Expression read_list(Expression::Kind kind, char close);
  Expression read_field();
  Expression read_text();
  bool is_field() const;

  std::shared_ptr<const Source> source_;
  Diagnostics errors_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
  Script script_;
};

/// "; did you mean 'X'?" as a help, or "".
std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& known);

}  // namespace stackscope::packetdrill
