// The same Lua program on both kernels: what it prints, what it says on standard error, how it ends.

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>

#include "runner/lua/lua_run.hpp"

namespace stackscope {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(STACKSCOPE_SOURCE_DIR) / "tests" / "parity";

std::vector<fs::path> cases() {
  std::vector<fs::path> found;
  for (const fs::directory_entry& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".lua") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// Cases in which the model is known to differ, one a line.
std::set<std::string> open_cases() {
  std::ifstream file(kFolder / "open.txt");
  std::set<std::string> names;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') names.insert(line);
  }
  return names;
}

std::vector<std::string> lines_of(const LuaSource& source, LuaOnHost* host) {
  std::vector<std::string> lines;
  LuaRunOptions options;
  options.on_line = [&lines](int stream, std::string_view line) {
    lines.push_back((stream == 1 ? "" : "stderr: ") + std::string(line));
  };
  const LuaRunResult result =
      host != nullptr ? host->run(source, options) : run_lua_on_model(source, options);
  lines.push_back("exit code " + std::to_string(result.exit_code));
  return lines;
}

struct Example {
  std::string lua, output;
};

/// Lines up to the end of a block.
std::string block(std::istream& from) {
  std::string text;
  for (std::string line; std::getline(from, line) && line != "```";) text += line + "\n";
  return text;
}

/// Each block of Lua in docs/lua.md, with the block of output behind it.
std::vector<Example> examples() {
  std::ifstream page(fs::path(STACKSCOPE_SOURCE_DIR) / "docs" / "lua.md");
  std::vector<Example> found;
  for (std::string line; std::getline(page, line);) {
    if (line == "```lua") found.push_back({block(page), ""});
    if (line == "```" && !found.empty()) found.back().output = block(page);
  }
  return found;
}

}  // namespace

TEST_CASE("each example of docs/lua.md prints what stands behind it, on both kernels", "[parity]") {
  LuaOnHost host;
  const std::vector<Example> all = examples();
  CHECK(all.size() >= 60);
  for (const Example& example : all) {
    INFO(example.lua);
    for (LuaOnHost* const where : {static_cast<LuaOnHost*>(nullptr), &host}) {
      std::string printed;
      for (const std::string& line : lines_of({"example.lua", example.lua}, where)) printed += line + "\n";
      CHECK(printed == example.output + "exit code 0\n");
    }
  }
}

TEST_CASE("each parity case prints the same on the model and on the kernel underneath", "[parity]") {
  LuaOnHost host;
  const std::set<std::string> open = open_cases();
  for (const fs::path& path : cases()) {
    const LoadedLua loaded = load_lua(path.string());
    REQUIRE(loaded.error.empty());
    const std::vector<std::string> model = lines_of(loaded.source, nullptr),
                                   real = lines_of(loaded.source, &host);
    INFO(path.filename().string());
    if (open.contains(path.stem().string())) {
      INFO("it is in open.txt, and should not be any more");
      CHECK(model != real);
    } else {
      CHECK(model == real);
    }
  }
}

}  // namespace stackscope
