#include "runner/packetdrill/snippet.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <fmt/format.h>

#include "kernel_model/vocabulary/quantity.hpp"
#include "runner/packetdrill/snippet_values.hpp"
#include "runner/packetdrill/symbols.hpp"

namespace stackscope::packetdrill {

namespace {

constexpr int kDeepest = 100;

class Snippet {
 public:
  /// `checks`: no value counts, and nothing is told but what is wrong with the text.
  Snippet(std::string_view code, SnippetNames& names, bool checks)
      : code_(code), names_(names), skips_(checks ? 1 : 0), checks_(checks) {}

  SnippetResult run() {
    try {
      for (;;) {
        skip_blanks(true);
        if (at_ >= code_.size()) break;
        statement();
        skip_blanks(false);
        if (at_ < code_.size() && peek() != '\n' && peek() != ';') wrong("expected the end of a statement");
      }
    } catch (const SnippetError& error) {
      result_.error = error.what, result_.is_wrong = error.is_wrong;
    }
    return std::move(result_);
  }

 private:
  // --- text --------------------------------------------------------------------------------------------------------------
  char peek(std::size_t ahead = 0) const { return at_ + ahead < code_.size() ? code_[at_ + ahead] : '\0'; }
  [[noreturn]] void wrong(const std::string& what) const {
    const std::string_view rest = code_.substr(at_).substr(0, code_.substr(at_).find('\n'));
    throw SnippetError{rest.empty() ? what : fmt::format("{} at '{}'", what, rest), true};
  }
  static bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

  /// In brackets a line's end is a blank like others.
  void skip_blanks(bool with_ends) {
    for (;; ++at_) {
      const char c = peek();
      if (c == '#') {
        while (at_ < code_.size() && peek() != '\n') ++at_;
        if (at_ >= code_.size() || (!with_ends && brackets_ == 0)) return;
        continue;
      }
      const bool is_end = c == '\n' || c == ';';
      if (c == '\\' && peek(1) == '\n') {
        ++at_;
        continue;
      }
      if (c == ' ' || c == '\t' || c == '\r' || (is_end && with_ends) || (c == '\n' && brackets_ > 0))
        continue;
      return;
    }
  }
  bool take(std::string_view sign) {
    skip_blanks(false);
    const std::string_view rest = code_.substr(at_);
    if (!rest.starts_with(sign)) return false;
    if (is_name(sign.back()) && is_name(peek(sign.size()))) return false;
    at_ += sign.size();
    return true;
  }
  std::string_view take_name() {
    skip_blanks(false);
    if (std::isdigit(static_cast<unsigned char>(peek())) != 0) return {};
    std::size_t end = at_;
    while (end < code_.size() && is_name(code_[end])) ++end;
    const std::string_view name = code_.substr(at_, end - at_);
    at_ = end;
    return name;
  }

  // --- statements ----------------------------------------------------------------------------------------------------------
  void statement() {
    if (take("assert")) return assertion();
    if (take("print")) return print();
    if (take("pass")) return;
    if (take("import") || take("from")) {
      while (at_ < code_.size() && peek() != '\n' && peek() != ';') ++at_;
      return;
    }
    const std::size_t start = at_;
    const std::string_view name = take_name();
    const bool assigns = !name.empty() && take("=") && peek() != '=';
    if (!assigns) {
      at_ = start;
      wrong("expected assert, print or an assignment");
    }
    SnippetValue value = expression();
    names_[std::string(name)] = std::move(value);
  }

  void assertion() {
    const std::size_t from = at_;
    const SnippetValue held = expression();
    const std::string_view text = code_.substr(from, at_ - from);
    std::string message;
    if (take(",")) message = ": " + to_text(expression());
    if (!checks_ && !is_true(held)) {
      throw SnippetError{fmt::format("assert{} failed{}", text, message), false};
    }
  }

  void print() {
    std::string line;
    if (!at_end()) {
      do line += (line.empty() ? "" : " ") + to_text(expression());
      while (take(","));
    }
    if (!checks_) result_.printed.push_back(std::move(line));
  }
  bool at_end() {
    skip_blanks(false);
    return at_ >= code_.size() || peek() == '\n' || peek() == ';';
  }

  // --- expressions, the loosest first ----------------------------------------------------------------------------------------
  SnippetValue expression() {
    if (++depth_ > kDeepest) wrong("this is nested too deep");
    SnippetValue value = either();
    if (take("if")) {
      const SnippetValue condition = either();
      if (!take("else")) wrong("expected 'else'");
      SnippetValue other = expression();
      if (!is_true(condition)) value = std::move(other);
    }
    --depth_;
    return value;
  }
  SnippetValue either() {
    SnippetValue value = both();
    while (take("or")) {
      const bool is_decided = is_true(value);
      skips_ += is_decided;
      SnippetValue other = both();
      skips_ -= is_decided;
      if (!is_decided) value = std::move(other);
    }
    return value;
  }
  SnippetValue both() {
    SnippetValue value = negation();
    while (take("and")) {
      const bool is_decided = !is_true(value);
      skips_ += is_decided;
      SnippetValue other = negation();
      skips_ -= is_decided;
      if (!is_decided) value = std::move(other);
    }
    return value;
  }
  SnippetValue negation() {
    bool is_negated = false, has_any = false;
    while (take("not")) is_negated = !is_negated, has_any = true;
    SnippetValue value = comparison();
    return has_any ? SnippetValue{std::int64_t{is_true(value) != is_negated}} : value;
  }
  /// a < b <= c holds where both do.
  SnippetValue comparison() {
    SnippetValue left = binary(0);
    bool holds = true, has_any = false;
    for (;;) {
      const std::string_view op = take_comparison();
      if (op.empty()) return has_any ? SnippetValue{std::int64_t{holds}} : left;
      SnippetValue right = binary(0);
      if (skips_ == 0) holds = compare(op, left, right) && holds;
      left = std::move(right), has_any = true;
    }
  }
  std::string_view take_comparison() {
    for (const std::string_view op : {"==", "!=", "<=", ">=", "in", "is not", "is"}) {
      if (take(op)) return op;
    }
    skip_blanks(false);
    if ((peek() == '<' || peek() == '>') && peek(1) != peek()) return take("<") ? "<" : (take(">"), ">");
    const std::size_t start = at_;
    if (take("not") && take("in")) return "not in";
    at_ = start;
    return {};
  }

