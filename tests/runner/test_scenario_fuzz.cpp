// Whatever a file holds, the reader answers with a scenario or with errors that point into the file.

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "runner/scenario/scenario.hpp"

using namespace stackscope;

namespace {

#ifndef STACKSCOPE_FUZZ_ROUNDS
#define STACKSCOPE_FUZZ_ROUNDS 3000
#endif
constexpr int kRounds = STACKSCOPE_FUZZ_ROUNDS;  // more by hand: -DSTACKSCOPE_FUZZ_ROUNDS=100000

/// Knuth's MMIX generator: the same mutations everywhere.
class Lcg {
 public:
  explicit Lcg(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>((state_ >> 33) % n);
  }

 private:
  std::uint64_t state_;
};

std::string file_text(const std::string& name) {
  std::ifstream file(std::string(STACKSCOPE_SOURCE_DIR) + "/scenarios/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void mutate(std::string& text, Lcg& random) {
  constexpr std::string_view kTelling = "\"'[]{}=.,#\n\\-_0919azTf\t\x00\x7f\xc3\xff";
  const std::size_t at = random.below(text.size());
  switch (random.below(5)) {
    case 0:
      text[at] = static_cast<char>(random.below(256));
      break;
    case 1:
      text[at] = kTelling[random.below(kTelling.size())];
      break;
    case 2:
      text.erase(at, 1 + random.below(12));
      break;
    case 3:
      text.insert(at, 1, kTelling[random.below(kTelling.size())]);
      break;
    default:
      text.insert(at, text.substr(random.below(text.size()), random.below(40)));
      break;
  }
}

void check_answer(const std::string& text) {
  const LoadedScenario loaded = load_scenario("mutant", text);
  REQUIRE(loaded.scenario.has_value() == loaded.errors.empty());
  const auto lines = static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  for (const Diagnostic& error : loaded.errors) {
    REQUIRE(error.at.line >= 1);
    REQUIRE(error.at.line <= lines);
    REQUIRE(!error.message.empty());
    REQUIRE(!render(error).empty());
  }
  if (!loaded.scenario) return;
  for (const Variant& variant : loaded.scenario->variants) {
    REQUIRE(resolve(*loaded.scenario, variant.name, {}).scenario);  // loading has checked it
  }
}

}  // namespace

TEST_CASE("damaged scenarios: none crashes the reader", "[scenario][fuzz]") {
  const std::uint64_t seed = 20261121;
  INFO("seed " << seed);
  Lcg random(seed);
  const std::string texts[] = {file_text("first_request.toml"), file_text("echo_10k.toml")};
  int read_without_error = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::string text = texts[round % 2];
    for (std::size_t n = 1 + random.below(4); n > 0; --n) mutate(text, random);
    INFO("round " << round);
    check_answer(text);
    if (load_scenario("mutant", text).scenario) ++read_without_error;
  }
  CHECK(read_without_error >
        100);  // damaged comments and sentences are still scenarios: both answers were tried
  CHECK(read_without_error < kRounds - kRounds / 30);
}

TEST_CASE("damaged sets never crash", "[scenario][fuzz]") {
  const LoadedScenario loaded = load_scenario("first_request.toml", file_text("first_request.toml"));
  REQUIRE(loaded.scenario);
  Lcg random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string set = "run.client.args.size=\"4KiB\"";
    for (std::size_t n = 1 + random.below(4); n > 0 && !set.empty(); --n) mutate(set, random);
    const Resolution resolution = resolve(*loaded.scenario, kBaseline, std::array{set});
    INFO("round " << round << ": " << set);
    REQUIRE(resolution.scenario.has_value() == resolution.errors.empty());
    REQUIRE(resolution.errors.empty() == render(resolution.errors).empty());
  }
}

TEST_CASE("deep nesting is refused before it can exhaust the stack", "[scenario][fuzz]") {
  const auto repeated = [](std::string_view part, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) text += part;
    return text;
  };
  const std::string dotted = repeated("a.", 100'000) + "a";
  for (const std::string& text :
       {"a = " + repeated("[", 100'000), "a = " + repeated("{a=", 100'000), "[" + dotted + "]\n",
        dotted + " = 1\n", "a = " + repeated("[{" + repeated("a.", 150) + "a =\n", 1'000),
        repeated("[[a]]\n", 10'000), "[" + repeated("x.", 190) + "x]\n" + repeated("y.", 190) + "y = 1\n",
        std::string(2 << 20, '#')}) {
    const LoadedScenario loaded = load_scenario("deep", text);
    CHECK(!loaded.scenario);
    CHECK(!loaded.errors.empty());
  }
}
