#include "sim/script/evaluation.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

#include "sim/suggest.hpp"

namespace stackscope::script {
namespace {

constexpr std::size_t kMostObservations = 32;
constexpr std::size_t kLongestMessage = 200;
constexpr int kHookEvery = 1'000;

/// Lua: lua_Hook. Raw frame.
void count_instructions(lua_State* lua, lua_Debug*) {
  Budget& budget = Evaluation::of(lua).budget();
  budget.instructions -= lua_gethookcount(lua);
  if (!budget.is_spent()) return;
  lua_pushnil(lua);
  lua_error(lua);
}

/// Hands Lua the text a byte at a time, so that the number of bytes it took tells where it stopped.
struct ByteReader {
  std::string_view text;
  std::size_t taken = 0;

  static const char* next(lua_State*, void* self, std::size_t* size) {
    auto& reader = *static_cast<ByteReader*>(self);
    *size = reader.taken < reader.text.size() ? 1 : 0;
    return *size ? reader.text.data() + reader.taken++ : nullptr;
  }
};

constexpr std::string_view kChunkName = "=expression";
constexpr std::string_view kPrefix = "return ";

ScriptError limit_error(const Limits& limits, bool out_of_memory) {
  if (!out_of_memory) {
    return {Fault::kLimit, fmt::format("took more than {} instructions", limits.instructions), 0, 0};
  }
  return {Fault::kLimit,
          fmt::format("needs more memory than an expression may have ({} KiB in all, {} KiB a string)",
                      limits.memory_bytes >> 10, limits.string_bytes >> 10),
          0, 0};
}

/// "expression:3: attempt to …" is Lua's way of placing an error.
ScriptError from_lua(std::string_view text) {
  ScriptError error{Fault::kRuntime, std::string{text}, 0, 0};
  constexpr std::string_view kPlace = "expression:";
  if (!text.starts_with(kPlace)) return error;
  text.remove_prefix(kPlace.size());
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), error.line);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (status == std::errc{} && text.starts_with(": ")) error.message = text.substr(2);
  return error;
}

/// Lua names variables in its messages: (field 'maen'), (local 'r').
std::string_view quoted_name(std::string_view message) {
  const std::size_t open = message.find(" '");
  if (open == std::string_view::npos) return {};
  const std::size_t close = message.find('\'', open + 2);
  return close == std::string_view::npos ? std::string_view{} : message.substr(open + 2, close - open - 2);
}

}  // namespace

Evaluation::Evaluation(std::string_view source, const Limits& limits, const Resolver* resolve,
                       std::span<const std::string> known)
    : source_(source),
      tokens_(tokens_of(source)),
      budget_(limits),
      resolve_(resolve),
      known_(known),
      lua_(lua_newstate(allocate, &budget_)) {
  if (!lua_) throw std::bad_alloc{};
  *static_cast<Evaluation**>(lua_getextraspace(lua())) = this;
  open_builtins(lua());
  const auto every = std::clamp<std::int64_t>(limits.instructions / 10, 1, kHookEvery);
  lua_sethook(lua(), count_instructions, LUA_MASKCOUNT, static_cast<int>(every));
}

std::optional<ScriptError> Evaluation::compile() {
  if (source_.size() > budget_.limits.expression_bytes) {
    return ScriptError{
        Fault::kLimit,
        fmt::format("longer than an expression may be ({} bytes)", budget_.limits.expression_bytes), 0, 0};
  }
  if (std::optional<ScriptError> refused = refused_token()) return refused;
  const std::string chunk = std::string{kPrefix} + std::string{source_} + "\n";
  ByteReader reader{chunk};
  budget_.is_lifted = false;  // lua_load protects itself
  const int status = lua_load(lua(), ByteReader::next, &reader, kChunkName.data(), "t");
  budget_.is_lifted = true;
  if (status == LUA_OK) {
    lua_pushvalue(lua(), 1);  // the environment
    lua_setupvalue(lua(), -2, 1);
    return std::nullopt;
  }
  if (status == LUA_ERRMEM) return limit_error(budget_.limits, true);
  return syntax_error(reader.taken);
}

/// What Lua would accept and the sandbox does not.
std::optional<ScriptError> Evaluation::refused_token() const {
  for (const Token& token : tokens_) {
    const bool environment =
        token.kind == Token::Kind::kName && token.text == "_ENV";  // unknown names would be nil
    const bool varargs = token.kind == Token::Kind::kSymbol && token.text == "...";
    if (!environment && !varargs) continue;
    const Position place = position_at(source_, token.offset);
    return ScriptError{Fault::kName, fmt::format("no `{}` in an expression", token.text), place.line,
                       place.column};
  }
  return std::nullopt;
}

