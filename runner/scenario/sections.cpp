#include "runner/scenario/sections.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "sim/suggest.hpp"

namespace stackscope::sections {
namespace {

namespace p = parameter;

constexpr auto kHeader = std::to_array<Parameter>({
    p::integer("version", "", 1, 1, "1", "The version of this file format.").needed(),
    p::text("title", "", "What the scenario shows, in one line.").needed(),
    p::text("lesson", "", "What one learns from it."),
    p::text("real", "loopback",
            "How the real kernel runs it: \"loopback\", \"veth\" (needs root) or \"no: reason\"."),
});

constexpr auto kLimits = std::to_array<Parameter>({
    p::integer("seed", "", 0, INT64_MAX, "1", "The seed of all randomness."),
    p::duration("until", Duration::ns(1), Duration::s(1'000'000), "never",
                "Simulated time at which the run ends if its programs have not.")
        .with_word("never", INT64_MAX),
    p::integer("max_events", "events", 1, INT64_MAX, "100000000", "Events after which the run is given up."),
});

constexpr auto kRun = std::to_array<Parameter>({
    p::text("name", "", "The run's name: changes address it as run.NAME.").needed(),
    p::text("program", "", "A program of the catalogue, or a Lua file beside the scenario: \"server.lua\".")
        .needed(),
    p::text("on", "", "The host or peer it runs on.").needed(),
    p::integer("threads", "threads", 1, 4096, "1",
               "How many threads run the program, each from its beginning."),
    p::text("policy", "other",
            "Scheduling policy: \"other\", \"other:NICE\" or \"fifo:PRIORITY\"; no effect on a peer."),
    p::duration("start", Duration{}, Duration::s(1'000'000), "0ns",
                "When the threads begin, from the simulation's start."),
    p::flag("serves", "false",
            "The run is not waited for; programs of the catalogue that serve are known to."),
});

constexpr auto kExpectation = std::to_array<Parameter>({
    p::text("variant", "baseline", "The variant that it holds for."),
    p::text("that", "", "A Lua expression over metrics and counters that must be true.").needed(),
});

constexpr auto kReference = std::to_array<Parameter>({
    p::text("variant", "baseline", "The variant that it speaks of."),
    p::text("metric", "", "The metric beside which it is printed.").needed(),
    p::text("value", "", "What is said, as text: \"3 to 8\".").needed(),
    p::text("source", "", "Who says so: \"measured\", \"published\", a citation.").needed(),
});

constexpr auto kStep = std::to_array<Parameter>({
    p::text("at", "", "A Lua expression for the moment: first('sched:sched_waking').").needed(),
    p::text("ask", "", "A question to the class."),
    p::text("say", "", "What is said there; after the question's answer.").needed(),
});

constexpr auto kTables = std::to_array<std::string_view>(
    {"columns", "symptoms", "host", "peer", "link", "run", "variant", "reference", "expect", "step"});

}  // namespace

std::span<const Parameter> header_parameters() { return kHeader; }
std::span<const Parameter> limit_parameters() { return kLimits; }
std::span<const Parameter> run_parameters() { return kRun; }
std::span<const Parameter> expectation_parameters() { return kExpectation; }
std::span<const Parameter> reference_parameters() { return kReference; }
std::span<const Parameter> step_parameters() { return kStep; }
std::span<const std::string_view> table_names() { return kTables; }

std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& known) {
  const std::string near = suggestion(wrong, known);
  if (!near.empty()) return fmt::format("did you mean '{}'?", near);
  if (known.empty()) return "";
  return fmt::format("known: {}", fmt::join(known, ", "));
}

