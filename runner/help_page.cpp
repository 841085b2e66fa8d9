#include "runner/help_page.hpp"

#include "runner/results/text.hpp"

namespace stackscope {
namespace {

constexpr int kWidth = 80, kIndent = 2, kSentenceColumn = 30;

std::string entry(const std::string& left, const std::string& sentence) {
  const std::string margin(kSentenceColumn, ' ');
  std::string out = std::string(kIndent, ' ') + left;
  const int used = kIndent + display_width(left);
  bool first = used + 2 <= kSentenceColumn;
  out += first ? std::string(static_cast<std::size_t>(kSentenceColumn - used), ' ') : "\n";
  for (const std::string& line : wrap(sentence, kWidth - kSentenceColumn)) {
    out += (first ? "" : margin) + line + "\n";
    first = false;
  }
  return out;
}

/// "-j, --jobs N"
std::string left_of(const CLI::Option& option) {
  std::string names = option.get_positional() ? option.get_name(true) : "";
  for (const std::string& name : option.get_snames()) names += (names.empty() ? "-" : ", -") + name;
  for (const std::string& name : option.get_lnames()) names += (names.empty() ? "--" : ", --") + name;
  if (option.get_items_expected_max() > 0 && !option.get_positional()) {
    const std::string type = option.get_type_name();  // with what CLI11 checks behind a colon
    names += " " + type.substr(0, type.find(':'));
  }
  return names;
}

std::string commands(const CLI::App& app) {
  std::string out;
  for (const CLI::App* command :
       app.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); })) {
    out += entry(command->get_name(), command->get_description());
  }
  return out.empty() ? out : "\nCommands:\n" + out;
}

std::string usage(const CLI::App& app, const std::string& name) {
  std::string line = "Usage: " + name;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) line += " " + option->get_name(true) + " ...";
  }
  const bool has_commands = !app.get_subcommands([](const CLI::App*) { return true; }).empty();
  return line + (has_commands ? " COMMAND [OPTION ...]\n" : " [OPTION ...]\n");
}

}  // namespace

std::string HelpPage::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode) const {
  if (name.empty()) name = app->get_name();
  const CLI::App* parent = app->get_parent();
  if (parent != nullptr && !name.starts_with(parent->get_name())) name = parent->get_name() + " " + name;
  std::string out;
  for (const std::string& line : wrap(app->get_description(), kWidth)) out += line + "\n";
  out += "\n" + usage(*app, name) + commands(*app);
  for (const std::string& group : app->get_groups()) {
    if (group.empty()) continue;
    std::string entries;
    for (const CLI::Option* option : app->get_options()) {
      if (option->get_group() == group) entries += entry(left_of(*option), option->get_description());
    }
    if (!entries.empty()) out += "\n" + group + ":\n" + entries;
  }
  return app->get_footer().empty() ? out : out + "\n" + app->get_footer() + "\n";
}

}  // namespace stackscope
