#pragma once
// %{ assert tcpi_unacked == 2, tcpi_unacked }%: the few forms of Python that scripts use.
//
// Statements: assert, print, name = expression, pass, import (which does nothing); a line each, or with ';' between.
// Expressions: numbers, text, names, (…), […], comparisons in chains, in, not in, and, or, not, | ^ & << >>, + − * / // % **,
// abs, min, max, int, float, len, and `a if b else c`.
//
// Differs: from Python: no other statement, no method, no comprehension; integers have 64 bits.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

struct tcp_info;

namespace stackscope::packetdrill {

struct SnippetValue {
  std::variant<std::int64_t, double, std::string, std::vector<SnippetValue>> is = std::int64_t{0};
};

/// What the names of a snippet stand for. Assignments stay for the snippets after it.
using SnippetNames = std::map<std::string, SnippetValue, std::less<>>;

struct SnippetResult {
  std::string error;      // "" where every assertion held
  bool is_wrong = false;  // no Python that is understood here; nothing to do with what the host did
  std::vector<std::string> printed;  // lines
};

SnippetResult run_snippet(std::string_view code, SnippetNames& names);

/// What is wrong with a snippet before any value is known; "" where nothing is. Unknown names count as wrong, but for those
/// that it assigns itself.
std::string check_snippet(std::string_view code, SnippetNames& assigned);

/// tcpi_state …, by the kernel's names.
void add_tcp_info(const tcp_info& info, SnippetNames& names);

}  // namespace stackscope::packetdrill
