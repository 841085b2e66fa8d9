#include "runner/record_query.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "sim/suggest.hpp"

namespace stackscope {
namespace {

using script::Call;
using script::Fault;
using script::Function;
using script::ScriptFailure;
using script::ScriptFunction;
using script::Table;
using script::Value;
using Kind = RecordQuery::Kind;
using Record = RecordQuery::Record;

Kind kind_named(const RecordQuery& query, const std::string& name) {
  if (const std::optional<Kind> kind = query.kind(name)) return *kind;
  const std::string meant = suggestion(name, query.names());
  throw ScriptFailure(fmt::format("no record is called '{}'{}", name,
                                  meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant)),
                      Fault::kName);
}

[[noreturn]] void fail_absent(const std::string& name) {
  throw ScriptFailure(fmt::format("no such record occurred: '{}'", name), Fault::kAbsent);
}

/// A record as the `r` of an expression's function.
Value record_table(const RecordQuery& query, const std::string& name, const Record& record) {
  Table table{name, {{"at", record.at().count()}}, {}, false};
  const std::vector<std::string> fields = query.fields(record.kind());
  for (std::size_t i = 0; i < fields.size(); ++i) table.fields.insert_or_assign(fields[i], record.field(i));
  return table;
}

bool is_true(Call& call, const ScriptFunction& function, const Value& record) {
  const Value answer = call.invoke(function, record);
  if (const bool* flag = answer.get_if<bool>()) return *flag;
  throw ScriptFailure(
      fmt::format("the function must say true or false, not a {}", script::type_name(answer)));
}

/// `{field = value}`: positions in the record, and what must stand there.
std::vector<std::pair<std::size_t, Value>> wanted_fields(const RecordQuery& query, Kind kind, Call& call) {
  std::vector<std::pair<std::size_t, Value>> wanted;
  if (call.arguments.size() < 2) return wanted;
  const std::vector<std::string> fields = query.fields(kind);
  for (const auto& [name, value] : call.table(1).fields) {
    const auto at = std::find(fields.begin(), fields.end(), name);
    if (at == fields.end()) {
      throw ScriptFailure(
          fmt::format("no `{}` in {}, which has {}", name, call.text(0), fmt::join(fields, ", ")),
          Fault::kName);
    }
    wanted.emplace_back(static_cast<std::size_t>(at - fields.begin()), value);
  }
  return wanted;
}

bool is_same(const Value& a, const Value& b) {
  const auto* whole = a.get_if<std::int64_t>();
  const auto* real = b.get_if<double>();
  if (whole && real) return static_cast<double>(*whole) == *real;
  if (const auto* text = a.get_if<std::string>())
    return b.get_if<std::string>() && *text == *b.get_if<std::string>();
  if (const auto* flag = a.get_if<bool>()) return b.get_if<bool>() && *flag == *b.get_if<bool>();
  return whole && b.get_if<std::int64_t>() && *whole == *b.get_if<std::int64_t>();
}

bool matches(const Record& record, const std::vector<std::pair<std::size_t, Value>>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](const auto& want) { return is_same(record.field(want.first), want.second); });
}

/// Calls `visit` with each record of the kind that the call names, as far as it has the fields that it asks for.
void for_each_wanted(const RecordQuery& query, Call& call, const RecordQuery::Visit& visit) {
  const Kind kind = kind_named(query, call.text(0));
  const auto wanted = wanted_fields(query, kind, call);
  query.for_each(std::array{kind}, [&](const Record& record) {
    call.spend(1 + static_cast<std::int64_t>(wanted.size()));
    return !matches(record, wanted) || visit(record);
  });
}

/// "count('tcp:rtt', {…})"
std::string text_of(std::string_view function, Call& call) {
  return fmt::format("{}('{}'{})", function, call.text(0), call.arguments.size() < 2 ? "" : ", {…}");
}