/// Lua has read one byte beyond the token that it complains about.
ScriptError Evaluation::syntax_error(std::size_t bytes_read) {
  ScriptError error = from_lua(lua_tostring(lua(), -1));
  error.fault = Fault::kSyntax;
  const std::size_t beyond = bytes_read > kPrefix.size() ? bytes_read - kPrefix.size() - 1 : 0;
  const auto at =
      std::find_if(tokens_.rbegin(), tokens_.rend(), [&](const Token& t) { return t.offset < beyond; });
  const bool at_end = error.message.ends_with("near <eof>");
  const std::size_t offset = at_end || at == tokens_.rend() ? source_.size() : at->offset;
  const Position place = position_at(source_, offset);
  error.line = place.line, error.column = place.column;
  if (error.message.size() > kLongestMessage)
    error.message.resize(kLongestMessage);  // a token may be the whole text
  if (error.message.starts_with("<eof> expected")) {
    error.message = fmt::format("the expression should have ended before `{}`", at->text);
    if (at->text == "=") error.message = "`=` assigns; to compare, write `==`";
  }
  return error;
}

Evaluated Evaluation::run() {
  const int floor = lua_gettop(lua()) - 1;
  if (protected_call(0, LUA_MULTRET) != LUA_OK) return {placed(take_failure()), std::move(seen_)};
  const int results = lua_gettop(lua()) - floor;
  if (results != 1) {
    return {ScriptError{Fault::kRuntime, fmt::format("has {} values, must have one", results), 0, 0},
            std::move(seen_)};
  }
  try {
    Value value = value_at(lua(), -1);
    return {std::move(value), std::move(seen_)};
  } catch (const ScriptFailure& failure) {
    return {failure.error, std::move(seen_)};
  }
}

int Evaluation::protected_call(int arguments, int results) {
  budget_.is_lifted = false;
  const int status = lua_pcall(lua(), arguments, results, 0);
  budget_.is_lifted = true;
  if (status == LUA_ERRMEM) failure_ = limit_error(budget_.limits, true);
  return status;
}

ScriptError Evaluation::take_failure() {
  ScriptError error;
  if (budget_.is_spent()) {
    error = limit_error(budget_.limits, false);
  } else if (failure_) {
    error = *failure_;
  } else {
    const char* text = lua_tostring(lua(), -1);
    error = from_lua(text ? text : "an error without a message");
    if (error.message.find("stack overflow") != std::string::npos) {
      error.message = "recursion is too deep";  // Lua's own message holds a traceback's worth of detail
      error.fault = Fault::kLimit;
    }
  }
  failure_.reset();
  lua_pop(lua(), 1);
  return error;
}

/// Fills in the column of what a message is about.
ScriptError Evaluation::placed(ScriptError error) const {
  if (error.column != 0) return error;
  const std::string_view wanted = quoted_name(error.message);
  for (const Token& token : tokens_) {
    if (wanted.empty() || token.text != wanted) continue;
    const Position place = position_at(source_, token.offset);
    if (error.line != 0 && place.line != error.line) continue;
    error.line = place.line, error.column = place.column;
    break;
  }
  return error;
}

void Evaluation::observe(std::string name, Value value) {
  const auto same = [&](const Observation& o) { return o.name == name; };
  if (seen_.size() >= kMostObservations || std::any_of(seen_.begin(), seen_.end(), same)) return;
  seen_.push_back({std::move(name), std::move(value)});
}

Value Evaluation::resolve(std::string_view name) const {
  std::optional<Value> value;
  if (resolve_ && *resolve_) value = (*resolve_)(name);
  if (!value) throw ScriptFailure(unknown_name(name));
  return *std::move(value);
}

ScriptError Evaluation::unknown_name(std::string_view name) const {
  std::vector<std::string> candidates{known_.begin(), known_.end()};
  const std::span<const std::string> builtins = Sandbox::builtin_names();
  candidates.insert(candidates.end(), builtins.begin(), builtins.end());
  const std::string meant = suggestion(name, candidates);
  ScriptError error{Fault::kName, fmt::format("no `{}` here", name), 0, 0};
  if (!meant.empty()) error.message += fmt::format("; did you mean `{}`?", meant);
  for (const NameUse& use : names_in(tokens_).names) {
    if (use.chain.front().text != name) continue;
    const Position place = position_at(source_, use.chain.front().offset);
    error.line = place.line, error.column = place.column;
    break;
  }
  return error;
}

ScriptError Evaluation::placed_at_field(std::string_view key, ScriptError error) const {
  for (std::size_t i = 1; i < tokens_.size(); ++i) {
    const bool by_dot = tokens_[i].text == key && tokens_[i - 1].text == ".";
    const bool by_bracket = tokens_[i - 1].text == "[" && tokens_[i].text.find(key) != std::string_view::npos;
    if (!by_dot && !by_bracket) continue;
    const Position place = position_at(source_, tokens_[i].offset);
    error.line = place.line, error.column = place.column;
    break;
  }
  return error;
}

}  // namespace stackscope::script
