#include "runner/packetdrill/lexer.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <fmt/format.h>

namespace stackscope::packetdrill {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

class Lexer {
 public:
  Lexer(const std::shared_ptr<const Source>& source, Diagnostics& errors)
      : source_(source), text_(source->text), errors_(errors) {}

  std::vector<Token> all() {
    for (;;) {
      skip_blanks();
      tokens_.push_back(next());
      if (tokens_.back().is(Token::Kind::kEnd)) return std::move(tokens_);
    }
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool is_at(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  void advance(std::size_t bytes) {
    for (; bytes > 0 && at_ < text_.size(); --bytes, ++at_) {
      if (text_[at_] == '\n') {
        ++line_, column_ = 1, is_line_begun_ = false;
      } else if ((static_cast<unsigned char>(text_[at_]) & 0xc0) != 0x80) {
        ++column_;
      }
    }
  }

  void skip_blanks() {
    follows_blank_ = at_ == 0;
    for (;;) {
      const std::size_t before = at_;
      if (is_blank(peek()) && at_ < text_.size()) advance(1);
      if (is_at("//")) advance(std::min(text_.find('\n', at_), text_.size()) - at_);
      if (is_at("/*")) skip_comment();
      if (at_ == before) return;
      follows_blank_ = true;
    }
  }
  void skip_comment() {
    const std::size_t end = text_.find("*/", at_ + 2);
    if (end == std::string_view::npos) errors_.add(here(2), "this comment is not closed", "close it by */");
    advance(end == std::string_view::npos ? text_.size() - at_ : end + 2 - at_);
  }

  Span here(std::uint32_t length) const { return Span{source_, line_, column_, length}; }

  /// The next `bytes` are a token; `text` is what is left of them without quotes.
  Token take(Token::Kind kind, std::size_t bytes, std::string_view text) {
    Token token{kind, here(1), std::string(text), {}, !is_line_begun_, follows_blank_};
    const std::string_view raw = text_.substr(at_, bytes);
    const std::string_view first_line = raw.substr(0, raw.find('\n'));
    token.at.length = static_cast<std::uint32_t>(std::max<std::ptrdiff_t>(
        1, std::count_if(first_line.begin(), first_line.end(),
                         [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; })));
    is_line_begun_ = true;
    advance(bytes);
    return token;
  }
  Token take(Token::Kind kind, std::size_t bytes) { return take(kind, bytes, text_.substr(at_, bytes)); }

  Token next() {
    if (at_ >= text_.size()) return take(Token::Kind::kEnd, 0);
    if (is_at("...")) return take(Token::Kind::kEllipsis, 3);
    if (is_at("--") && is_word(peek(2))) return take_option();
    if (is_at("%{")) return take_quoted(Token::Kind::kCode, 2, "}%");
    if (peek() == '"') return take_quoted(Token::Kind::kString, 1, "\"");
    if (peek() == '`') return take_quoted(Token::Kind::kBackquoted, 1, "`");
    if (const std::size_t bytes = address_length()) return take(Token::Kind::kAddress, bytes);
    if (const std::size_t bytes = float_length()) return take(Token::Kind::kFloat, bytes);
    if (peek() == '-' && is_digit(peek(1))) return take(Token::Kind::kInteger, run(1, is_digit));
    if (is_word(peek())) return take_word();
    std::size_t bytes = 1;  // a code point, where it is no ASCII
    while ((static_cast<unsigned char>(peek(bytes)) & 0xc0) == 0x80) ++bytes;
    return take(Token::Kind::kSign, bytes);
  }

  /// The length of what starts with `from` bytes of any kind and goes on with those that are `of`.
  std::size_t run(std::size_t from, bool (*of)(char)) const {
    while (of(peek(from))) ++from;
    return from;
  }

  Token take_word() {
    const std::size_t bytes = run(0, is_word);
    const std::string_view word = text_.substr(at_, bytes);
    const bool is_hex_number = word.size() > 2 && word[0] == '0' && word[1] == 'x' &&
                               std::all_of(word.begin() + 2, word.end(), is_hex);
    if (is_hex_number) return take(Token::Kind::kHex, bytes);
    const bool is_number = std::all_of(word.begin(), word.end(), is_digit);
    return take(is_number ? Token::Kind::kInteger : Token::Kind::kWord, bytes);
  }

  /// [-]digits.digits, where the first ones may be missing.
  std::size_t float_length() const {
    std::size_t bytes = run(peek() == '-' ? 1 : 0, is_digit);
    if (peek(bytes) != '.' || !is_digit(peek(bytes + 1))) return 0;
    bytes = run(bytes + 1, is_digit);
    return bytes;
  }

  /// An IPv4 or IPv6 address; sequence numbers such as 1:1001 are none.
  std::size_t address_length() const {
    std::size_t bytes = 0;
    while (is_hex(peek(bytes)) || peek(bytes) == ':' || peek(bytes) == '.') ++bytes;
    const std::string run(text_.substr(at_, bytes));
    if (std::count(run.begin(), run.end(), ':') < 2 && std::count(run.begin(), run.end(), '.') != 3) return 0;
    in6_addr v6;
    in_addr v4;
    const bool is_address =
        inet_pton(AF_INET6, run.c_str(), &v6) == 1 || inet_pton(AF_INET, run.c_str(), &v4) == 1;
    return is_address ? bytes : 0;
  }

  /// Up to `close`; a backslash takes the next character along, but not in code.
  Token take_quoted(Token::Kind kind, std::size_t open, std::string_view close) {
    std::size_t end = at_ + open;
    while (end < text_.size() && !text_.substr(end).starts_with(close)) {
      end += text_[end] == '\\' && kind != Token::Kind::kCode ? 2 : 1;
    }
    if (end >= text_.size()) {
      errors_.add(here(static_cast<std::uint32_t>(open)), fmt::format("this is not closed by {}", close));
      return take(kind, text_.size() - at_, "");
    }
    return take(kind, end + close.size() - at_, text_.substr(at_ + open, end - at_ - open));
  }

  Token take_option() {
    const std::size_t name = run(2, is_word);
    std::size_t end = name;
    if (peek(name) == '=') {
      for (char quote = '\0'; peek(end) != '\0' && (quote != '\0' || !is_blank(peek(end))); ++end) {
        const bool is_quote = peek(end) == '"' || peek(end) == '`';
        if (is_quote && (quote == '\0' || quote == peek(end))) quote = quote == '\0' ? peek(end) : '\0';
      }
    }
    const std::string_view value = end > name ? text_.substr(at_ + name + 1, end - name - 1) : "";
    Token token = take(Token::Kind::kOption, end, text_.substr(at_ + 2, name - 2));
    token.value = value;
    return token;
  }

  std::shared_ptr<const Source> source_;
  std::string_view text_;
  Diagnostics& errors_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1, column_ = 1;
  bool is_line_begun_ = false, follows_blank_ = true;
};

}  // namespace

std::vector<Token> lex(const std::shared_ptr<const Source>& source, Diagnostics& errors) {
  return Lexer(source, errors).all();
}

}  // namespace stackscope::packetdrill
