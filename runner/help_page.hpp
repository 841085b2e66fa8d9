#pragma once
// Help as a page of at most 80 columns: usage, what each option does, examples, exit codes.

#include <CLI/CLI.hpp>
#include <string>

namespace stackscope {

/// Renders a command from what the command line declares of it: its description, its options by group, its footer as it is.
class HelpPage final : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
};

}  // namespace stackscope
