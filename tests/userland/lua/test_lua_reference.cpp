// docs/lua.md is written by the program; and every call is in it.

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "userland/lua/binding.hpp"

using namespace stackscope;

TEST_CASE("lua: docs/lua.md is what lua_reference() says", "[lua][docs]") {
  const std::string path = std::string(STACKSCOPE_SOURCE_DIR) + "/docs/lua.md";
  if (std::getenv("STACKSCOPE_APPROVE") != nullptr) std::ofstream(path) << lua_reference();
  std::ostringstream page;
  page << std::ifstream(path).rdbuf();
  INFO("STACKSCOPE_APPROVE=1 test_userland [docs] writes it anew");
  CHECK(page.str() == lua_reference());
}

TEST_CASE("lua: each call has a name of its own, a sentence and an example that uses it", "[lua][docs]") {
  std::vector<std::string> names;
  for (const auto& family : lua::binding_families()) {
    for (const lua::Binding& binding : family.bindings) {
      INFO(binding.name);
      CHECK(std::find(names.begin(), names.end(), binding.name) == names.end());
      names.emplace_back(binding.name);
      CHECK(std::string(binding.signature).starts_with(std::string(binding.name) + "("));
      CHECK(std::string(binding.example).find(std::string(binding.name) + "(") != std::string::npos);
      CHECK(std::string(binding.doc).ends_with("."));
      CHECK(!LuaProgram({"example.lua", binding.example}).compile_error());
    }
  }
  CHECK(names.size() > 60);
}
