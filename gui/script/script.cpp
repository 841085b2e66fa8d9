#include "gui/script/script.hpp"

#include <fmt/format.h>

namespace stackscope::gui {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::vector<std::string> words_of(const std::string& name, int number, std::string_view line) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while (true) {
    while (at < line.size() && is_blank(line[at])) ++at;
    if (at == line.size() || line[at] == '#') return words;
    if (line[at] == '"') {
      const std::size_t end = line.find('"', at + 1);
      if (end == std::string_view::npos)
        throw ScriptFailure(fmt::format("{}:{}: a quote does not end", name, number));
      words.emplace_back(line.substr(at + 1, end - at - 1));
      at = end + 1;
      continue;
    }
    std::size_t end = at;
    while (end < line.size() && !is_blank(line[end])) ++end;
    words.emplace_back(line.substr(at, end - at));
    at = end;
  }
}

}  // namespace

std::string ScriptLine::joined(std::size_t first, std::size_t last) const {
  std::string text;
  for (std::size_t i = first; i < last && i < words.size(); ++i) text += (i == first ? "" : " ") + words[i];
  return text;
}

std::vector<ScriptLine> parse_script(const std::string& name, std::string_view text) {
  std::vector<ScriptLine> lines;
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    ScriptLine line{++number, words_of(name, number, text.substr(0, end))};
    if (!line.words.empty()) lines.push_back(std::move(line));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace stackscope::gui
