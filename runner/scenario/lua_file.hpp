#pragma once
// A Lua program that a scenario names, as the catalogue would have it: its parameters are what the scenario's own `args` give it.
//
// What it can be told is known from nothing else, so a variant or a `--set` may change these arguments, each for one of its kind,
// and add none. In the program they stand in the global table `args`: durations in ns, sizes in bytes, and of "HOST:PORT", where
// that names a machine of the scenario, the address.

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/scenario/value.hpp"
#include "userland/catalogue.hpp"
#include "userland/lua/lua_program.hpp"

namespace stackscope {

struct LuaFile {
  LuaSource source;
  std::vector<Parameter> parameters = {};
  ProgramSpec spec = {};
  std::deque<std::string> texts = {};  // what the parameters' names and defaults are views of
};

inline bool is_lua_name(std::string_view program) { return program.ends_with(".lua"); }

/// A program without arguments.
std::shared_ptr<LuaFile> make_lua_file(LuaSource source);

struct LoadedLua {
  LuaSource source;
  std::string error;  // why there is no text
};
/// `name`: as errors show it.
LoadedLua load_lua(const std::string& path);

/// Declares what stands in `args`. `machines`: the names of hosts and peers. What no parameter takes is left out, and complained
/// about.
void declare_arguments(LuaFile& file, const std::vector<Entry>& args,
                       const std::vector<std::string>& machines, Diagnostics& diagnostics);

/// Why one value cannot stand where the other one does.
std::optional<Complaint> check_same_kind(std::string_view name, const Value& now, const Value& before);

/// The source, told its arguments. `os` knows the machines' addresses.
LuaSource with_arguments(const LuaFile& file, const Arguments& args, const Syscalls& os);

/// The names that the program gives to mark_begin() as literals: each is a metric of its scenario.
std::vector<std::string> marks_of(const LuaSource& source);

}  // namespace stackscope