Value moment_of(const RecordQuery& query, Call& call, bool is_first) {
  std::optional<Instant> found;
  for_each_wanted(query, call, [&](const Record& record) {
    found = record.at();
    return !is_first;
  });
  if (!found) fail_absent(call.text(0));
  call.observe(text_of(is_first ? "first" : "last", call), found->count());
  return found->count();
}
Value first_of(const RecordQuery& query, Call& call) { return moment_of(query, call, true); }
Value last_of(const RecordQuery& query, Call& call) { return moment_of(query, call, false); }

Value count_of(const RecordQuery& query, Call& call) {
  std::int64_t count = 0;
  for_each_wanted(query, call, [&](const Record&) {
    ++count;
    return true;
  });
  call.observe(text_of("count", call), count);
  return count;
}

struct Search {
  std::string name;
  std::int64_t looked_at = 0;
  std::optional<Instant> found;
};

/// The first record for which the function says `answer`; without a function, the first record at all.
Search search(const RecordQuery& query, Call& call, bool answer) {
  const auto* function = call.arguments.empty() ? nullptr : call.arguments[0].get_if<ScriptFunction>();
  Search search{call.text(function ? 1 : 0), 0, {}};
  query.for_each(std::array{kind_named(query, search.name)}, [&](const Record& record) {
    call.spend(1);
    ++search.looked_at;
    if (function && is_true(call, *function, record_table(query, search.name, record)) != answer) return true;
    search.found = record.at();
    return false;
  });
  return search;
}

void observe_search(Call& call, const Search& search, std::string_view what) {
  if (search.found) {
    call.observe(fmt::format("the first '{}' {}", search.name, what), search.found->count());
  } else {
    call.observe(fmt::format("the number of '{}' looked at", search.name), search.looked_at);
  }
}

Value sometimes(const RecordQuery& query, Call& call) {
  const Search result = search(query, call, true);
  observe_search(call, result, "for which it holds");
  return result.found.has_value();
}

Value never(const RecordQuery& query, Call& call) {
  const Search result = search(query, call, true);
  observe_search(call, result, "against it");
  return !result.found.has_value();
}

Value always(const RecordQuery& query, Call& call) {
  if (call.arguments.empty() || !call.arguments[0].get_if<ScriptFunction>()) {
    throw ScriptFailure("always needs a function: always(function(r) return … end, 'name')");
  }
  const Search result = search(query, call, false);
  if (result.looked_at == 0) fail_absent(result.name);
  observe_search(call, result, "against it");
  return !result.found.has_value();
}

Value sequence(const RecordQuery& query, Call& call) {
  std::vector<Kind> kinds;
  for (std::size_t i = 0; i < call.arguments.size(); ++i) kinds.push_back(kind_named(query, call.text(i)));
  if (kinds.size() < 2) throw ScriptFailure("sequence needs two names or more");
  std::size_t seen = 0;
  query.for_each(kinds, [&](const Record& record) {
    call.spend(1);
    seen += record.kind() == kinds[seen];
    return seen < kinds.size();
  });
  if (seen < kinds.size()) {
    call.observe(fmt::format("the sequence's first missing record, '{}', at position", call.text(seen)),
                 seen + 1);
  }
  return seen == kinds.size();
}

struct Named {
  std::string_view name;
  Value (*function)(const RecordQuery&, Call&);
};
constexpr std::array<Named, 7> kFunctions{{{"first", first_of},
                                           {"last", last_of},
                                           {"count", count_of},
                                           {"sometimes", sometimes},
                                           {"never", never},
                                           {"always", always},
                                           {"sequence", sequence}}};

}  // namespace

std::optional<Value> record_function(const RecordQuery& query, std::string_view name) {
  for (const Named& named : kFunctions) {
    if (named.name != name) continue;
    return Value(Function{[&query, named](Call& call) { return named.function(query, call); }});
  }
  return std::nullopt;
}

std::span<const std::string> record_function_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const Named& named : kFunctions) list.emplace_back(named.name);
    return list;
  }();
  return names;
}

}  // namespace stackscope
