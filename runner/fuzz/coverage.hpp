#pragma once
// What random programs have met: each call, each constant in an argument, each errno of each call, and how often.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stackscope {

class FuzzCoverage {
 public:
  /// The constants in a program's text.
  void add_program(std::string_view lua);
  /// What its output says of calls and errnos: "12 epoll_ctl nil \"EEXIST\"".
  void add_output(std::span<const std::string> lines);

  /// "epoll_ctl" and "epoll_ctl EEXIST"; constants by their names.
  const std::map<std::string, std::uint64_t, std::less<>>& counts() const { return counts_; }
  std::uint64_t count(std::string_view what) const;
  void add(const std::string& what, std::uint64_t count) { counts_[what] += count; }

 private:
  std::map<std::string, std::uint64_t, std::less<>> counts_;
};

/// What must occur, in the order in which it is printed; and what cannot, with the reason.
struct Required {
  std::string_view what;     // as in counts()
  std::string_view because;  // why no program can cause it; empty: it must occur
};
std::span<const Required> required_coverage();

/// A table of all that occurred, and of what is required and did not, 80 columns wide.
std::string coverage_table(const FuzzCoverage& coverage, std::uint64_t at_least);

}  // namespace stackscope
