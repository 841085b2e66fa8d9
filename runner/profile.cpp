#include "runner/profile.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "runner/built_in_profiles.hpp"
#include "runner/scenario/value.hpp"
#include "sim/suggest.hpp"

namespace stackscope {

namespace {

/// Reads one document.
class ProfileReader {
 public:
  ProfileReader(const Value& document, Diagnostics& errors) : document_(document), errors_(errors) {}

  Profile read() {
    Profile profile;
    if (const Entry* const machine = document_.find("machine")) profile.machine = machine->value.text;
    Costs().describe([&](std::string_view section, auto& costs) {
      const Entry* const table = document_.find(section);
      known_sections_.emplace_back(section);
      if (table == nullptr) return errors_.add(document_.at, "no section [" + std::string(section) + "]");
      std::vector<std::string> known;
      costs.describe([&](std::string_view name, const auto& cost, std::string_view) {
        known.emplace_back(name);
        read_cost(table->value, section, name, cost, profile.costs.emplace_back());
      });
      refuse_unknown(table->value, known);
    });
    known_sections_.insert(known_sections_.end(), {"version", "machine"});
    refuse_unknown(document_, known_sections_);
    return profile;
  }

 private:
  void read_cost(const Value& section, std::string_view section_name, std::string_view name, const auto& kind,
                 ProfileCost& cost) {
    cost.name = std::string(section_name) + "." + std::string(name);
    const Entry* const entry = section.find(name);
    if (entry == nullptr || !entry->value.is_table()) return errors_.add(section.at, "no cost " + cost.name);
    const Value& table = entry->value;
    if (!has_text(table, "source") || !has_text(table, "kind")) {
      return errors_.add(entry->key_at, "a cost needs its `source` and its `kind`");
    }
    cost.source = table.find("source")->value.text, cost.kind = table.find("kind")->value.text;
    take(table, entry->key_at, kind, cost);
  }

  void take(const Value& table, const Span& at, const Cost&, ProfileCost& cost) {
    cost.typical = duration(table, at, "typical").value_or(Duration{});
    if (table.find("cold") != nullptr) cost.cold = duration(table, at, "cold").value_or(Duration{});
    take_quantiles(table, "quartiles", "five quartiles: min, q1, median, q3, p99", Quantiles::kFive.size(),
                   cost);
    take_quantiles(table, "percentiles", "seven percentiles: min, p5, q1, median, q3, p95, p99",
                   Quantiles::kSeven.size(), cost);
  }

  void take_quantiles(const Value& table, std::string_view key, std::string_view what, std::size_t n,
                      ProfileCost& cost) {
    const Entry* const entry = table.find(key);
    if (entry == nullptr) return;
    if (cost.quantiles) return errors_.add(entry->key_at, "either quartiles or percentiles");
    const auto& items = entry->value.items;
    if (items.size() != n) return errors_.add(entry->key_at, std::string(what));
    std::vector<Duration> values;
    for (const auto& item : items) {
      const auto read = quantity(item);
      if (!read) return errors_.add(item.at, "not a duration");
      if (!values.empty() && *read < values.back())
        return errors_.add(item.at, fmt::format("{} must not decrease", key));
      values.push_back(*read);
    }
    cost.quantiles = Quantiles(values);
  }

  void take(const Value& table, const Span& at, const CostPerByte&, ProfileCost& cost) {
    const Entry* const entry = table.find("picoseconds_per_byte");
    if (entry == nullptr || entry->value.kind != Value::Kind::kInteger || entry->value.integer < 0) {
      return errors_.add(at, "needs `picoseconds_per_byte`");
    }
    cost.picoseconds_per_byte = entry->value.integer;
  }

  static bool has_text(const Value& table, std::string_view key) {
    const Entry* const entry = table.find(key);
    return entry != nullptr && entry->value.is_text() && !entry->value.text.empty();
  }

  static std::optional<Duration> quantity(const Value& value) {
    constexpr Parameter kAny = parameter::duration("cost", Duration{}, Duration::s(1), "0ns", "");
    const ParsedArgument parsed = parse_argument(kAny, value.written());
    if (parsed.complaint) return std::nullopt;
    return Duration::ns(parsed.argument.number);
  }

  std::optional<Duration> duration(const Value& table, const Span& at, std::string_view key) {
    const Entry* const entry = table.find(key);
    if (entry == nullptr) return errors_.add(at, "needs `" + std::string(key) + "`"), std::nullopt;
    const auto read = quantity(entry->value);
    if (!read) errors_.add(entry->value.at, "not a duration between 0 and 1s");
    return read;
  }

