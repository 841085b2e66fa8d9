// Random programs, with two kernels that are none: what counts as a difference, how it is shrunk, what is counted.

#include <catch2/catch.hpp>

#include "runner/fuzz/fuzz.hpp"
#include "runner/fuzz/maker.hpp"
#include "runner/fuzz/shares.hpp"

using namespace stackscope;

namespace {

constexpr auto kSilent = [](std::uint64_t) {};

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// Answers alike, whatever the program.
KernelOutput agree(const std::string&) { return {0, {"1 close 0"}}; }

/// Answers otherwise where a program writes to an eventfd and reads it afterwards.
KernelOutput mistaken(const std::string& lua) {
  const std::size_t write = lua.find("eventfd_write(");
  const bool reads = write != std::string::npos && has(lua.substr(write), "read(");
  return {0, {reads ? "1 close EBADF" : "1 close 0"}};
}

}  // namespace

TEST_CASE("fuzz: kernels that agree differ nowhere, and every program is run on both", "[fuzz]") {
  std::uint64_t on_model = 0, on_real = 0;
  const FuzzReport report = fuzz(
      {.programs = 40, .seed = 3, .only = ""}, [&](const std::string& lua) { return ++on_model, agree(lua); },
      [&](const std::string& lua) { return ++on_real, agree(lua); }, kSilent);
  CHECK(!report.difference);
  CHECK((report.programs == 40 && on_model == 40 && on_real == 40 && report.unsteady == 0));
}

TEST_CASE("fuzz: a difference is shrunk to what it takes", "[fuzz]") {
  const FuzzReport report = fuzz({.programs = 500, .seed = 1, .only = "files"}, mistaken, agree, kSilent);
  REQUIRE(report.difference);
  const std::string lua = to_lua(report.difference->program);
  CHECK(mistaken(lua) != agree(lua));
  for (std::size_t i = 0; i < report.difference->program.statements.size(); ++i) {
    RandomProgram shorter = report.difference->program;
    shorter.statements.erase(shorter.statements.begin() + static_cast<std::ptrdiff_t>(i));
    INFO("without statement " << i << " of\n" << lua);
    CHECK(mistaken(to_lua(shorter)) == agree(lua));
  }
  const std::string told = describe(*report.difference);
  CHECK(has(told, "-- model  1 close EBADF\n-- real   1 close 0\n"));
}

TEST_CASE("fuzz: what the real kernel does only sometimes is chance, and no difference", "[fuzz]") {
  int runs = 0;
  const auto unsteady = [&](const std::string&) {
    return KernelOutput{0, {++runs % 2 == 0 ? "1 close 0" : "1 close EBADF"}};
  };
  const FuzzReport report = fuzz({.programs = 10, .seed = 1, .only = "poll"}, agree, unsteady, kSilent);
  CHECK(!report.difference);
  CHECK(report.unsteady > 0);
}

TEST_CASE("fuzz: an exit code alone is a difference", "[fuzz]") {
  const auto ends_badly = [](const std::string&) { return KernelOutput{1, {"1 close 0"}}; };
  const FuzzReport report = fuzz({.programs = 10, .seed = 1, .only = "unix"}, ends_badly, agree, kSilent);
  REQUIRE(report.difference);
  CHECK(has(describe(*report.difference), "-- exit code: model 1, real 0\n"));
}

TEST_CASE("fuzz: a program follows from its seed and number alone", "[fuzz]") {
  for (const FuzzFamily& family : fuzz_families()) {
    CHECK(to_lua(make_program(family, 77)) == to_lua(make_program(family, 77)));
    CHECK(to_lua(make_program(family, 77)) != to_lua(make_program(family, 78)));
  }
}

TEST_CASE("fuzz: shares of a run are all of it, and come back as they were told", "[fuzz]") {
  FuzzShare all;
  for (std::uint64_t first = 0; first < 3; ++first) {
    const FuzzRequest part{.programs = 50, .seed = 9, .only = "", .first = first, .step = 3};
    all.merge(share_from_json(to_json(share_of(fuzz(part, agree, agree, kSilent)))));
  }
  const FuzzReport whole = fuzz({.programs = 50, .seed = 9, .only = ""}, agree, agree, kSilent);
  CHECK(all.programs == 50);
  CHECK(all.coverage.counts() == whole.coverage.counts());
  CHECK(all.difference.empty());

  FuzzShare found;
  found.difference = "what is \"told\"\n\xff";
  all.merge(share_from_json(to_json(found)));
  CHECK(has(all.difference, "what is \"told\"\n"));
}
