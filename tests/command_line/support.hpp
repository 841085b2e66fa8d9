#pragma once
// The built program, run as a person would run it, in the folder of the sources.

#include <atomic>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

#include "runner/process.hpp"

namespace stackscope {

using Words = std::vector<std::string>;

inline ProcessOutput run_program(const Words& words, const Words& environment = {}) {
  std::filesystem::current_path(STACKSCOPE_SOURCE_DIR);
  Words arguments{"stackscope"};
  arguments.insert(arguments.end(), words.begin(), words.end());
  return run_process(STACKSCOPE_PROGRAM, arguments, environment);
}

inline std::string read_all(const std::filesystem::path& path) {
  std::ostringstream all;
  all << std::ifstream(path, std::ios::binary).rdbuf();
  return all.str();
}

/// A folder of this test alone, gone when it ends.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "stackscope-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error(pattern);
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string at(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
    return at(name);
  }

 private:
  std::filesystem::path path_;
};

/// One request over loopback; `more` goes on behind it.
inline std::string small_scenario(const std::string& more = "") {
  return R"(version = 1
title = "One request"
until = "1s"

[host.server]
profile = "linux-6.18-epyc-vm"

[[run]]
name = "server"
program = "echo_server"
on = "server"
args = { port = 7 }

[[run]]
name = "client"
program = "echo_client"
on = "server"
start = "1ms"
args = { to = "server:7", messages = 1, size = "16B" }

[variant.three]
"run.client.args.messages" = 3

)" + more;
}

inline std::string last_line(const std::string& text) {
  std::istringstream lines(text);
  std::string line, last;
  while (std::getline(lines, line)) {
    if (!line.empty()) last = line;
  }
  return last;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace stackscope