  static constexpr std::string_view kLevels[][4] = {{"|"},        {"^"},      {"&"},
                                                    {"<<", ">>"}, {"+", "-"}, {"//", "*", "/", "%"}};
  SnippetValue binary(std::size_t level) {
    if (level == std::size(kLevels)) return unary();
    SnippetValue left = binary(level + 1);
    for (;;) {
      std::string_view op;
      for (const std::string_view one : kLevels[level]) {
        if (!one.empty() && op.empty() && !(one == "*" && code_.substr(at_).starts_with("**")) && take(one))
          op = one;
      }
      if (op.empty()) return left;
      const SnippetValue right = binary(level + 1);
      left = skips_ > 0 ? SnippetValue{} : compute(op, left, right);
    }
  }
  SnippetValue unary() {
    if (++depth_ > kDeepest) wrong("this is nested too deep");
    SnippetValue value;
    if (take("-")) {
      value = compute("-", SnippetValue{}, unary());
    } else if (take("+")) {
      value = unary();
    } else if (take("~")) {
      value = compute("^", SnippetValue{std::int64_t{-1}}, unary());
    } else {
      value = atom();
      if (take("**")) value = compute("**", value, unary());
    }
    --depth_;
    return value;
  }

  SnippetValue atom() {
    skip_blanks(false);
    const char c = peek();
    if (c == '(' || c == '[') return list(c == '(' ? ')' : ']');
    if (c == '"' || c == '\'') return text();
    if (std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '.') return number();
    const std::string_view name = take_name();
    if (name.empty()) wrong("expected a value");
    skip_blanks(false);
    if (peek() == '(') return call(name);
    return value_of(name);
  }

  SnippetValue value_of(std::string_view name) {
    if (const auto found = names_.find(name); found != names_.end()) return found->second;
    if (name == "True" || name == "False") return {std::int64_t{name == "True"}};
    if (name == "None") return {std::int64_t{0}};
    if (const auto number = constant(name)) return {*number};
    throw SnippetError{fmt::format("there is no name '{}'", name), true};
  }

  SnippetValue call(std::string_view name) {
    SnippetValue arguments = list(')');
    if (!std::holds_alternative<std::vector<SnippetValue>>(arguments.is)) {
      arguments = {std::vector<SnippetValue>{std::move(arguments)}};
    }
    const auto& all = std::get<std::vector<SnippetValue>>(arguments.is);
    if (!is_function(name)) throw SnippetError{fmt::format("there is no function '{}'", name), true};
    return skips_ > 0 ? SnippetValue{} : apply(name, all);
  }

  /// (a) is a; (a, b), (a,) and […] are lists.
  SnippetValue list(char close) {
    ++at_, ++brackets_;
    std::vector<SnippetValue> values;
    bool has_comma = close == ']';
    while (skip_blanks(false), peek() != close) {
      values.push_back(expression());
      if (!take(",")) break;
      has_comma = true;
    }
    skip_blanks(false);
    if (peek() != close) wrong(fmt::format("expected '{}'", close));
    ++at_, --brackets_;
    if (values.size() == 1 && !has_comma) return std::move(values[0]);
    return {std::move(values)};
  }

  SnippetValue text() {
    const char quote = code_[at_++];
    std::string out;
    while (at_ < code_.size() && peek() != quote) {
      if (peek() == '\\' && at_ + 1 < code_.size()) ++at_;
      out += code_[at_++];
    }
    if (at_ >= code_.size()) wrong("this text is not closed");
    ++at_;
    return {std::move(out)};
  }

  SnippetValue number() {
    std::size_t end = at_;
    while (end < code_.size() && (is_name(code_[end]) || code_[end] == '.')) ++end;
    const std::string digits(code_.substr(at_, end - at_));
    const std::optional<SnippetValue> value = to_number(digits);
    if (!value) wrong("this is no number");
    at_ = end;
    return *value;
  }

  std::string_view code_;
  SnippetNames& names_;
  SnippetResult result_;
  std::size_t at_ = 0;
  int skips_, depth_ = 0, brackets_ = 0;
  bool checks_;
};

}  // namespace

SnippetResult run_snippet(std::string_view code, SnippetNames& names) {
  return Snippet(code, names, false).run();
}

std::string check_snippet(std::string_view code, SnippetNames& assigned) {
  return Snippet(code, assigned, true).run().error;
}

}  // namespace stackscope::packetdrill
