#include "runner/scenario/lua_file.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>

namespace stackscope {

namespace {

constexpr std::string_view kSentence = "An argument of the Lua program.";

bool is_quantity(const std::string& text, Dimension dimension) {
  return !parse_quantity(text, dimension).complaint;
}

/// "server:80", of a machine that there is.
bool is_address(const std::string& text, const std::vector<std::string>& machines) {
  const std::size_t colon = text.find(':');
  return colon != std::string::npos && std::ranges::find(machines, text.substr(0, colon)) != machines.end();
}

/// What a text means; a number alone has no unit and is a text.
ParameterKind kind_of_text(const std::string& text, const std::vector<std::string>& machines) {
  if (is_quantity(text, Dimension::kDuration)) return ParameterKind::kDuration;
  if (is_quantity(text, Dimension::kSize)) return ParameterKind::kSize;
  return is_address(text, machines) ? ParameterKind::kAddress : ParameterKind::kText;
}

std::optional<ParameterKind> kind_of(const Value& value, const std::vector<std::string>& machines) {
  if (value.kind == Value::Kind::kFlag) return ParameterKind::kFlag;
  if (value.kind == Value::Kind::kInteger) return ParameterKind::kInteger;
  if (value.is_text()) return kind_of_text(value.text, machines);
  return {};
}

std::string_view name_of(ParameterKind kind) {
  switch (kind) {
    case ParameterKind::kFlag:
      return "a flag";
    case ParameterKind::kInteger:
      return "an integer";
    case ParameterKind::kDuration:
      return "a duration";
    case ParameterKind::kSize:
      return "a size";
    default:
      return "a text";
  }
}

std::string as_written(const Value& value) {
  if (value.kind == Value::Kind::kFlag) return value.flag ? "true" : "false";
  return value.is_text() ? value.text : std::to_string(value.integer);
}

LuaValue value_of(const Parameter& parameter, const Arguments& args, const Syscalls& os) {
  const Argument& argument = args.at(parameter.name);
  if (parameter.kind == ParameterKind::kFlag) return argument.number != 0;
  if (parameter.kind == ParameterKind::kText) return argument.text;
  if (parameter.kind != ParameterKind::kAddress) return argument.number;
  const Address address = args.address(parameter.name);
  return SocketAddress::ipv4(ntohl(os.address_of(address.host)), address.port).text();
}

}  // namespace

std::shared_ptr<LuaFile> make_lua_file(LuaSource source) {
  auto file = std::make_shared<LuaFile>();
  file->source = std::move(source);
  file->spec = {.name = file->source.name,
                .sentence = "A program in Lua.",
                .form = ProgramForm::kBlocking,
                .serves = false,
                .parameters = {}};
  return file;
}

LoadedLua load_lua(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  LoadedLua loaded;
  loaded.source.name = std::filesystem::path(path).filename().string();
  loaded.source.text.assign(std::istreambuf_iterator<char>(file), {});
  if (!file || file.bad()) loaded.error = std::strerror(errno);
  return loaded;
}

void declare_arguments(LuaFile& file, const std::vector<Entry>& args,
                       const std::vector<std::string>& machines, Diagnostics& diagnostics) {
  for (const Entry& entry : args) {
    const std::optional<ParameterKind> kind = kind_of(entry.value, machines);
    if (!kind) {
      diagnostics.add(entry.value.at, fmt::format("a Lua program takes no {}", entry.value.what()),
                      "integers, flags, texts, and durations and sizes with their units");
      continue;
    }
    Parameter parameter;
    parameter.name = file.texts.emplace_back(entry.key), parameter.kind = *kind;
    parameter.fallback = file.texts.emplace_back(as_written(entry.value));
    parameter.sentence = kSentence, parameter.min = INT64_MIN;
    file.parameters.push_back(parameter);
  }
  file.spec.parameters = file.parameters;
}

std::optional<Complaint> check_same_kind(std::string_view name, const Value& now, const Value& before) {
  const auto is = kind_of(now, {}), was = kind_of(before, {});
  if (!was || is == was) return {};
  return Complaint{fmt::format("'{}' is {} in the scenario itself, and here {}", name, name_of(*was),
                               is ? name_of(*is) : now.what()),
                   fmt::format("for example {}", as_written(before))};
}

LuaSource with_arguments(const LuaFile& file, const Arguments& args, const Syscalls& os) {
  LuaSource told = file.source;
  for (const Parameter& parameter : file.parameters) {
    told.args.emplace_back(parameter.name, value_of(parameter, args, os));
  }
  return told;
}

std::vector<std::string> marks_of(const LuaSource& source) {
  constexpr std::string_view kCall = "mark_begin";
  std::vector<std::string> marks;
  const std::string& text = source.text;
  for (std::size_t at = text.find(kCall); at != std::string::npos; at = text.find(kCall, at + 1)) {
    const std::size_t open = text.find_first_not_of(" (", at + kCall.size());
    if (open == std::string::npos || (text[open] != '"' && text[open] != '\'')) continue;
    const std::size_t close = text.find(text[open], open + 1);
    if (close == std::string::npos) continue;
    std::string name = text.substr(open + 1, close - open - 1);
    if (std::ranges::find(marks, name) == marks.end()) marks.push_back(std::move(name));
  }
  return marks;
}

}  // namespace stackscope
