#include "runner/fuzz/coverage.hpp"

#include <cctype>
#include <fmt/format.h>

namespace stackscope {

namespace {

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Calls `visit` for each identifier of a text.
void for_each_name(std::string_view text, auto visit) {
  for (std::size_t i = 0; i < text.size();) {
    if (!is_name(text[i])) {
      ++i;
      continue;
    }
    const std::size_t begin = i;
    while (i < text.size() && is_name(text[i])) ++i;
    visit(text.substr(begin, i - begin));
  }
}

bool is_constant(std::string_view name) {
  if (name.size() < 3 || std::isupper(static_cast<unsigned char>(name[0])) == 0) return false;
  bool has_underscore_or_is_event = name.starts_with("EPOLL") || name.starts_with("POLL") ||
                                    name.starts_with("SIG") || name.starts_with("FIO") ||
                                    name.starts_with("SIOC");
  for (const char c : name) {
    if (std::islower(static_cast<unsigned char>(c)) != 0) return false;
    has_underscore_or_is_event = has_underscore_or_is_event || c == '_';
  }
  return has_underscore_or_is_event;
}

/// The words before the results: an optional number or indentation, who speaks, and the call.
std::string_view call_in(std::string_view line) {
  std::string_view call;
  std::size_t at = 0;
  for (int word = 0; word < 3 && at < line.size(); ++word) {
    while (at < line.size() && line[at] == ' ') ++at;
    const std::size_t end = std::min(line.find(' ', at), line.size());
    const std::string_view token = line.substr(at, end - at);
    if (!token.empty() && std::islower(static_cast<unsigned char>(token[0])) != 0 && token != "child" &&
        token != "nil") {
      call = token;
      break;
    }
    at = end;
  }
  return call;
}

}  // namespace

void FuzzCoverage::add_program(std::string_view lua) {
  for_each_name(lua, [this](std::string_view name) {
    if (is_constant(name)) ++counts_[std::string(name)];
  });
}

void FuzzCoverage::add_output(std::span<const std::string> lines) {
  for (const std::string& line : lines) {
    const std::string_view call = call_in(line);
    if (call.empty()) continue;
    ++counts_[std::string(call)];
    const std::size_t error = line.find(" nil \"E");
    if (error == std::string::npos) continue;
    const std::size_t begin = error + 6;
    ++counts_[fmt::format("{} {}", call, line.substr(begin, line.find('"', begin) - begin))];
  }
}

std::uint64_t FuzzCoverage::count(std::string_view what) const {
  const auto found = counts_.find(what);
  return found == counts_.end() ? 0 : found->second;
}

std::string coverage_table(const FuzzCoverage& coverage, std::uint64_t at_least) {
  std::string table = "How often each call, constant and errno occurred:\n";
  std::size_t column = 0;
  for (const auto& [what, count] : coverage.counts()) {
    table += fmt::format("{:>7}  {:<31}", count, what);
    table += ++column % 2 == 0 ? "\n" : "";
  }
  if (column % 2 != 0) table += "\n";
  std::string rare;
  for (const Required& required : required_coverage()) {
    if (!required.because.empty() || coverage.count(required.what) >= at_least) continue;
    rare += fmt::format("{:>7}  {}\n", coverage.count(required.what), required.what);
  }
  if (!rare.empty()) table += fmt::format("Required, but fewer than {} times:\n{}", at_least, rare);
  return table;
}

}  // namespace stackscope
