#include "gui/panels/chrome.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <imgui.h>

#include "gui/app/actions.hpp"
#include "gui/draw/layout.hpp"
#include "gui/draw/units.hpp"
#include "gui/panels/details.hpp"
#include "runner/results/cells.hpp"

namespace stackscope::gui {
namespace {

std::string title_of(const Document& document) {
  if (document.scenario() == nullptr) return document.name();
  return fmt::format("{} › {}", document.name(), document.request().variant);
}

std::string state_of(const App& app) {
  const Document& document = *app.document();
  if (document.state() == Document::State::kFailed) return "not open";
  if (document.state() == Document::State::kReady)
    return fmt::format("{} records", grouped(document.recording().size()));
  if (document.run() == nullptr) return "reading…";
  return fmt::format("running… {} records, {}", grouped(document.run()->records()),
                     exact_time(document.run()->now()));
}

std::string speed_text(std::int64_t speed) {
  if (speed == Player::kRealTime) return "real time";
  return fmt::format("{} a second", short_time(Duration::ns(speed)));
}

struct Button {
  std::string_view name, label, action;
};
constexpr Button kButtons[] = {
    {"start", "|‹", "to the beginning"},
    {"back event", "«", "step back an event"},
    {"back", "‹", "step back a record"},
    {"play", "play", "play or pause"},
    {"on", "›", "step a record"},
    {"on event", "»", "step an event"},
    {"end", "›|", "to the end"},
    {"slower", "−", "slower"},
    {"faster", "+", "faster"},
    {"packet", "packet", "step a packet"},
    {"call", "call", "step a system call"},
    {"wake-up", "next wake-up", "next wake-up"},
    {"drop", "next drop", "next drop"},
};

}  // namespace

void draw_title(const ChromeContext& context, const Rect& area) {
  Canvas& canvas = context.canvas;
  canvas.fill(area, context.theme.panel);
  Rect rest = area.inset(6);
  rest.x += 6, rest.w -= 12;
  const float zoom = canvas.zoom();
  if (context.widgets.button("help", "?", {rest.right() - 30 * zoom, rest.y, 30 * zoom, rest.h})) {
    context.app.look().shows_help = !context.app.look().shows_help;
  }
  cut_right(rest, 40 * zoom);
  const char* theme = context.app.look().is_dark ? "light" : "dark";
  if (context.widgets.button("theme", theme, {rest.right() - 56 * zoom, rest.y, 56 * zoom, rest.h})) {
    context.app.look().is_dark = !context.app.look().is_dark;
  }
  cut_right(rest, 68 * zoom);
  const Document* document = context.app.document();
  const std::string title = document == nullptr ? "stackscope" : title_of(*document);
  const float width = canvas.text({rest.x, rest.middle_y() - canvas.height_of(Face::kBold) / 2}, title,
                                  context.theme.text, Face::kBold, rest.w * 0.4F);
  context.registry().add("title", {rest.x, rest.y, width, rest.h}, title);
  cut_left(rest, width + 18);
  if (document == nullptr) return;
  const std::string state = state_of(context.app);
  canvas.text_in(rest, state, context.theme.dim, Face::kMono, Align::kRight);
  context.registry().add("state", rest, state);
  if (document->scenario() == nullptr) return;
  cut_right(rest, canvas.width_of(state, Face::kMono) + 16);
  canvas.text_in(rest, document->scenario()->title, context.theme.dim, Face::kText);
}

void draw_transport(const ChromeContext& context, const Rect& area) {
  Canvas& canvas = context.canvas;
  canvas.fill(area, context.theme.panel);
  Player* player = context.app.player();
  if (player == nullptr) return;
  const float zoom = canvas.zoom();
  Rect rest = area.inset(6);
  for (const Button& button : kButtons) {
    const bool is_play = button.name == "play";
    const std::string_view label = is_play ? (player->is_playing() ? "pause" : "play") : button.label;
    const float width = std::max(34 * zoom, canvas.width_of(label) + 18 * zoom);
    if (rest.w < width + 330 * zoom) break;
    const Rect place = cut_left(rest, width);
    cut_left(rest, 4);
    if (context.widgets.button(button.name, label, place, is_play && player->is_playing())) {
      if (const Action* action = action_named(button.action)) action->run(context.app);
    }
  }
  const std::string time = fmt::format("t = {}", exact_time(player->view().run.now));
  canvas.text_in(rest, time, context.theme.text, Face::kMono, Align::kRight);
  context.registry().add("time", rest, time);
  cut_right(rest, canvas.width_of(time, Face::kMono) + 16);
  const std::string place =
      fmt::format("{} · {} / {}", speed_text(player->speed()), grouped(player->position().value),
                  grouped(player->recording().size()));
  canvas.text_in(rest, place, context.theme.dim, Face::kMono, Align::kRight);
  context.registry().add("position", rest, place);
}

void draw_legend(Canvas& canvas, Registry& registry, const Theme& theme, const Rect& area) {
  struct Sign {
    std::string_view text;
    Colour colour;
    char shape;
  };
  const Sign signs[] = {{"user code", theme.user, 'o'},        {"kernel", theme.kernel, 's'},
                        {"softirq", theme.softirq, 's'},       {"hard interrupt", theme.hardirq, 'd'},
                        {"data in a buffer", theme.data, 's'}, {"asleep", theme.asleep, 'r'},
                        {"runnable", theme.runnable, 'r'},     {"epoll", theme.softirq, 'h'},
                        {"changed last", theme.changed, 'f'}};
  float x = area.x + 4;
  const float radius = 5 * canvas.zoom();
  for (const Sign& sign : signs) {
    const float width = canvas.width_of(sign.text, Face::kSmall);
    if (x + width + 30 > area.right()) break;
    const Point centre{x + radius, area.middle_y()};
    const Rect square{x, area.middle_y() - radius, 2 * radius, 2 * radius};
    switch (sign.shape) {
      case 'o':
        canvas.circle(centre, radius, sign.colour);
        break;
      case 'r':
        canvas.circle(centre, radius, sign.colour, false, 2);
        break;
      case 'd':
        canvas.diamond(centre, radius, sign.colour);
        break;
      case 'h':
        canvas.hexagon(centre, radius, sign.colour);
        break;
      case 'f':
        canvas.frame(square, sign.colour, 2, 2);
        break;
      default:
        canvas.fill(square, sign.colour, 2);
        break;
    }
    canvas.text_in({x + 2 * radius + 5, area.y, width + 2, area.h}, sign.text, theme.dim, Face::kSmall);
    x += 2 * radius + width + 20;
  }
  registry.add("legend", area);
}

void draw_help(Canvas& canvas, Registry& registry, const Theme& theme, const Rect& window) {
  const float zoom = canvas.zoom(), line = canvas.height_of(Face::kText) + 5;
  const float height = std::min(window.h - 40, line * static_cast<float>(actions().size() + 5) + 30);
  const Rect page{window.middle_x() - 260 * zoom, window.middle_y() - height / 2, 520 * zoom, height};
  canvas.fill(window, with_alpha(theme.background, 190));
  canvas.fill(page, theme.raised, 8);
  canvas.frame(page, theme.line, 1, 8);
  registry.add("panel help", page, "keys");
  Rect inside = page.inset(16);
  canvas.text_in(cut_top(inside, line + 4), "Keys", theme.text, Face::kBold);
  std::string_view group;
  for (const Action& action : actions()) {
    if (action.group != group) cut_top(inside, group.empty() ? 0 : 6);
    group = action.group;
    const Rect row = cut_top(inside, line);
    if (row.h < line) break;
    canvas.text_in({row.x, row.y, 130 * zoom, row.h}, action.keys, theme.text, Face::kMono);
    canvas.text_in({row.x + 140 * zoom, row.y, row.w - 140 * zoom, row.h}, action.name, theme.dim);
  }
  canvas.text_in(cut_top(inside, line), "Click anything to select it everywhere.", theme.faint, Face::kSmall);
}

void draw_tooltip(Canvas& canvas, const Theme& theme, const Registry::Entry& entry, const Rect& window) {
  const Explanation explanation = explanation_of(entry.object.kind);
  const std::string first = entry.text.empty() ? entry.name : fmt::format("{}: {}", entry.name, entry.text);
  const std::string source = fmt::format("Linux: {}", explanation.linux_source);
  const float line = canvas.height_of(Face::kSmall) + 4;
  const float width = std::min(window.w - 20, std::max({canvas.width_of(first, Face::kSmall),
                                                        canvas.width_of(explanation.sentence, Face::kSmall),
                                                        canvas.width_of(source, Face::kSmall)}) +
                                                  20);
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const float x = std::min(mouse.x + 14, window.right() - width - 4);
  const float y = mouse.y + 3 * line + 40 > window.bottom() ? mouse.y - 3 * line - 20 : mouse.y + 18;
  Rect box{x, y, width, 3 * line + 12};
  canvas.fill(box, theme.raised, 6);
  canvas.frame(box, theme.line, 1, 6);
  box = box.inset(6);
  box.x += 4, box.w -= 8;
  canvas.text_in(cut_top(box, line), first, theme.text, Face::kSmall);
  canvas.text_in(cut_top(box, line), explanation.sentence, theme.dim, Face::kSmall);
  canvas.text_in(cut_top(box, line), source, theme.faint, Face::kSmall);
}

}  // namespace stackscope::gui
