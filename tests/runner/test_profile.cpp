// Cost profiles: as text, as files, and what a host makes of them.

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "runner/profile.hpp"

namespace stackscope {
namespace {

Profile built_in() {
  std::vector<Diagnostic> errors;
  auto profile = read_profile(profile_names().front(), errors);
  REQUIRE(profile.has_value());
  return *std::move(profile);
}

/// A file that is gone when the test is over.
class ProfileFile {
 public:
  explicit ProfileFile(std::string_view text)
      : path_(std::filesystem::temp_directory_path() / "stackscope_test_profile.toml") {
    std::ofstream(path_) << text;
  }
  ~ProfileFile() { std::filesystem::remove(path_); }
  std::optional<Profile> read(std::string& complaints) const {
    std::vector<Diagnostic> errors;
    auto profile = read_profile(path_.string(), errors);
    complaints = render(errors);
    return profile;
  }

 private:
  std::filesystem::path path_;
};

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

}  // namespace

TEST_CASE("a profile that is written is the profile that is read", "[profile]") {
  Profile profile = built_in();
  profile.machine = "one \"of\" mine";
  ProfileCost& schedule = *std::ranges::find(profile.costs, "cpu.schedule", &ProfileCost::name);
  schedule.cold = Duration::us(4);
  schedule.quantiles = {Duration::ns(1), Duration::ns(2), Duration::ns(3), Duration::ns(4), Duration::ns(5)};
  ProfileCost& wake_up = *std::ranges::find(profile.costs, "cpu.wake_up", &ProfileCost::name);
  wake_up.quantiles = {Duration::ns(1), Duration::ns(2), Duration::ns(3), Duration::ns(4),
                       Duration::ns(5), Duration::ns(6), Duration::ns(7)};
  std::string complaints;
  const auto read = ProfileFile(profile_text(profile, "two\nlines")).read(complaints);
  INFO(complaints);
  REQUIRE(read.has_value());
  CHECK(read->machine == profile.machine);
  REQUIRE(read->costs.size() == profile.costs.size());
  for (std::size_t i = 0; i < profile.costs.size(); ++i) {
    const ProfileCost &ours = profile.costs[i], &theirs = read->costs[i];
    INFO(ours.name);
    CHECK(theirs.name == ours.name);
    CHECK(theirs.typical == ours.typical);
    CHECK(theirs.cold == ours.cold);
    CHECK(theirs.quantiles == ours.quantiles);
    CHECK(theirs.picoseconds_per_byte == ours.picoseconds_per_byte);
    CHECK(theirs.kind == ours.kind);
    CHECK(theirs.source == ours.source);
  }
}

TEST_CASE("a host's costs are the profile's, and each knows which it is", "[profile]") {
  Profile profile = built_in();
  for (ProfileCost& cost : profile.costs) cost.cold = cost.typical;
  const HostCosts costs(profile, false, 1, "host");
  CHECK(costs.costs.cpu.schedule.draw() == costs.costs.cpu.schedule.typical());
  CHECK(costs.costs.tcp.connect.cold() == costs.costs.tcp.connect.typical());
  CHECK(costs.costs.tcp.copy.picoseconds > 0);
  CHECK(profile.costs[costs.costs.epoll.scan.number()].name == "epoll.scan");
  CHECK(profile.costs[costs.costs.device.nic_unmask.number()].name == "device.nic_unmask");
}

TEST_CASE("what is wrong with a profile is said where it is", "[profile]") {
  const std::string text = profile_text(built_in(), "");
  std::string complaints;
  CHECK_FALSE(ProfileFile(replaced(text, "[cpu.schedule]", "[cpu.scedule]")).read(complaints));
  CHECK(complaints.find("did you mean 'schedule'?") != std::string::npos);
  CHECK(complaints.find("stackscope_test_profile.toml:") != std::string::npos);
  CHECK_FALSE(ProfileFile(replaced(text, "typical = ", "cold = \"much\"\ntypical = ")).read(complaints));
  CHECK(complaints.find("not a duration") != std::string::npos);
  std::vector<Diagnostic> errors;
  CHECK_FALSE(read_profile("no/such.toml", errors));
  CHECK(render(errors).find("cannot be read") != std::string::npos);
  CHECK_FALSE(read_profile("linux-6.18-epic-vm", errors));
  CHECK(render(errors).find("did you mean 'linux-6.18-epyc-vm'?") != std::string::npos);
}

}  // namespace stackscope
