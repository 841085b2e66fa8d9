#include "runner/always_true.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace stackscope {
namespace {

using script::Token;
using Tokens = std::span<const Token>;

struct Comparison {
  Tokens left, right;
  std::string_view op;
};

bool opens(const Token& token) { return token.text == "(" || token.text == "[" || token.text == "{"; }
bool closes(const Token& token) { return token.text == ")" || token.text == "]" || token.text == "}"; }
bool begins_block(const Token& token) {
  return token.text == "function" || token.text == "do" || token.text == "then" || token.text == "repeat";
}

/// Where one of `words` stands outside of all brackets and functions.
std::optional<std::size_t> find_outside(Tokens tokens, std::span<const std::string_view> words) {
  int depth = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (opens(tokens[i]) || begins_block(tokens[i])) ++depth;
    if (closes(tokens[i]) || tokens[i].text == "end" || tokens[i].text == "until") --depth;
    const bool is_wanted = std::find(words.begin(), words.end(), tokens[i].text) != words.end();
    if (depth == 0 && is_wanted && tokens[i].kind != Token::Kind::kString) return i;
  }
  return std::nullopt;
}

std::vector<Tokens> split(Tokens tokens, std::string_view word) {
  std::vector<Tokens> parts;
  while (const auto at = find_outside(tokens, {&word, 1})) {
    parts.push_back(tokens.first(*at));
    tokens = tokens.subspan(*at + 1);
  }
  parts.push_back(tokens);
  return parts;
}

std::optional<Comparison> comparison_of(Tokens tokens) {
  static constexpr std::string_view kOperators[] = {"==", "~=", "<=", ">=", "<", ">"};
  const auto at = find_outside(tokens, kOperators);
  if (!at || find_outside(tokens.subspan(*at + 1), kOperators)) return std::nullopt;
  return Comparison{tokens.first(*at), tokens.subspan(*at + 1), tokens[*at].text};
}

bool are_same(Tokens a, Tokens b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Token& x, const Token& y) { return x.text == y.text; });
}

/// The same comparison, read from the other side.
Comparison turned(const Comparison& c) {
  constexpr std::pair<std::string_view, std::string_view> kTurned[] = {
      {"<", ">"}, {">", "<"}, {"<=", ">="}, {">=", "<="}};
  for (const auto& [from, to] : kTurned) {
    if (c.op == from) return {c.right, c.left, to};
  }
  return {c.right, c.left, c.op};
}

bool is_complement(std::string_view a, std::string_view b) {
  constexpr std::pair<std::string_view, std::string_view> kPairs[] = {{"<", ">="}, {">", "<="}, {"==", "~="}};
  return std::any_of(std::begin(kPairs), std::end(kPairs), [&](const auto& pair) {
    return (a == pair.first && b == pair.second) || (a == pair.second && b == pair.first);
  });
}

bool are_complements(const Comparison& a, const Comparison& b) {
  const auto same_sides = [](const Comparison& x, const Comparison& y) {
    return are_same(x.left, y.left) && are_same(x.right, y.right) && is_complement(x.op, y.op);
  };
  return same_sides(a, b) || same_sides(a, turned(b));
}

/// A counter, `something.n`, or one call of count(): never below 0.
bool is_count(Tokens tokens, std::span<const std::string> counters) {
  if (tokens.empty()) return false;
  if (tokens.size() == 1)
    return std::find(counters.begin(), counters.end(), tokens[0].text) != counters.end();
  if (tokens[0].text == "count" && tokens[1].text == "(") {
    int depth = 0;
    for (std::size_t i = 1; i < tokens.size(); ++i) {
      depth += opens(tokens[i]) ? 1 : closes(tokens[i]) ? -1 : 0;
      if (depth == 0) return i + 1 == tokens.size();
    }
    return false;
  }
  return tokens[tokens.size() - 2].text == "." && tokens.back().text == "n" &&
         std::all_of(tokens.begin(), tokens.end(),
                     [](const Token& t) { return t.kind == Token::Kind::kName || t.text == "."; });
}

bool is_number(Tokens tokens, std::string_view number) {
  return tokens.size() == 1 && tokens[0].text == number;
}
bool is_negative(Tokens tokens) {
  return tokens.size() == 2 && tokens[0].text == "-" && tokens[1].kind == Token::Kind::kNumber &&
         tokens[1].text != "0";
}

bool holds_for_counts(const Comparison& c, std::span<const std::string> counters) {
  if (!is_count(c.left, counters)) return false;
  if (c.op == ">=") return is_number(c.right, "0") || is_negative(c.right);
  return (c.op == ">" || c.op == "~=") && is_negative(c.right);
}

/// Without parentheses around all of it.
Tokens bare(Tokens tokens) {
  while (tokens.size() >= 2 && tokens.front().text == "(") {
    int depth = 0;
    std::size_t at = 0;
    for (; at < tokens.size(); ++at) {
      depth += opens(tokens[at]) ? 1 : closes(tokens[at]) ? -1 : 0;
      if (depth == 0) break;
    }
    if (at + 1 != tokens.size()) break;
    tokens = tokens.subspan(1, tokens.size() - 2);
  }
  return tokens;
}

std::optional<std::string> why_always(Tokens term, std::span<const std::string> counters) {
  if (is_number(term, "true")) return "`true` is always true";
  const auto c = comparison_of(term);
  if (!c) return std::nullopt;
  if ((c->op == "==" || c->op == "<=" || c->op == ">=") && are_same(c->left, c->right)) {
    return "both sides are the same";
  }
  if (holds_for_counts(*c, counters) || holds_for_counts(turned(*c), counters))
    return "a count is never below 0";
  return std::nullopt;
}

std::optional<AlwaysTrue> complements_among(std::span<const Tokens> alternatives) {
  for (std::size_t i = 0; i < alternatives.size(); ++i) {
    const auto a = comparison_of(bare(alternatives[i]));
    for (std::size_t j = 0; a && j < i; ++j) {
      const auto b = comparison_of(bare(alternatives[j]));
      if (b && are_complements(*a, *b))
        return AlwaysTrue{alternatives[j].front().offset, "one of the two always holds"};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<AlwaysTrue> always_true_part(Tokens tokens, std::span<const std::string> counters) {
  tokens = bare(tokens);
  if (tokens.empty()) return std::nullopt;
  for (const std::string_view word : {"or", "and"}) {
    const std::vector<Tokens> parts = split(tokens, word);
    if (parts.size() == 1) continue;
    for (const Tokens part : parts) {
      if (auto found = always_true_part(part, counters)) return found;
    }
    return word == "or" ? complements_among(parts) : std::nullopt;
  }
  if (const auto why = why_always(tokens, counters)) return AlwaysTrue{tokens.front().offset, *why};
  return std::nullopt;
}

}  // namespace stackscope
