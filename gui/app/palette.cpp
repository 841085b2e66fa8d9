#include "gui/app/palette.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fmt/format.h>
#include <sstream>
#include <utility>

#include "gui/app/actions.hpp"
#include "gui/app/app.hpp"
#include "gui/panels/panels.hpp"

namespace stackscope::gui {
namespace {

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

bool has_every_word(const std::string& name, const std::string& text) {
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (name.find(word) == std::string::npos) return false;
  }
  return true;
}

template <std::size_t Look::* kWhich>
void add_panels(std::vector<PaletteCommand>& to, std::span<const Panel> panels) {
  for (std::size_t i = 0; i < panels.size(); ++i) {
    to.push_back({fmt::format("show {}", panels[i].name), "", [i](App& app) { app.look().*kWhich = i; }});
  }
}

}  // namespace

void Palette::open(std::vector<PaletteCommand> commands) {
  commands_ = std::move(commands);
  text_.clear();
  is_open_ = wants_focus_ = true;
  is_taken_ = false;
  search();
}

void Palette::search() {
  const std::string wanted = lower(text_);
  found_.clear(), chosen_ = 0;
  // Names that begin so come first; within each half the order stays.
  for (const bool begins_so : {true, false}) {
    for (const PaletteCommand& command : commands_) {
      const std::string name = lower(command.name);
      if (name.starts_with(wanted) == begins_so && has_every_word(name, wanted)) found_.push_back(&command);
    }
  }
}

bool Palette::handle(const InputEvent& event) {
  if (!is_open_ || event.kind != InputEvent::Kind::kKeyDown) return false;
  const std::size_t last = found_.empty() ? 0 : found_.size() - 1;
  switch (event.key.key) {
    case Key::kEscape:
      return close(), true;
    case Key::kEnter:
      return is_taken_ = true, true;
    case Key::kDown:
      return chosen_ = chosen_ == last ? 0 : chosen_ + 1, true;
    case Key::kUp:
      return chosen_ = chosen_ == 0 ? last : chosen_ - 1, true;
    default:
      return false;
  }
}

std::optional<PaletteCommand> Palette::take() {
  if (!std::exchange(is_taken_, false) || found_.empty()) return std::nullopt;
  close();
  return *found_[std::min(chosen_, found_.size() - 1)];
}

std::vector<PaletteCommand> palette_commands(App& app) {
  std::vector<PaletteCommand> commands;
  for (const Action& action : actions()) {
    commands.push_back({std::string(action.name), std::string(action.keys), action.run});
  }
  add_panels<&Look::centre>(commands, centre_panels());
  add_panels<&Look::side>(commands, side_panels());
  for (const ScenarioList::Entry& entry : app.scenarios().entries()) {
    const std::string name = std::filesystem::path(entry.path).stem().string();
    for (const auto& [variant, title] : entry.variants) {
      commands.push_back({fmt::format("open {} {}", name, variant), "",
                          [path = entry.path, variant](App& to) { to.open({path, variant}); }});
    }
  }
  return commands;
}

}  // namespace stackscope::gui
