#include "runner/option_checks.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace stackscope {
namespace {

std::string name_of(const CLI::Option& option) { return option.get_name(option.get_positional()); }

}  // namespace

std::string empty_value(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    const auto& values = option->results();
    if (std::find(values.begin(), values.end(), "") != values.end())
      return name_of(*option) + ": its value is empty";
  }
  return "";
}

std::string given_too_often(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    const auto most = static_cast<std::size_t>(std::max(option->get_items_expected_max(), 1));
    if (option->count() > most)
      return fmt::format("{} was given {} times, and can be given once", name_of(*option), option->count());
  }
  return "";
}

std::vector<std::string> given_of(const CLI::App& command, const std::vector<std::string>& meaningless) {
  std::vector<std::string> given;
  for (const std::string& name : meaningless) {
    if (command.get_option(name)->count() > 0) given.push_back(name);
  }
  return given;
}

}  // namespace stackscope
