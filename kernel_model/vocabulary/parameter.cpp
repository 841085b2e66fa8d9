#include "kernel_model/vocabulary/parameter.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "sim/suggest.hpp"

namespace stackscope {
namespace {

using Kind = ParameterKind;

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    if (end != 0 && !text.empty()) parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

Dimension dimension_of(Kind kind) {
  return kind == Kind::kDuration ? Dimension::kDuration
         : kind == Kind::kSize   ? Dimension::kSize
                                 : Dimension::kRate;
}

bool is_quantity(Kind kind) { return kind == Kind::kDuration || kind == Kind::kSize || kind == Kind::kRate; }

std::string print_number(const Parameter& p, std::int64_t number) {
  return is_quantity(p.kind) ? print_quantity(number, dimension_of(p.kind)) : fmt::format("{}", number);
}

std::string_view what_is(const Written& written) {
  struct Name {
    std::string_view other;
    std::string_view operator()(std::monostate) const { return other; }
    std::string_view operator()(bool) const { return "true or false"; }
    std::string_view operator()(std::int64_t) const { return "an integer"; }
    std::string_view operator()(const std::string&) const { return "a string"; }
    std::string_view operator()(const std::vector<std::int64_t>&) const { return "a list of integers"; }
  };
  return std::visit(Name{written.what}, written.value);
}

std::string wanted(const Parameter& p) {
  switch (p.kind) {
    case Kind::kInteger:
      return "an integer";
    case Kind::kIntegers:
      return fmt::format("{} integers in a string", p.count);
    case Kind::kFlag:
      return "true or false";
    case Kind::kDuration:
      return "a duration in quotes";
    case Kind::kSize:
      return "a size in quotes";
    case Kind::kRate:
      return "a rate in quotes";
    case Kind::kAddress:
      return "an address in quotes";
    case Kind::kChoice:
    case Kind::kText:
      break;
  }
  return "a string";
}

std::string example(const Parameter& p) {
  switch (p.kind) {
    case Kind::kFlag:
      return "write true or false";
    case Kind::kAddress:
      return "write \"host:port\", for example \"server:80\"";
    case Kind::kChoice:
      return fmt::format("one of {}", fmt::join(choices_of(p), ", "));
    case Kind::kDuration:
      return "write \"50us\", \"1.5ms\" or \"10s\"";
    case Kind::kSize:
      return "write \"16B\", \"64KiB\" or \"1MB\"";
    case Kind::kRate:
      return "write \"100Mbit/s\" or \"2.5Gbit/s\"";
    default:
      return p.fallback.empty() ? std::string() : fmt::format("for example {}", p.fallback);
  }
}

ParsedArgument failed(std::string message, std::string help) {
  return {{}, Complaint{std::move(message), std::move(help)}};
}

ParsedArgument wrong_type(const Parameter& p, const Written& written) {
  return failed(fmt::format("'{}' wants {}, not {}", p.name, wanted(p), what_is(written)), example(p));
}

std::optional<Complaint> out_of_range(const Parameter& p, std::int64_t number) {
  if (p.kind == Kind::kInteger && !p.choices.empty()) {
    const std::vector<std::string> allowed = choices_of(p);
    if (std::find(allowed.begin(), allowed.end(), fmt::format("{}", number)) != allowed.end())
      return std::nullopt;
    return Complaint{fmt::format("'{}' cannot be {}", p.name, number),
                     fmt::format("one of {}", fmt::join(allowed, ", "))};
  }
  if (number >= p.min && number <= p.max) return std::nullopt;
  return Complaint{fmt::format("'{}' = {} is out of range", p.name, print_number(p, number)),
                   describe_range(p)};
}

ParsedArgument number_argument(const Parameter& p, std::int64_t number) {
  if (auto complaint = out_of_range(p, number)) return {{}, std::move(complaint)};
  return {Argument{p.kind, number, {}, {}, false}, std::nullopt};
}

ParsedArgument parse_choice(const Parameter& p, const std::string& text) {
  const std::vector<std::string> allowed = choices_of(p);
  if (std::find(allowed.begin(), allowed.end(), text) != allowed.end())
    return {{p.kind, 0, text, {}, false}, {}};
  const std::string near = suggestion(text, allowed);
  return failed(fmt::format("'{}' cannot be '{}'", p.name, text),
                near.empty() ? example(p) : fmt::format("did you mean '{}'?", near));
}

ParsedArgument parse_address(const Parameter& p, const std::string& text) {
  const std::size_t colon = text.rfind(':');
  const std::optional<std::int64_t> port =
      colon == std::string::npos ? std::nullopt : parse_integer(std::string_view(text).substr(colon + 1));
  if (!port || colon == 0) return failed(fmt::format("'{}' is not an address", text), example(p));
  if (*port < 1 || *port > 65535) return failed(fmt::format("port {} is out of range", *port), "1 to 65535");
  return {{p.kind, *port, text.substr(0, colon), {}, false}, {}};
}

ParsedArgument integers_argument(const Parameter& p, std::vector<std::int64_t> numbers) {
  if (numbers.size() != p.count) {
    return failed(fmt::format("'{}' wants {} numbers, not {}", p.name, p.count, numbers.size()), example(p));
  }
  for (const std::int64_t n : numbers) {
    if (auto complaint = out_of_range(p, n)) return {{}, std::move(complaint)};
  }
  if (!std::is_sorted(numbers.begin(), numbers.end())) {
    return failed(fmt::format("the numbers of '{}' must not descend", p.name), example(p));
  }
  return {{p.kind, 0, {}, std::move(numbers), false}, {}};
}

ParsedArgument parse_integers(const Parameter& p, const std::string& text) {
  std::vector<std::int64_t> numbers;
  std::string spaced = text;
  std::replace(spaced.begin(), spaced.end(), '\t', ' ');
  for (const std::string& part : split(spaced, ' ')) {
    const auto number = parse_integer(part);
    if (!number) return failed(fmt::format("'{}' is not an integer", part), example(p));
    numbers.push_back(*number);
  }
  return integers_argument(p, std::move(numbers));
}

ParsedArgument parse_text(const Parameter& p, const std::string& text) {
  switch (p.kind) {
    case Kind::kChoice:
      return parse_choice(p, text);
    case Kind::kText:
      return {{p.kind, 0, text, {}, false}, {}};
    case Kind::kAddress:
      return parse_address(p, text);
    case Kind::kIntegers:
      return parse_integers(p, text);
    case Kind::kDuration:
    case Kind::kSize:
    case Kind::kRate: {
      ParsedQuantity parsed = parse_quantity(text, dimension_of(p.kind));
      if (parsed.complaint) return {{}, std::move(parsed.complaint)};
      return number_argument(p, parsed.value);
    }
    case Kind::kInteger:
    case Kind::kFlag:
      break;
  }
  return wrong_type(p, {text, "a string"});
}

/// The default of a table is written as text, whatever its kind.
Written as_written(const Parameter& p) {
  if (p.kind == Kind::kFlag) return {p.fallback == "true", ""};
  if (p.kind == Kind::kInteger && p.fallback != p.word) {
    const auto number = parse_integer(p.fallback);
    assert(number);
    return {*number, ""};
  }
  return {std::string(p.fallback), ""};
}

}  // namespace

std::vector<std::string> choices_of(const Parameter& parameter) { return split(parameter.choices, '|'); }

const Parameter* find_parameter(std::span<const Parameter> parameters, std::string_view name) {
  const auto found =
      std::find_if(parameters.begin(), parameters.end(), [&](const auto& p) { return p.name == name; });
  return found == parameters.end() ? nullptr : &*found;
}

ParsedArgument parse_argument(const Parameter& p, const Written& written) {
  if (const auto* text = std::get_if<std::string>(&written.value)) {
    if (!p.word.empty() && *text == p.word) return {{p.kind, p.word_value, {}, {}, true}, {}};
    return parse_text(p, *text);
  }
  if (const auto* number = std::get_if<std::int64_t>(&written.value)) {
    if (p.kind == Kind::kInteger) return number_argument(p, *number);
    if (is_quantity(p.kind)) return failed(fmt::format("'{}' = {} has no unit", p.name, *number), example(p));
  }
  if (const auto* flag = std::get_if<bool>(&written.value)) {
    if (p.kind == Kind::kFlag) return {{p.kind, *flag, {}, {}, false}, {}};
  }
  if (const auto* numbers = std::get_if<std::vector<std::int64_t>>(&written.value)) {
    if (p.kind == Kind::kIntegers) return integers_argument(p, *numbers);
  }
  return wrong_type(p, written);
}

Argument default_argument(const Parameter& parameter) {
  assert(!parameter.required);
  ParsedArgument parsed = parse_argument(parameter, as_written(parameter));
  assert(!parsed.complaint && "a table's default must be valid");
  return std::move(parsed.argument);
}

std::string print_argument(const Parameter& parameter, const Argument& argument) {
  if (argument.is_word) return std::string(parameter.word);
  switch (parameter.kind) {
    case Kind::kFlag:
      return argument.number ? "true" : "false";
    case Kind::kChoice:
    case Kind::kText:
      return argument.text;
    case Kind::kAddress:
      return fmt::format("{}:{}", argument.text, argument.number);
    case Kind::kIntegers:
      return fmt::format("{}", fmt::join(argument.numbers, " "));
    default:
      return print_number(parameter, argument.number);
  }
}

std::string describe_range(const Parameter& p) {
  std::string range;
  if (!p.choices.empty()) {
    range = fmt::format("one of {}", fmt::join(choices_of(p), ", "));
  } else if (p.kind == Kind::kFlag) {
    range = "true or false";
  } else if (p.kind == Kind::kInteger || p.kind == Kind::kIntegers || is_quantity(p.kind)) {
    range = p.max == INT64_MAX ? fmt::format("at least {}", print_number(p, p.min))
                               : fmt::format("{} to {}", print_number(p, p.min), print_number(p, p.max));
    if (!p.unit.empty()) range += fmt::format(" {}", p.unit);
    if (!p.word.empty()) range += fmt::format(", or \"{}\"", p.word);
  }
  if (p.required || p.fallback.empty()) return range;
  return range + fmt::format("{}default {}", range.empty() ? "" : "; ", p.fallback);
}

Arguments::Arguments(std::span<const Parameter> parameters) {
  for (const Parameter& parameter : parameters) {
    if (!parameter.required) set(parameter.name, default_argument(parameter));
  }
}

void Arguments::set(std::string_view name, Argument argument) {
  values_.insert_or_assign(std::string(name), std::move(argument));
}

const Argument& Arguments::at(std::string_view name) const {
  const auto found = values_.find(name);
  assert(found != values_.end() && "no such parameter");
  return found->second;
}

const Argument& Arguments::get(std::string_view name, ParameterKind kind) const {
  const Argument& argument = at(name);
  assert(argument.kind == kind && "the parameter is of another kind");
  (void)kind;
  return argument;
}

std::string_view Arguments::text(std::string_view name) const {
  const Argument& argument = at(name);
  assert(argument.kind == Kind::kChoice || argument.kind == Kind::kText);
  return argument.text;
}

Address Arguments::address(std::string_view name) const {
  const Argument& argument = get(name, Kind::kAddress);
  return {argument.text, static_cast<std::uint16_t>(argument.number)};
}

}  // namespace stackscope
