#pragma once
// Everything that a person can do by key or by name, in one table: keys, scripts and the help page come from it.

#include <span>
#include <string>
#include <string_view>

#include "gui/platform/input.hpp"

namespace stackscope::gui {

class App;

struct Action {
  std::string_view name;   // "step back"
  std::string_view group;  // of the help page
  std::string_view keys;   // "Left", or several: "Right n"
  void (*run)(App&);
};

std::span<const Action> actions();
/// Null where no action has this key, or this name.
const Action* action_for(const KeyPress& key);
const Action* action_named(std::string_view name);

}  // namespace stackscope::gui
