#include "runner/profile.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "runner/built_in_profiles.hpp"
#include "runner/scenario/value.hpp"
#include "sim/suggest.hpp"

namespace stackscope {

/// Fills the costs of one host from one document.
class ProfileReader {
 public:
  ProfileReader(const Value& document, HostCosts& into, Diagnostics& errors)
      : document_(document), into_(into), errors_(errors) {}

  void read(bool jitter, std::uint64_t seed, std::string_view host) {
    into_.costs.describe([&](std::string_view section, auto& costs) {
      const Entry* const table = document_.find(section);
      known_sections_.emplace_back(section);
      if (table == nullptr) return errors_.add(document_.at, "no section [" + std::string(section) + "]");
      std::vector<std::string> known;
      costs.describe([&](std::string_view name, auto& cost, std::string_view) {
        known.emplace_back(name);
        read_cost(table->value, section, name, cost);
        if (jitter)
          add_jitter(cost, seed, std::string(host) + "/" + std::string(section) + "." + std::string(name));
      });
      refuse_unknown(table->value, known);
    });
    known_sections_.insert(known_sections_.end(), {"version", "machine"});
    refuse_unknown(document_, known_sections_);
  }

 private:
  void read_cost(const Value& section, std::string_view section_name, std::string_view name, auto& cost) {
    quartiles_.reset();
    const Entry* const entry = section.find(name);
    if (entry == nullptr || !entry->value.is_table()) {
      return errors_.add(section.at, "no cost " + std::string(section_name) + "." + std::string(name));
    }
    const Value& table = entry->value;
    if (!has_text(table, "source") || !has_text(table, "kind")) {
      errors_.add(entry->key_at, "a cost needs its `source` and its `kind`");
    }
    take(table, entry->key_at, cost);
  }

  void take(const Value& table, const Span& at, Cost& cost) {
    const auto typical = duration(table, at, "typical");
    if (typical) cost = Cost{*typical};
    const Entry* const quartiles = table.find("quartiles");
    if (quartiles == nullptr) return;
    std::array<Duration, 5> values;
    const auto& items = quartiles->value.items;
    if (items.size() != values.size())
      return errors_.add(quartiles->key_at, "five quartiles: min, q1, median, q3, p99");
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto read = quantity(items[i]);
      if (!read) return errors_.add(items[i].at, "not a duration");
      values[i] = *read;
      if (i > 0 && values[i] < values[i - 1]) return errors_.add(items[i].at, "quartiles must not decrease");
    }
    quartiles_ = values;
  }

  void take(const Value& table, const Span& at, CostPerByte& cost) {
    const Entry* const entry = table.find("picoseconds_per_byte");
    if (entry == nullptr || entry->value.kind != Value::Kind::kInteger || entry->value.integer < 0) {
      return errors_.add(at, "needs `picoseconds_per_byte`");
    }
    cost.picoseconds = entry->value.integer;
  }

  void add_jitter(Cost& cost, std::uint64_t seed, const std::string& stream) {
    if (!quartiles_) return;
    into_.streams_.push_back(std::make_unique<RandomStream>(seed, "cost " + stream));
    cost.set_jitter(*quartiles_, into_.streams_.back().get());
  }
  void add_jitter(CostPerByte&, std::uint64_t, const std::string&) {}

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
  HostCosts& into_;
  Diagnostics& errors_;
  std::vector<std::string> known_sections_;
  std::optional<std::array<Duration, 5>> quartiles_;
};

std::vector<std::string> profile_names() {
  std::vector<std::string> names;
  for (const BuiltInProfile& profile : built_in_profiles()) names.emplace_back(profile.name);
  return names;
}

std::unique_ptr<HostCosts> read_profile(std::string_view name, bool jitter, std::uint64_t seed,
                                        std::string_view host, std::vector<Diagnostic>& errors) {
  Diagnostics found;
  auto costs = std::make_unique<HostCosts>();
  for (const BuiltInProfile& profile : built_in_profiles()) {
    if (profile.name != name) continue;
    const auto source =
        std::make_shared<const Source>(Source{std::string(name) + ".toml", std::string(profile.text), 0});
    const auto document = parse_toml(source, found);
    if (document) ProfileReader{*document, *costs, found}.read(jitter, seed, host);
    errors = found.take();
    return errors.empty() ? std::move(costs) : nullptr;
  }
  const auto source = std::make_shared<const Source>(Source{"profile", std::string(name), 0});
  const std::string near = suggestion(name, profile_names());
  found.add(Span{source}, "no profile of this name", near.empty() ? "" : "did you mean '" + near + "'?");
  errors = found.take();
  return nullptr;
}

}  // namespace stackscope
