#include "sim/script/sandbox.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "sim/script/evaluation.hpp"
#include "sim/suggest.hpp"

namespace stackscope::script {
namespace {

/// Names as a tree: whether a path exists, and what lies directly under it.
class KnownPaths {
 public:
  explicit KnownPaths(std::span<const std::string> known) : known_(known) {}

  bool has(std::string_view path) const {
    return std::find(known_.begin(), known_.end(), path) != known_.end() || is_table(path);
  }
  bool is_table(std::string_view path) const {
    return std::any_of(known_.begin(), known_.end(), [&](const std::string& k) { return is_under(k, path); });
  }
  /// The parts that may follow `path`; the first parts of all for "".
  std::vector<std::string> children(std::string_view path) const {
    std::vector<std::string> parts;
    for (const std::string& name : known_) {
      if (!path.empty() && !is_under(name, path)) continue;
      const std::size_t begin = path.empty() ? 0 : path.size() + 1;
      const std::string part = name.substr(begin, name.find('.', begin) - begin);
      if (std::find(parts.begin(), parts.end(), part) == parts.end()) parts.push_back(part);
    }
    return parts;
  }

 private:
  static bool is_under(std::string_view name, std::string_view path) {
    return name.size() > path.size() && name.starts_with(path) && name[path.size()] == '.';
  }
  std::span<const std::string> known_;
};

std::optional<ScriptError> wrong_use(std::string_view source, const NameUse& use, const KnownPaths& known) {
  const auto error_at = [&](const Token& token, std::string message) {
    const Position place = position_at(source, token.offset);
    return ScriptError{Fault::kName, std::move(message), place.line, place.column};
  };
  for (std::size_t parts = 1; parts <= use.chain.size(); ++parts) {
    const std::string parent = use.path(parts - 1);
    if (parts > 1 && !known.is_table(parent)) return std::nullopt;  // what it holds is not known beforehand
    if (known.has(use.path(parts))) continue;
    const Token& token = use.chain[parts - 1];
    const std::string meant = suggestion(token.text, known.children(parent));
    std::string message = fmt::format("no `{}` {}", token.text, parts == 1 ? "here" : "in " + parent);
    if (!meant.empty()) message += fmt::format("; did you mean `{}`?", meant);
    return error_at(token, std::move(message));
  }
  if (!use.is_compared || !known.is_table(use.path(use.chain.size()))) return std::nullopt;
  return error_at(
      use.chain.front(),
      fmt::format("`{}` holds several values; compare one of them: {}", use.path(use.chain.size()),
                  fmt::join(known.children(use.path(use.chain.size())), ", ")));
}

}  // namespace

Evaluated Sandbox::evaluate(std::string_view expression, const Resolver& resolve,
                            std::span<const std::string> known) const {
  Evaluation evaluation{expression, limits_, &resolve, known};
  if (std::optional<ScriptError> error = evaluation.compile()) return {*std::move(error), {}};
  return evaluation.run();
}

std::vector<ScriptError> Sandbox::check(std::string_view expression,
                                        std::span<const std::string> known) const {
  Evaluation evaluation{expression, limits_, nullptr, known};
  if (std::optional<ScriptError> error = evaluation.compile()) return {*std::move(error)};
  if (evaluation.tokens().empty()) return {{Fault::kSyntax, "the expression is empty", 1, 1}};
  std::vector<std::string> all{known.begin(), known.end()};
  const std::span<const std::string> builtins = builtin_names();
  all.insert(all.end(), builtins.begin(), builtins.end());
  std::vector<ScriptError> errors;
  for (const NameUse& use : names_in(evaluation.tokens()).names) {
    if (std::optional<ScriptError> error = wrong_use(expression, use, KnownPaths{all})) {
      errors.push_back(*std::move(error));
    }
  }
  return errors;
}

std::span<const std::string> Sandbox::builtin_names() {
  static const std::vector<std::string> names{"ipairs",
                                              "select",
                                              "tonumber",
                                              "between",
                                              "min",
                                              "max",
                                              "sum",
                                              "tostring",
                                              "type",
                                              "p50",
                                              "p90",
                                              "p99",
                                              "ns",
                                              "us",
                                              "ms",
                                              "s",
                                              "KiB",
                                              "MiB",
                                              "abs",
                                              "math.abs",
                                              "math.ceil",
                                              "math.floor",
                                              "math.fmod",
                                              "math.huge",
                                              "math.max",
                                              "math.min",
                                              "math.maxinteger",
                                              "math.mininteger",
                                              "math.modf",
                                              "math.pi",
                                              "math.sqrt",
                                              "math.tointeger",
                                              "math.type",
                                              "math.ult",
                                              "string.byte",
                                              "string.char",
                                              "string.format",
                                              "string.len",
                                              "string.lower",
                                              "string.rep",
                                              "string.reverse",
                                              "string.sub",
                                              "string.upper"};
  return names;
}

}  // namespace stackscope::script
