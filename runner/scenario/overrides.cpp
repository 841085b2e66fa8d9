#include <algorithm>
#include <fmt/core.h>

#include "runner/scenario/sections.hpp"

namespace stackscope::sections {
namespace {

/// A path that is being followed: what is left of it, and what was taken last.
class Path {
 public:
  explicit Path(std::string_view whole) : rest_(whole) {}
  bool empty() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }
  std::string next() {
    const std::size_t dot = rest_.find('.');
    const std::string part(rest_.substr(0, dot));
    rest_ = dot == std::string_view::npos ? std::string_view() : rest_.substr(dot + 1);
    return part;
  }

 private:
  std::string_view rest_;
};

/// The run of that name, or null; the names that there are go to `known`.
Value* find_run(Value& document, std::string_view name, std::vector<std::string>& known) {
  Entry* runs = document.find("run");
  if (!runs) return nullptr;
  for (Value& run : runs->value.items) {
    const Entry* own = run.find("name");
    if (!own || !own->value.is_text()) continue;
    if (own->value.text == name) return &run;
    known.push_back(own->value.text);
  }
  return nullptr;
}

Value* find_machine(Value& document, std::string_view section, std::string_view name,
                    std::vector<std::string>& known) {
  Entry* tables = document.find(section);
  if (!tables) return nullptr;
  for (Entry& entry : tables->value.entries) {
    if (entry.key == name && entry.value.is_table()) return &entry.value;
    known.push_back(entry.key);
  }
  return nullptr;
}

void put(Value& table, std::string key, const Override& change) {
  const Span at = change.path_at.last(key);
  table.put({std::move(key), at, change.value});
}

/// The table of that name within `table`, made if need be. A value that is no table gives way: the reader has
/// complained about it already.
Value& inner_table(Value& table, const std::string& key, const Override& change) {
  Entry* entry = table.find(key);
  if (!entry || !entry->value.is_table()) {
    Value fresh;
    fresh.at = change.path_at;
    table.put({key, change.path_at, std::move(fresh)});
    entry = table.find(key);
  }
  return entry->value;
}

/// A sysctl may stand there as "net.core.somaxconn" or as tables within tables: one form, so that one name is
/// one key.
void put_sysctl(Value& sysctl, std::string key, const Override& change) {
  sysctl.entries = flattened(sysctl);
  put(sysctl, std::move(key), change);
}

class Applier {
 public:
  Applier(Value& document, Diagnostics& diagnostics) : document_(document), diagnostics_(diagnostics) {}

  void apply(const Override& change) {
    Path path(change.path);
    const std::string first = path.next();
    if (path.empty() && find_parameter(limit_parameters(), first)) return put(document_, first, change);
    const bool is_section = first == "host" || first == "peer" || first == "link" || first == "run";
    if (!is_section) return refuse_first(change, first);
    const std::string name = path.next();
    if (path.empty())
      return refuse(change, fmt::format("'{}' does not say what to change", change.path), example());
    std::vector<std::string> known;
    Value* table =
        first == "run" ? find_run(document_, name, known) : find_machine(document_, first, name, known);
    if (!table) {
      diagnostics_.add(change.path_at.last(name), fmt::format("there is no {} '{}'", first, name),
                       did_you_mean(name, known));
      return;
    }
    change_table(*table, first, path, change);
  }

 private:
  void change_table(Value& table, const std::string& section, Path path, const Override& change) {
    const std::string key = path.next();
    if (path.empty()) {
      if (section == "run" && key == "name")
        return refuse(change, "a run keeps its name", "its name is its address");
      if (section == "run" && key == "program") drop_foreign_args(table, change);
      return put(table, key, change);
    }
    const bool nests = (section == "run" && key == "args") || (section == "host" && key == "nic") ||
                       ((section == "host" || section == "peer") && key == "sysctl");
    if (!nests) return refuse(change, fmt::format("'{}' of a {} has no parts", key, section), example());
    if (key == "args" && !check_lua_argument(table, std::string(path.rest()), change)) return;
    if (key == "sysctl") return put_sysctl(inner_table(table, key, change), std::string(path.rest()), change);
    put(inner_table(table, key, change), std::string(path.rest()), change);
  }

  /// What a Lua program can be told is what the scenario itself tells it.
  bool check_lua_argument(const Value& run, const std::string& name, const Override& change) {
    const Entry* const program = run.find("program");
    if (!program || !program->value.is_text() || !is_lua_name(program->value.text)) return true;
    const Entry* const args = run.find("args");
    const Entry* const before = args ? args->value.find(name) : nullptr;
    if (!before) {
      std::vector<std::string> known;
      if (args) {
        for (const Entry& entry : args->value.entries) known.push_back(entry.key);
      }
      diagnostics_.add(change.path_at.last(name),
                       fmt::format("the scenario itself tells '{}' no '{}'", program->value.text, name),
                       did_you_mean(name, known));
      return false;
    }
    const auto complaint = check_same_kind(name, change.value, before->value);
    if (complaint) diagnostics_.add(change.value.at, complaint->message, complaint->help);
    return !complaint;
  }

  /// Another program: what the former was told means nothing to it, unless it has a parameter of that name.
  void drop_foreign_args(Value& run, const Override& change) {
    const ProgramSpec* program = change.value.is_text() ? find_program(change.value.text) : nullptr;
    Entry* args = run.find("args");
    if (!program || !args) return;
    std::erase_if(args->value.entries,
                  [&](const Entry& entry) { return !find_parameter(program->parameters, entry.key); });
  }

  static std::string example() { return "for example \"run.workers.args.port\" or \"host.server.cpus\""; }

  void refuse(const Override& change, std::string message, std::string help) {
    diagnostics_.add(change.path_at, std::move(message), std::move(help));
  }

  void refuse_first(const Override& change, const std::string& first) {
    std::vector<std::string> known = {"run", "host", "peer", "link"};
    for (const Parameter& parameter : limit_parameters()) known.emplace_back(parameter.name);
    Span token = change.path_at.last(change.path);
    if (token.text() == change.path)
      token.length = static_cast<std::uint32_t>(std::max<std::size_t>(first.size(), 1));
    diagnostics_.add(token, fmt::format("nothing that can be changed is called '{}'", first),
                     did_you_mean(first, known));
  }

  Value& document_;
  Diagnostics& diagnostics_;
};

bool changes_program(const Override& change) {
  return change.path.starts_with("run.") && change.path.ends_with(".program");
}

}  // namespace

std::vector<Override> overrides_of(const Value& table) {
  std::vector<Override> changes;
  for (Entry& entry : flattened(table)) {
    changes.push_back({std::move(entry.key), std::move(entry.key_at), std::move(entry.value)});
  }
  return changes;
}

void apply(Value& document, std::span<const Override> layer, Diagnostics& diagnostics) {
  // Programs first, wherever they stand: a new program decides which arguments of the old one remain.
  Applier applier(document, diagnostics);
  for (const Override& change : layer) {
    if (changes_program(change)) applier.apply(change);
  }
  for (const Override& change : layer) {
    if (!changes_program(change)) applier.apply(change);
  }
}

}  // namespace stackscope::sections
