// A folder of scenarios as it is, also where files are wrong.

#include <algorithm>
#include <catch2/catch.hpp>

#include "gui/app/scenario_list.hpp"

namespace stackscope::gui {
namespace {

TEST_CASE("Scenarios are listed by name, with all variants") {
  ScenarioList list(STACKSCOPE_SOURCE_DIR "/scenarios");
  const auto& entries = list.entries();
  REQUIRE(entries.size() >= 3);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    INFO(entries[i].path << ": " << entries[i].error);
    CHECK(entries[i].error.empty());
    CHECK_FALSE(entries[i].title.empty());
    REQUIRE_FALSE(entries[i].variants.empty());
    CHECK(entries[i].variants[0].first == "baseline");
    if (i > 0) CHECK(entries[i - 1].path < entries[i].path);
  }
  const auto herd = std::ranges::find_if(
      entries, [](const auto& entry) { return entry.path.ends_with("thundering_herd.toml"); });
  REQUIRE(herd != entries.end());
  CHECK(herd->variants.size() == 13);
}

TEST_CASE("A file that does not parse is listed with its error; a folder that is not there is empty") {
  ScenarioList broken(STACKSCOPE_SOURCE_DIR "/tests/gui/files");
  REQUIRE(broken.entries().size() == 1);
  CHECK(broken.entries()[0].error.find("broken.toml:4:1") != std::string::npos);
  CHECK(broken.entries()[0].variants.empty());
  ScenarioList none("no/such/folder");
  CHECK(none.entries().empty());
}

}  // namespace
}  // namespace stackscope::gui