  void refuse_unknown(const Value& table, const std::vector<std::string>& known) {
    for (const Entry& entry : table.entries) {
      if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
      const std::string near = suggestion(entry.key, known);
      errors_.add(entry.key_at, "unknown cost '" + entry.key + "'",
                  near.empty() ? "" : "did you mean '" + near + "'?");
    }
  }

  const Value& document_;
  Diagnostics& errors_;
  std::vector<std::string> known_sections_;
};

bool is_file(std::string_view name) { return name.ends_with(".toml"); }

/// None, with an error, where there is no such profile.
std::optional<std::string> text_of_profile(std::string_view name, Diagnostics& errors) {
  for (const BuiltInProfile& profile : built_in_profiles()) {
    if (profile.name == name) return std::string(profile.text);
  }
  const Span at{std::make_shared<const Source>(Source{"profile", std::string(name), 0})};
  if (is_file(name)) {
    std::ifstream file{std::string(name), std::ios::binary};
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (file.good() || file.eof()) return text;
    return errors.add(at, "this file cannot be read"), std::nullopt;
  }
  const std::string near = suggestion(name, profile_names());
  errors.add(
      at, "no profile of this name",
      near.empty() ? "a profile of your own is a file that ends in .toml" : "did you mean '" + near + "'?");
  return std::nullopt;
}

}  // namespace

std::vector<std::string> profile_names() {
  std::vector<std::string> names;
  for (const BuiltInProfile& profile : built_in_profiles()) names.emplace_back(profile.name);
  return names;
}

std::optional<Profile> read_profile(std::string_view name, std::vector<Diagnostic>& errors) {
  Diagnostics found;
  std::optional<Profile> profile;
  if (auto text = text_of_profile(name, found)) {
    const std::string file = std::string(name) + (is_file(name) ? "" : ".toml");
    const auto source = std::make_shared<const Source>(Source{file, *std::move(text), 0});
    if (const auto document = parse_toml(source, found)) profile = ProfileReader{*document, found}.read();
  }
  errors = found.take();
  return errors.empty() ? std::move(profile) : std::nullopt;
}

HostCosts::HostCosts(const Profile& profile, bool jitter, std::uint64_t seed, std::string_view host) {
  std::uint16_t number = 0;
  const auto fill = [&](Cost& cost, const ProfileCost& from) {
    cost = Cost{from.typical};
    cost.set_cold(from.cold, number);
    if (!jitter || !from.quantiles) return;
    streams_.push_back(std::make_unique<RandomStream>(seed, "cost " + std::string(host) + "/" + from.name));
    cost.set_jitter(*from.quantiles, streams_.back().get());
  };
  const auto fill_per_byte = [](CostPerByte& cost, const ProfileCost& from) {
    cost.picoseconds = from.picoseconds_per_byte.value_or(0);
  };
  costs.describe([&](std::string_view, auto& section) {
    section.describe([&](std::string_view, auto& cost, std::string_view) {
      const ProfileCost& from = profile.costs[number];
      if constexpr (std::is_same_v<decltype(cost), Cost&>) {
        fill(cost, from);
      } else {
        fill_per_byte(cost, from);
      }
      ++number;
    });
  });
}

// --- writing ---------------------------------------------------------------------------------------------------------

std::string profile_text(const Profile& profile, std::string_view preface) {
  const auto in_ns = [](Duration time) { return fmt::format("\"{}ns\"", time.count()); };
  const auto quoted = [](const std::string& text) {
    return nlohmann::json(text).dump();
  };  // TOML's escapes are JSON's
  std::string out;
  for (std::size_t at = 0; at < preface.size();) {
    const std::size_t end = std::min(preface.find('\n', at), preface.size());
    out += fmt::format("# {}\n", preface.substr(at, end - at));
    at = end + 1;
  }
  out += fmt::format("\nversion = 1\nmachine = {}\n", quoted(profile.machine));
  for (const ProfileCost& cost : profile.costs) {
    out += fmt::format("\n[{}]\n", cost.name);
    if (cost.picoseconds_per_byte) {
      out += fmt::format("picoseconds_per_byte = {}\n", *cost.picoseconds_per_byte);
    } else {
      out += fmt::format("typical = {}\n", in_ns(cost.typical));
    }
    if (cost.quantiles) {
      std::vector<std::string> values;
      for (const Duration value : cost.quantiles->values()) values.push_back(in_ns(value));
      const bool is_five = values.size() == Quantiles::kFive.size();
      out += fmt::format("{} = [{}]\n", is_five ? "quartiles" : "percentiles", fmt::join(values, ", "));
    }
    if (cost.cold) out += fmt::format("cold = {}\n", in_ns(cost.cold));
    out += fmt::format("kind = {}\nsource = {}\n", quoted(cost.kind), quoted(cost.source));
  }
  return out;
}

}  // namespace stackscope
