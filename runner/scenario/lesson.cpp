#include <algorithm>
#include <fmt/core.h>

#include "runner/scenario/sections.hpp"

namespace stackscope::sections {
namespace {

constexpr std::string_view kStepKeys[] = {"choices"};

Span at(const Value& table, std::string_view key) {
  const Entry* entry = table.find(key);
  return entry ? entry->value.at : table.at;
}

std::string text_or_empty(const Arguments& arguments, std::string_view key) {
  return arguments.has(key) ? std::string(arguments.text(key)) : std::string();
}

bool is_blank(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == ' '; });
}

/// The file's own keys: the header, the limits, and the names of all tables.
void read_header(const Value& document, Scenario& scenario, Diagnostics& diagnostics) {
  std::vector<Entry> own;
  std::vector<Parameter> known(header_parameters().begin(), header_parameters().end());
  known.insert(known.end(), limit_parameters().begin(), limit_parameters().end());
  const Span top{document.at.source, 1, 1, 1};
  const Arguments header =
      read_arguments({"a scenario", known, table_names()}, document.entries, top, diagnostics);
  scenario.title = text_or_empty(header, "title");
  scenario.lesson = text_or_empty(header, "lesson");
  scenario.real = header.text("real");
  if (scenario.real != "loopback" && scenario.real != "veth" && !scenario.real.starts_with("no: ")) {
    diagnostics.add(at(document, "real"), fmt::format("'real' cannot be '{}'", scenario.real),
                    "\"loopback\", \"veth\" or \"no: reason\"");
  }
  scenario.columns = read_texts(document, "columns", diagnostics);
  for (LocatedText& symptom : read_texts(document, "symptoms", diagnostics)) {
    if (is_blank(symptom.text)) diagnostics.add(symptom.at, "a symptom is empty");
    scenario.symptoms.push_back(std::move(symptom.text));
  }
}

std::vector<Variant> read_variants(const Value& document, Diagnostics& diagnostics) {
  std::vector<Variant> variants;
  for (const NamedTable& table : named_tables(document, "variant", diagnostics)) {
    if (table.name == kBaseline) {
      diagnostics.add(table.at, "'baseline' is the scenario without any variant", "choose another name");
      continue;
    }
    Variant variant{table.name, "", overrides_of(*table.table)};
    const auto title = std::find_if(variant.overrides.begin(), variant.overrides.end(),
                                    [](const Override& change) { return change.path == "title"; });
    if (title != variant.overrides.end()) {
      if (!title->value.is_text()) {
        diagnostics.add(title->value.at, fmt::format("'title' wants a string, not {}", title->value.what()));
      }
      variant.title = title->value.text;
      variant.overrides.erase(title);
    }
    variants.push_back(std::move(variant));
  }
  return variants;
}

class LessonReader {
 public:
  LessonReader(const Value& document, Diagnostics& diagnostics)
      : document_(document), diagnostics_(diagnostics) {
    variants_.emplace_back(kBaseline);
    if (const Entry* variants = document.find("variant")) {
      for (const Entry& entry : variants->value.entries) variants_.push_back(entry.key);
    }
  }

  std::vector<ExpectSpec> expectations() {
    std::vector<ExpectSpec> list;
    for (const Value* table : listed_tables(document_, "expect", diagnostics_)) {
      const Arguments own = read("an expectation", expectation_parameters(), *table);
      list.push_back({known_variant(*table, own), located(*table, own, "that")});
    }
    return list;
  }

  std::vector<Reference> references() {
    std::vector<Reference> list;
    for (const Value* table : listed_tables(document_, "reference", diagnostics_)) {
      const Arguments own = read("a reference", reference_parameters(), *table);
      list.push_back({known_variant(*table, own), text_or_empty(own, "metric"), text_or_empty(own, "value"),
                      text_or_empty(own, "source"), at(*table, "metric")});
    }
    return list;
  }

  std::vector<LessonStep> steps() {
    std::vector<LessonStep> list;
    for (const Value* table : listed_tables(document_, "step", diagnostics_)) {
      const Arguments own = read("a step", step_parameters(), *table, kStepKeys);
      LessonStep step{located(*table, own, "at"), text_or_empty(own, "ask"), {}, text_or_empty(own, "say")};
      for (LocatedText& choice : read_texts(*table, "choices", diagnostics_))
        step.choices.push_back(choice.text);
      if (!step.choices.empty() && step.ask.empty()) {
        diagnostics_.add(at(*table, "choices"), "'choices' without a question", "add ask = \"…?\"");
      }
      list.push_back(std::move(step));
    }
    return list;
  }

 private:
  Arguments read(std::string_view noun, std::span<const Parameter> parameters, const Value& table,
                 std::span<const std::string_view> more = {}) {
    return read_arguments({noun, parameters, more}, table.entries, table.at, diagnostics_);
  }

  /// An expression that says nothing would always hold.
  LocatedText located(const Value& table, const Arguments& own, std::string_view key) {
    LocatedText text{text_or_empty(own, key), at(table, key)};
    if (own.has(key) && is_blank(text.text)) diagnostics_.add(text.at, fmt::format("'{}' is empty", key));
    return text;
  }

  std::string known_variant(const Value& table, const Arguments& own) {
    const std::string name(own.text("variant"));
    if (std::find(variants_.begin(), variants_.end(), name) == variants_.end()) {
      diagnostics_.add(at(table, "variant"), fmt::format("there is no variant '{}'", name),
                       did_you_mean(name, variants_));
    }
    return name;
  }

  const Value& document_;
  Diagnostics& diagnostics_;
  std::vector<std::string> variants_;
};

}  // namespace

Scenario read_lesson(const Value& document, Diagnostics& diagnostics) {
  Scenario scenario;
  read_header(document, scenario, diagnostics);
  scenario.variants = read_variants(document, diagnostics);
  LessonReader reader(document, diagnostics);
  scenario.expectations = reader.expectations();
  scenario.references = reader.references();
  scenario.steps = reader.steps();
  scenario.document = document;
  return scenario;
}

}  // namespace stackscope::sections
