#include "runner/fuzz/maker.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace stackscope {

namespace {

std::string_view prefix_of(FuzzKind kind) {
  constexpr std::array<std::string_view, 11> kPrefixes = {"ev", "r", "w",  "tm", "ep", "us",
                                                          "ud", "s", "ls", "c",  "u"};
  return kPrefixes[static_cast<std::size_t>(kind)];
}

}  // namespace

Maker::Maker(std::uint64_t seed, std::string_view family) : random_(seed, family) {
  program_.seed = seed;
  program_.family = family;
}

std::string_view Maker::one_of(std::initializer_list<std::string_view> choices) {
  return choices.begin()[random_.below(choices.size())];
}

std::string Maker::some_of(std::initializer_list<std::string_view> flags, unsigned most) {
  std::string joined;
  for (std::uint64_t left = random_.below(most + 1); left > 0; --left) {
    const std::string_view flag = one_of(flags);
    if (joined.find(flag) == std::string::npos) joined += (joined.empty() ? "" : " | ") + std::string(flag);
  }
  return joined.empty() ? "0" : joined;
}

std::string Maker::number(std::initializer_list<std::int64_t> choices) {
  return fmt::format("{}", choices.begin()[random_.below(choices.size())]);
}

bool Maker::has(FuzzKind kind) const {
  return std::any_of(objects_.begin(), objects_.end(), [kind](const Object& o) { return o.kind == kind; });
}

std::string Maker::any(std::initializer_list<FuzzKind> kinds) {
  if (chance(3)) return any_fd();
  std::vector<const Object*> fitting;
  for (const Object& object : objects_) {
    if (std::find(kinds.begin(), kinds.end(), object.kind) != kinds.end()) fitting.push_back(&object);
  }
  if (fitting.empty()) return any_fd();
  // of two draws the later one
  const std::uint64_t index = std::max(random_.below(fitting.size()), random_.below(fitting.size()));
  return fitting[index]->name;
}

std::string Maker::any_fd() {
  if (objects_.empty() || chance(8)) return std::string(one_of({"-1", "9", "77", "3"}));
  return objects_[random_.below(objects_.size())].name;
}

std::string Maker::fresh(FuzzKind kind) {
  std::string name = fmt::format("{}{}", prefix_of(kind), next_number());
  objects_.push_back({kind, name});
  return name;
}

void Maker::call(std::string expression, std::string results) {
  const std::string name = expression.substr(0, expression.find('('));
  labelled(name, std::move(expression), std::move(results));
}

void Maker::labelled(std::string_view label, std::string expression, std::string results) {
  program_.statements.push_back({fmt::format("{} {}", program_.statements.size() + 1, label),
                                 std::move(results), std::move(expression)});
}

void Maker::plain(std::string expression) { program_.statements.push_back({"", "", std::move(expression)}); }

RandomProgram make_program(const FuzzFamily& family, std::uint64_t seed) {
  Maker maker(seed, family.name);
  maker.program().is_concurrent = family.is_concurrent;
  family.begin(maker);
  unsigned total = 0;
  for (const Move& move : family.moves) total += move.weight;
  const std::int64_t length = maker.between(4, 24);
  for (std::int64_t i = 0; i < length; ++i) {
    auto left = static_cast<unsigned>(maker.between(0, total - 1));
    const Move* move = family.moves.data();
    while (left >= move->weight) left -= (move++)->weight;
    move->make(maker);
  }
  return std::move(maker.program());
}

}  // namespace stackscope
