#include <nlohmann/json.hpp>

#include "kernel_model/vocabulary/host_parameters.hpp"
#include "runner/scenario/sections.hpp"

namespace stackscope {
namespace {

using Json = nlohmann::ordered_json;
using Kind = ParameterKind;

/// A default is text in our tables and has a type in JSON.
Json default_of(const Parameter& p) {
  if (p.kind == Kind::kFlag) return p.fallback == "true";
  if (p.kind == Kind::kInteger && p.fallback != p.word) return default_argument(p).number;
  return std::string(p.fallback);
}

Json integer_schema(const Parameter& p) {
  Json schema{{"type", "integer"}};
  if (!p.choices.empty()) {
    Json allowed = Json::array();
    for (const std::string& choice : choices_of(p)) allowed.push_back(*parse_integer(choice));
    schema["enum"] = std::move(allowed);
  } else {
    schema["minimum"] = p.min;
    if (p.max != INT64_MAX) schema["maximum"] = p.max;
  }
  return schema;
}

Json quantity_schema(std::string_view units) {
  return {{"type", "string"}, {"pattern", "^[0-9]+(\\.[0-9]+)? *(" + std::string(units) + ")$"}};
}

Json type_of(const Parameter& p) {
  switch (p.kind) {
    case Kind::kInteger:
      return integer_schema(p);
    case Kind::kFlag:
      return {{"type", "boolean"}};
    case Kind::kChoice:
      return {{"type", "string"}, {"enum", choices_of(p)}};
    case Kind::kText:
      return {{"type", "string"}};
    case Kind::kDuration:
      return quantity_schema("ns|us|µs|ms|s|min|h");
    case Kind::kSize:
      return quantity_schema("B|kB|KB|MB|GB|KiB|MiB|GiB");
    case Kind::kRate:
      return quantity_schema("bit/s|kbit/s|Kbit/s|Mbit/s|Gbit/s");
    case Kind::kAddress:
      return {{"type", "string"}, {"pattern", "^.+:[0-9]+$"}};
    case Kind::kIntegers:
      break;
  }
  const Json one{{"type", "integer"}, {"minimum", p.min}, {"maximum", p.max}};
  const Json list{{"type", "array"}, {"items", one}, {"minItems", p.count}, {"maxItems", p.count}};
  return {{"anyOf", Json::array({Json{{"type", "string"}, {"pattern", "^[0-9]+([ \\t]+[0-9]+)*$"}}, list})}};
}

Json property(const Parameter& p) {
  Json schema = type_of(p);
  if (!p.word.empty()) {
    schema = Json{{"anyOf", Json::array({std::move(schema), Json{{"const", std::string(p.word)}}})}};
  }
  std::string sentence(p.sentence);
  if (const std::string range = describe_range(p); !range.empty()) sentence += " (" + range + ")";
  schema["description"] = std::move(sentence);
  if (!p.required) schema["default"] = default_of(p);
  return schema;
}

/// A table with these keys and no others.
Json table(std::span<const Parameter> parameters) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const Parameter& parameter : parameters) {
    properties[std::string(parameter.name)] = property(parameter);
    if (parameter.required) required.push_back(std::string(parameter.name));
  }
  Json schema{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

/// Sysctl names have dots, so they may also be written as tables within tables: those are the reader's to
/// check.
Json sysctl_table(std::span<const Parameter> parameters) {
  Json schema = table(parameters);
  schema["properties"]["net"] = Json{{"type", "object"}};
  return schema;
}

Json named(Json schema) { return {{"type", "object"}, {"additionalProperties", std::move(schema)}}; }
Json list_of(Json schema) { return {{"type", "array"}, {"items", std::move(schema)}}; }
Json strings() { return list_of({{"type", "string"}}); }

Json host_schema() {
  Json schema = table(host_parameters());
  schema["properties"]["nic"] = table(nic_parameters());
  schema["properties"]["sysctl"] = sysctl_table(sysctl_parameters());
  return schema;
}

Json peer_schema() {
  Json schema = table(peer_parameters());
  schema["properties"]["sysctl"] = sysctl_table(peer_sysctl_parameters());
  return schema;
}

Json link_schema() {
  Json schema = table(link_parameters());
  Json between = strings();
  between["minItems"] = 2, between["maxItems"] = 2, between["uniqueItems"] = true;
  schema["properties"]["between"] = std::move(between);
  schema["required"] = Json::array({"between"});
  return schema;
}

/// Which arguments are allowed depends on the program.
Json run_schema() {
  Json schema = table(sections::run_parameters());
  Json names = Json::array();
  Json cases = Json::array();
  for (const ProgramSpec& program : programs()) {
    const std::string name(program.name);
    names.push_back(name);
    Json args = table(program.parameters);
    args["description"] = std::string(program.sentence);
    Json then{{"properties", {{"args", std::move(args)}}}};
    for (const Parameter& parameter : program.parameters) {
      if (parameter.required) then["required"] = Json::array({"args"});
    }
    cases.push_back({{"if", {{"properties", {{"program", {{"const", name}}}}}}}, {"then", std::move(then)}});
  }
  schema["properties"]["program"]["anyOf"] =
      Json::array({Json{{"enum", std::move(names)}}, Json{{"pattern", "\\.lua$"}}});
  schema["properties"]["affinity"] = list_of({{"type", "integer"}, {"minimum", 0}});
  schema["properties"]["affinity"]["minItems"] = 1;
  schema["properties"]["args"] = Json{{"type", "object"}};
  schema["allOf"] = std::move(cases);
  return schema;
}

Json step_schema() {
  Json schema = table(sections::step_parameters());
  schema["properties"]["choices"] = strings();
  return schema;
}

}  // namespace

std::string scenario_json_schema() {
  Json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "stackscope scenario"}};
  std::vector<Parameter> top(sections::header_parameters().begin(), sections::header_parameters().end());
  top.insert(top.end(), sections::limit_parameters().begin(), sections::limit_parameters().end());
  schema.update(table(top));
  Json& properties = schema["properties"];
  properties["columns"] = strings();
  properties["columns"]["description"] = "Metrics and counters that the result table shows.";
  properties["symptoms"] = strings();
  properties["symptoms"]["description"] =
      "Words and phrases that a person with the problem would search for: stackscope list --symptom TEXT.";
  properties["host"] = named(host_schema());
  properties["peer"] = named(peer_schema());
  properties["link"] = named(link_schema());
  properties["run"] = list_of(run_schema());
  properties["run"]["minItems"] = 1;
  properties["variant"] = named({{"type", "object"}, {"properties", {{"title", {{"type", "string"}}}}}});
  properties["reference"] = list_of(table(sections::reference_parameters()));
  properties["expect"] = list_of(table(sections::expectation_parameters()));
  properties["step"] = list_of(step_schema());
  schema["required"].push_back("run");
  return schema.dump(2) + "\n";
}

}  // namespace stackscope
