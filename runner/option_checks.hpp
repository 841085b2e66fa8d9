#pragma once
// What can be wrong with the words of a command line whatever the command is.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace stackscope {

/// "--until: its value is empty", of the first option for which that is so; empty where none is.
std::string empty_value(const CLI::App& command);

/// "--record was given 2 times, and can be given once": of the first option that was given more often than it can be; empty where none
/// was.
std::string given_too_often(const CLI::App& command);

/// Options that were given though they mean nothing here: "--junit".
std::vector<std::string> given_of(const CLI::App& command, const std::vector<std::string>& meaningless);

}  // namespace stackscope