Arguments read_arguments(const Section& section, const std::vector<Entry>& entries, const Span& missing_at,
                         Diagnostics& diagnostics) {
  Arguments arguments(section.parameters);
  std::vector<std::string> known;
  for (const Parameter& parameter : section.parameters) known.emplace_back(parameter.name);
  known.insert(known.end(), section.more.begin(), section.more.end());
  std::vector<std::string>
      written;  // a misspelt key counts as the one that was meant: one mistake, one error
  for (const Entry& entry : entries) {
    written.push_back(entry.key);
    const Parameter* parameter = find_parameter(section.parameters, entry.key);
    if (!parameter) {
      if (std::find(section.more.begin(), section.more.end(), entry.key) != section.more.end()) continue;
      written.push_back(suggestion(entry.key, known));
      diagnostics.add(entry.key_at, fmt::format("{} has no '{}'", section.noun, entry.key),
                      did_you_mean(entry.key, known));
      continue;
    }
    ParsedArgument parsed = parse_argument(*parameter, entry.value.written());
    if (parsed.complaint) {
      diagnostics.add(entry.value.at, parsed.complaint->message, parsed.complaint->help);
    } else {
      arguments.set(entry.key, std::move(parsed.argument));
    }
  }
  for (const Parameter& parameter : section.parameters) {
    if (!parameter.required || std::find(written.begin(), written.end(), parameter.name) != written.end())
      continue;
    diagnostics.add(missing_at, fmt::format("{} needs '{}'", section.noun, parameter.name),
                    std::string(parameter.sentence));
  }
  return arguments;
}

std::vector<NamedTable> named_tables(const Value& document, std::string_view section,
                                     Diagnostics& diagnostics) {
  std::vector<NamedTable> tables;
  const Entry* entry = document.find(section);
  if (!entry) return tables;
  if (!entry->value.is_table()) {
    diagnostics.add(entry->value.at, fmt::format("'{}' wants tables, not {}", section, entry->value.what()),
                    fmt::format("write [{}.NAME]", section));
    return tables;
  }
  for (const Entry& named : entry->value.entries) {
    if (!named.value.is_table()) {
      diagnostics.add(named.key_at, fmt::format("'{}.{}' is not a table", section, named.key),
                      fmt::format("write [{}.NAME]", section));
    } else if (named.key.empty() || named.key.find('.') != std::string::npos) {
      diagnostics.add(named.key_at, fmt::format("'{}' is not a name", named.key), "names have no dots");
    } else {
      tables.push_back({named.key, named.key_at, &named.value});
    }
  }
  return tables;
}

std::vector<const Value*> listed_tables(const Value& document, std::string_view section,
                                        Diagnostics& diagnostics) {
  std::vector<const Value*> tables;
  const Entry* entry = document.find(section);
  if (!entry) return tables;
  const bool is_list = entry->value.kind == Value::Kind::kArray;
  if (!is_list) {
    diagnostics.add(entry->key_at,
                    fmt::format("'{}' wants a list of tables, not {}", section, entry->value.what()),
                    fmt::format("write [[{}]]", section));
    return tables;
  }
  for (const Value& item : entry->value.items) {
    if (item.is_table()) {
      tables.push_back(&item);
    } else {
      diagnostics.add(item.at, fmt::format("'{}' wants tables, not {}", section, item.what()),
                      fmt::format("write [[{}]]", section));
    }
  }
  return tables;
}

std::vector<LocatedText> read_texts(const Value& table, std::string_view key, Diagnostics& diagnostics) {
  std::vector<LocatedText> texts;
  const Entry* entry = table.find(key);
  if (!entry) return texts;
  if (entry->value.kind != Value::Kind::kArray) {
    diagnostics.add(entry->value.at,
                    fmt::format("'{}' wants a list of strings, not {}", key, entry->value.what()),
                    fmt::format("for example {} = [\"one\", \"two\"]", key));
    return texts;
  }
  for (const Value& item : entry->value.items) {
    if (item.is_text()) {
      texts.push_back({item.text, item.at});
    } else {
      diagnostics.add(item.at, fmt::format("'{}' wants strings, not {}", key, item.what()));
    }
  }
  return texts;
}

std::vector<std::string> machine_names(const ResolvedScenario& scenario) {
  std::vector<std::string> names;
  for (const HostSpec& host : scenario.hosts) names.push_back(host.name);
  for (const PeerSpec& peer : scenario.peers) names.push_back(peer.name);
  return names;
}

}  // namespace stackscope::sections
