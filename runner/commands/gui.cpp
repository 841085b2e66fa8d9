#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>

#include "runner/commands/commands.hpp"

namespace stackscope {

// The command line neither links nor starts SDL: the window is a program of its own, which takes this one's place.
ExitCode gui_command(const std::vector<std::string>& arguments, const Console& console) {
  std::error_code ignored;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", ignored);
  const std::filesystem::path beside = self.parent_path() / "stackscope-gui";
  const std::string program = std::filesystem::exists(beside, ignored) ? beside.string() : "stackscope-gui";
  std::vector<char*> words{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  ::execvp(program.c_str(), words.data());
  console.err << fmt::format(
      "stackscope gui: {}: {}\nit is built beside stackscope where STACKSCOPE_GUI is ON\n", program,
      std::strerror(errno));
  return ExitCode::usage;
}

}  // namespace stackscope
