// Which names of an expression are free: a scan over its tokens that keeps the scopes.

#include <algorithm>
#include <utility>

#include "sim/script/lexer.hpp"

namespace stackscope::script {
namespace {

class Scan {
 public:
  explicit Scan(const std::vector<Token>& tokens) : tokens_(tokens) {}

  NamesInUse run() {
    for (at_ = 0; at_ < tokens_.size(); ++at_) {
      if (here().kind == Token::Kind::kKeyword) {
        keyword();
      } else if (here().kind == Token::Kind::kName) {
        name();
      } else {
        bracket();
      }
    }
    return std::move(found_);
  }

 private:
  const Token& here() const { return tokens_[at_]; }
  bool is(std::size_t index, std::string_view text) const {
    return index < tokens_.size() && tokens_[index].text == text;
  }
  bool is_name(std::size_t index) const {
    return index < tokens_.size() && tokens_[index].kind == Token::Kind::kName;
  }
  bool is_string(std::size_t index) const {
    return index < tokens_.size() && tokens_[index].kind == Token::Kind::kString;
  }

  void bracket() {
    const std::string_view text = here().text;
    if (text == "(" || text == "{" || text == "[") brackets_.push_back(text.front());
    if ((text == ")" || text == "}" || text == "]") && !brackets_.empty()) brackets_.pop_back();
  }

  void keyword() {
    const std::string_view word = here().text;
    if (word == "function") return open_function();
    if (word == "local") return declare_locals();
    if (word == "for") return collect_loop_names();
    if (word == "goto" && is_name(at_ + 1)) ++at_;
    if (word == "do") scopes_.push_back(std::exchange(loop_names_, {}));
    if (word == "then" || word == "repeat") scopes_.emplace_back();
    if (word == "else") scopes_.back().clear();
    if (word == "end" || word == "elseif") close_scope();
    if (word == "until") close_keeping_names();
  }

  void close_scope() {
    if (scopes_.size() > 1) scopes_.pop_back();
  }

  /// The condition after `until` still sees the loop's locals.
  void close_keeping_names() {
    const std::vector<std::string_view> inner = scopes_.back();
    close_scope();
    scopes_.back().insert(scopes_.back().end(), inner.begin(), inner.end());
  }

  void open_function() {
    std::vector<std::string_view> parameters;
    while (at_ + 1 < tokens_.size() && !is(at_ + 1, "(")) ++at_;  // a name, in a statement
    ++at_;
    for (; at_ < tokens_.size() && here().text != ")"; ++at_) {
      if (is_name(at_)) parameters.push_back(here().text);
    }
    scopes_.push_back(std::move(parameters));
  }

  void declare_locals() {
    if (is(at_ + 1, "function")) {
      if (is_name(at_ + 2)) scopes_.back().push_back(tokens_[at_ + 2].text);
      return;
    }
    while (is_name(at_ + 1)) {
      scopes_.back().push_back(tokens_[++at_].text);
      if (is(at_ + 1, "<")) at_ += 3;  // an attribute: <const>
      if (is(at_ + 1, ",")) ++at_;
    }
  }

  void collect_loop_names() {
    for (; is_name(at_ + 1) || is(at_ + 1, ","); ++at_) {
      if (is_name(at_ + 1)) loop_names_.push_back(tokens_[at_ + 1].text);
    }
  }

  bool is_local(std::string_view wanted) const {
    return std::any_of(scopes_.begin(), scopes_.end(), [&](const auto& names) {
      return std::find(names.begin(), names.end(), wanted) != names.end();
    });
  }

  bool is_key() const {
    const bool in_constructor = !brackets_.empty() && brackets_.back() == '{' && at_ > 0;
    const bool first = in_constructor && (is(at_ - 1, "{") || is(at_ - 1, ",") || is(at_ - 1, ";"));
    return first && is(at_ + 1, "=");
  }

  void name() {
    const std::size_t begin = at_;
    if (begin > 0 && (is(begin - 1, ".") || is(begin - 1, ":") || is(begin - 1, "::"))) return;
    if (is_local(here().text) || is_key()) return;
    NameUse use{{here()}, false};
    while (is(at_ + 1, ".") && is_name(at_ + 2)) use.chain.push_back(tokens_[at_ += 2]);
    const auto equality = [&](std::size_t index) { return is(index, "==") || is(index, "~="); };
    const bool whole = !is(at_ + 1, "(") && !is(at_ + 1, "[") && !is(at_ + 1, ":") && !is(begin - 1, "#");
    use.is_compared = whole && (equality(at_ + 1) || equality(begin - 1));
    if (use.chain.size() == 1) collect_literals(use.chain.front().text);
    found_.names.push_back(std::move(use));
  }

  void collect_literals(std::string_view function) {
    if (is_string(at_ + 1)) return add_literal(function, tokens_[at_ + 1]);
    if (!is(at_ + 1, "(")) return;
    int depth = 0;   // brackets of every kind
    int blocks = 0;  // what stands inside a function's body is not an argument
    for (std::size_t i = at_ + 1; i < tokens_.size(); ++i) {
      const std::string_view text = tokens_[i].text;
      if (text == "(" || text == "{" || text == "[") ++depth;
      if (text == ")" || text == "}" || text == "]") --depth;
      if (text == "function" || text == "do" || text == "if" || text == "repeat") ++blocks;
      if (text == "end" || text == "until") --blocks;
      if (depth == 0) return;
      if (depth == 1 && blocks == 0 && is_string(i) && is_whole_argument(i)) {
        add_literal(function, tokens_[i]);
      }
    }
  }

  /// Not part of a larger expression: f('a' .. x) names nothing that could be known before it runs.
  bool is_whole_argument(std::size_t index) const {
    return (is(index - 1, "(") || is(index - 1, ",")) && (is(index + 1, ")") || is(index + 1, ","));
  }

  void add_literal(std::string_view function, const Token& token) {
    const std::string_view text = token.text;
    const bool plain = text.size() >= 2 && text.front() != '[' && text.front() == text.back() &&
                       text.find('\\') == std::string_view::npos;
    if (plain) found_.literals.push_back({function, text.substr(1, text.size() - 2), token.offset});
  }

  const std::vector<Token>& tokens_;
  std::size_t at_ = 0;
  std::vector<std::vector<std::string_view>> scopes_{{}};
  std::vector<std::string_view> loop_names_;
  std::vector<char> brackets_;
  NamesInUse found_;
};

}  // namespace

std::string NameUse::path(std::size_t parts) const {
  std::string path;
  for (std::size_t i = 0; i < parts && i < chain.size(); ++i) {
    if (i > 0) path += '.';
    path += chain[i].text;
  }
  return path;
}

NamesInUse names_in(const std::vector<Token>& tokens) { return Scan{tokens}.run(); }

}  // namespace stackscope::script
