// Damaged scripts: whatever stands in a file, it is refused with a place or played to an end.
//
// STACKSCOPE_FUZZ_ROUNDS=N does more of it by hand; the seed of what failed stands in the message.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "runner/packetdrill/run_script.hpp"
#include "sim/random.hpp"

namespace stackscope::packetdrill {
namespace {

std::vector<std::string> corpus() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(STACKSCOPE_SOURCE_DIR "/tests/transcripts")) {
    if (entry.path().extension() == ".pkt") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> texts;
  for (const auto& path : paths) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    texts.push_back(text.str());
  }
  return texts;
}

class Damage {
 public:
  explicit Damage(std::uint64_t seed) : random_(seed, "damaged scripts") {}

  std::string of(const std::vector<std::string>& texts) {
    std::string text = texts[below(texts.size())];
    for (std::size_t i = 0, most = 1 + below(2); i < most && !text.empty(); ++i) damage(text, texts);
    return text;
  }

 private:
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_.below(n)); }

  void damage(std::string& text, const std::vector<std::string>& texts) {
    static constexpr std::string_view kPieces[] = {"4294967295", "-1",        "99999999999999999999",
                                                   "(",          ")",         "{",
                                                   "}",          "[",         "]",
                                                   "\"",         "`",         "%{",
                                                   "}%",         "...",       "<",
                                                   ">",          "*",         "+",
                                                   "~",          "0x",        "\\",
                                                   "\n",         ":",         "sack 1:2",
                                                   "mss 0",      "wscale 15", "TS val 0 ecr 0",
                                                   "icmp",       "udp",       "R",
                                                   "F.",         "//",        "/*",
                                                   "while 1",    "e18",       ".000000001",
                                                   "\xff",       "%",         "= -1 EAGAIN"};
    if (const std::size_t digit = text.find_first_of("0123456789", below(text.size()));
        below(2) == 0 && digit != std::string::npos) {
      text[digit] = static_cast<char>('0' + below(10));  // which often reads, and then plays otherwise
      return;
    }
    const std::size_t at = below(text.size()), length = std::min(1 + below(12), text.size() - at);
    switch (below(5)) {
      case 0:
        text[at] = static_cast<char>(below(256));
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(at, text.substr(at, length));
        break;
      case 3:
        text.insert(at, kPieces[below(std::size(kPieces))]);
        break;
      default: {  // a line of another script
        const std::string& other = texts[below(texts.size())];
        const std::size_t from = other.rfind('\n', below(other.size())) + 1;
        text.insert(at, other.substr(from, other.find('\n', from) - from + 1));
      }
    }
  }

  RandomStream random_;
};

}  // namespace

TEST_CASE("no script is too damaged to be refused or played", "[packetdrill][fuzz]") {
  const std::vector<std::string> texts = corpus();
  REQUIRE(texts.size() > 100);
  const char* const asked = std::getenv("STACKSCOPE_FUZZ_ROUNDS");
  const std::uint64_t rounds = asked != nullptr ? std::strtoull(asked, nullptr, 10) : 1'500;
  std::uint64_t refused = 0, failed = 0;
  for (std::uint64_t seed = 1; seed <= rounds; ++seed) {
    CAPTURE(seed);
    const ScriptResult result =
        run_script(Damage(seed).of(texts), ScriptRun{"damaged.pkt", {}, false, false, false, {}});
    for (const Diagnostic& error : result.errors) {
      REQUIRE(error.at.line >= 1);
      REQUIRE_FALSE(error.message.empty());
    }
    refused += result.errors.empty() ? 0 : 1;
    failed += result.failure.empty() ? 0 : 1;
  }
  CAPTURE(rounds, refused, failed);
  CHECK(refused > rounds / 10);
  CHECK(failed > rounds / 10);
}

}  // namespace stackscope::packetdrill
