#include "sim/script/lexer.hpp"

#include <algorithm>
#include <array>

namespace stackscope::script {
namespace {

constexpr auto kKeywords = std::to_array<std::string_view>(
    {"and", "break", "do",  "else", "elseif", "end",    "false",  "for",  "function", "goto",  "if",
     "in",  "local", "nil", "not",  "or",     "repeat", "return", "then", "true",     "until", "while"});

constexpr auto kLongSymbols =
    std::to_array<std::string_view>({"...", "..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>"});

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  std::vector<Token> run() {
    std::vector<Token> tokens;
    for (skip_blank(); at_ < source_.size(); skip_blank()) {
      const std::size_t begin = at_;
      const Token::Kind kind = take_one();
      tokens.push_back({kind, source_.substr(begin, at_ - begin), begin});
    }
    return tokens;
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }

  void skip_blank() {
    for (; at_ < source_.size(); ++at_) {
      if (is_space(peek())) continue;
      if (peek() != '-' || peek(1) != '-') return;
      at_ += 2;
      if (peek() == '[' && long_bracket_level() >= 0) {
        take_long_string();
      } else {
        at_ = std::min(source_.find('\n', at_), source_.size());
      }
      if (at_ >= source_.size()) return;
      --at_;  // the loop steps on
    }
  }

  Token::Kind take_one() {
    const char c = peek();
    if (is_letter(c)) return take_name();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return take_number();
    if (c == '"' || c == '\'') return take_short_string(c);
    if (c == '[' && long_bracket_level() >= 0) return take_long_string();
    for (std::string_view symbol : kLongSymbols) {
      if (source_.substr(at_).starts_with(symbol)) return at_ += symbol.size(), Token::Kind::kSymbol;
    }
    return ++at_, Token::Kind::kSymbol;
  }

  Token::Kind take_name() {
    const std::size_t begin = at_;
    while (is_letter(peek()) || is_digit(peek())) ++at_;
    const std::string_view word = source_.substr(begin, at_ - begin);
    const bool keyword = std::find(kKeywords.begin(), kKeywords.end(), word) != kKeywords.end();
    return keyword ? Token::Kind::kKeyword : Token::Kind::kName;
  }

  /// As greedy as Lua's own: letters, digits, dots, and a sign after an exponent.
  Token::Kind take_number() {
    const bool hexadecimal = peek() == '0' && (peek(1) == 'x' || peek(1) == 'X');
    const char exponent = hexadecimal ? 'p' : 'e';
    while (is_letter(peek()) || is_digit(peek()) || peek() == '.') {
      const char lower = static_cast<char>(peek() | 0x20);
      ++at_;
      if (lower == exponent && (peek() == '+' || peek() == '-')) ++at_;
    }
    return Token::Kind::kNumber;
  }

  Token::Kind take_short_string(char quote) {
    ++at_;
    while (at_ < source_.size() && peek() != quote && peek() != '\n') at_ += peek() == '\\' ? 2 : 1;
    at_ = std::min(at_, source_.size());
    if (peek() == quote) ++at_;
    return Token::Kind::kString;
  }

  /// The number of '=' in `[==[`, or -1 where no long string begins here.
  int long_bracket_level() const {
    std::size_t level = 0;
    while (peek(1 + level) == '=') ++level;
    return peek(1 + level) == '[' ? static_cast<int>(level) : -1;
  }

  Token::Kind take_long_string() {
    const std::string close = "]" + std::string(static_cast<std::size_t>(long_bracket_level()), '=') + "]";
    const std::size_t end = source_.find(close, at_ + close.size());
    at_ = end == std::string_view::npos ? source_.size() : end + close.size();
    return Token::Kind::kString;
  }

  std::string_view source_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view source) { return Lexer{source}.run(); }

Position position_at(std::string_view source, std::size_t offset) {
  const std::string_view before = source.substr(0, std::min(offset, source.size()));
  const auto line = std::count(before.begin(), before.end(), '\n');
  const std::size_t newline = before.rfind('\n');
  const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
  return {static_cast<int>(line) + 1, static_cast<int>(before.size() - begin) + 1};
}

}  // namespace stackscope::script
