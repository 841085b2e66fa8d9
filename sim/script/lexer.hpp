#pragma once
// Lua's tokens with their places, so that an error can put a caret under what is wrong: Lua itself knows
// lines only.
//
// The lexer accepts everything: what is not Lua is found by Lua. Positions are bytes.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stackscope::script {

struct Token {
  enum class Kind : std::uint8_t { kName, kKeyword, kNumber, kString, kSymbol };
  Kind kind;
  std::string_view text;  // as written, quotes included; points into the source
  std::size_t offset;
};

/// Comments and white space are left out. `source` must outlive the tokens.
std::vector<Token> tokens_of(std::string_view source);

/// Line and column, both from 1.
struct Position {
  int line = 1;
  int column = 1;
};
Position position_at(std::string_view source, std::size_t offset);

/// A free name and the fields that directly follow it: `request.latency.p99`.
struct NameUse {
  std::vector<Token> chain;  // names only, without the dots
  bool is_compared = false;  // stands directly beside == or ~=
  std::string path(std::size_t parts) const;
};

/// A literal string directly among the arguments of a call of a free name: `first('nic:frame_arrived')`.
struct LiteralArgument {
  std::string_view function;
  std::string_view text;  // without quotes; literals with escapes are left out
  std::size_t offset;
};

struct NamesInUse {
  std::vector<NameUse> names;
  std::vector<LiteralArgument> literals;
};

/// Names that are neither parameters nor locals nor keys. Where scopes are too subtle for a scan of tokens
/// (`local x = x`) a free name may be missed, never invented; the sandbox finds it when it runs.
NamesInUse names_in(const std::vector<Token>& tokens);

}  // namespace stackscope::script
