#pragma once
// The words of a packetdrill script.
//
// Follows: packetdrill's published lexer (lexer.l), the longest match first. An option's value is taken whole, to the next
// blank outside of quotes, so that addresses and definitions need no words of their own.

#include <cstdint>
#include <string>
#include <vector>

#include "runner/packetdrill/script.hpp"

namespace stackscope::packetdrill {

struct Token {
  enum class Kind : std::uint8_t {
    kEnd,
    kInteger,
    kHex,
    kFloat,
    kWord,
    kString,
    kBackquoted,
    kCode,
    kOption,  // text is the name, value what stands behind '='
    kEllipsis,
    kAddress,
    kSign  // any other single character
  };
  Kind kind = Kind::kEnd;
  Span at;
  std::string text = {};  // without quotes
  std::string value = {};
  bool begins_line = false;
  bool follows_blank = true;  // white space stands before it

  bool is(Kind k) const { return kind == k; }
  bool is_sign(char c) const { return kind == Kind::kSign && text[0] == c; }
  bool is_word(std::string_view word) const { return kind == Kind::kWord && text == word; }
};

/// All tokens, the last one kEnd. Errors: what is not closed.
std::vector<Token> lex(const std::shared_ptr<const Source>& source, Diagnostics& errors);

}  // namespace stackscope::packetdrill
