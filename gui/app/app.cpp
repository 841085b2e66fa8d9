#include "gui/app/app.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <imgui.h>
#include <utility>
#include <vector>

#include "gui/app/actions.hpp"
#include "gui/app/effects.hpp"
#include "gui/app/knobs.hpp"
#include "gui/draw/layout.hpp"
#include "gui/draw/units.hpp"
#include "gui/panels/chrome.hpp"
#include "gui/panels/details.hpp"
#include "gui/panels/palette.hpp"
#include "gui/panels/panels.hpp"
#include "gui/panels/scenarios.hpp"
#include "gui/panels/timeline.hpp"

namespace stackscope::gui {
namespace {

constexpr float kPresenterZoom = 1.6F;
constexpr ImGuiWindowFlags kWholeWindow = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                                          ImGuiWindowFlags_NoNav | ImGuiWindowFlags_NoSavedSettings |
                                          ImGuiWindowFlags_NoBringToFrontOnFocus |
                                          ImGuiWindowFlags_NoScrollWithMouse;

std::size_t choose(const PanelContext& context, std::span<const Panel> panels, std::size_t chosen,
                   const Rect& rect) {
  std::vector<std::string_view> names;
  for (const Panel& panel : panels) names.push_back(panel.name);
  context.widgets.tabs(names, chosen, rect);
  return std::min(chosen, panels.size() - 1);
}

/// Draws the moment before the last record, for nobody, and keeps where things were.
void find_former_places(const PanelContext& context, const Panel& panel, const Rect& area, Moving& moving) {
  ImDrawList unseen(ImGui::GetDrawListSharedData());
  unseen._ResetForNewFrame();
  unseen.PushClipRectFullScreen();
  unseen.PushTextureID(ImGui::GetIO().Fonts->TexID);
  Canvas canvas(unseen, context.canvas.fonts(), context.canvas.zoom());
  Registry registry;
  panel.draw({canvas, registry, context.theme, context.recording, *context.former, context.marks,
              context.objects, context.document, context.widgets, context.look, context.selected,
              context.scenarios, context.lanes, context.search, context.effects, nullptr, &moving},
             area);
}

Wish draw_moving(const PanelContext& context, const Panel& panel, const Rect& area, float share) {
  Moving moving;
  find_former_places(context, panel, area, moving);
  moving.begin_present(share);
  PanelContext between = context;
  between.moving = &moving;
  return panel.draw(between, area);
}

void draw_panel(const PanelContext& context, const Panel& panel, const Rect& area, float share, Wish& wish) {
  context.registry.add(fmt::format("panel {}", panel.name), area);
  context.canvas.clip(area);
  const bool moves = panel.moves && context.former != nullptr;
  const Wish wished = moves ? draw_moving(context, panel, area, share) : panel.draw(context, area);
  context.canvas.unclip();
  if (wished.go_to) wish.go_to = wished.go_to;
  if (wished.select) wish.select = wished.select;
  if (wished.open) wish.open = wished.open;
}

/// A line between two parts that can be dragged; returns how far, in pixels.
float splitter(const char* name, Registry& registry, const Theme& theme, const Rect& bar, bool is_upright) {
  ImGui::SetCursorScreenPos({bar.x, bar.y});
  ImGui::InvisibleButton(name, {bar.w, bar.h});
  registry.add(name, bar);
  const bool is_held = ImGui::IsItemActive();
  if (is_held || ImGui::IsItemHovered()) {
    ImGui::GetWindowDrawList()->AddRectFilled({bar.x, bar.y}, {bar.right(), bar.bottom()}, theme.line, 3);
  }
  if (!is_held) return 0;
  return is_upright ? ImGui::GetIO().MouseDelta.x : ImGui::GetIO().MouseDelta.y;
}

/// Letters and named keys are known by where they lie, signs by what the layout makes of them: "?" is a text.
std::optional<KeyPress> command_key(const InputEvent& event) {
  const bool is_typing = ImGui::GetIO().WantTextInput;
  const auto is_sign = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; };
  if (event.kind == InputEvent::Kind::kText) {
    if (is_typing || event.text.size() != 1 || !is_sign(event.text[0]) || event.text == " ")
      return std::nullopt;
    return KeyPress{Key::kCharacter, event.text[0]};
  }
  if (event.kind != InputEvent::Kind::kKeyDown) return std::nullopt;
  const bool is_command = event.key.ctrl || event.key.key == Key::kF1 || event.key.key == Key::kEscape;
  if (is_typing && !is_command) return std::nullopt;
  if (event.key.key == Key::kCharacter && is_sign(event.key.character)) return std::nullopt;
  return event.key;
}

}  // namespace

void App::open(OpenRequest request) {
  const bool is_same = player_ && document_->request().path == request.path;
  resumes_at_ = is_same ? std::optional(player_->view().run.now) : std::nullopt;
  look_.knobs.before = is_same ? results_of(*document_) : Results();
  const std::uint64_t expected = is_same ? player_->recording().size() : 0;
  close();
  document_ = std::make_unique<Document>(std::move(request), expected);
}

void App::be_ready() {
  player_.emplace(document_->timeline());
  lanes_.emplace(player_->recording(), player_->objects());
  search_.emplace(player_->recording());
  player_->set_moves(look_.moves);
  if (resumes_at_) player_->seek_time(*resumes_at_);
}

bool App::must_read_lanes() const {
  return lanes_ && look_.centre == timeline_panel() && !lanes_->is_whole();
}

void App::close() {
  search_.reset();
  lanes_.reset();
  player_.reset();
  document_.reset();
  selected_ = {};
  look_.lesson = {};
  look_.timeline = {};
  look_.record_offset = look_.call_offset = 0;
}

bool App::advance(double seconds) {
  if (const std::optional<PaletteCommand> command = palette_.take()) command->run(*this);
  if (wanted_) open(*std::exchange(wanted_, std::nullopt));
  if (document_ == nullptr) return false;
  const bool was_running = document_->state() == Document::State::kRunning;
  if (document_->poll() && document_->state() == Document::State::kReady) be_ready();
  const bool has_moved = player_ && player_->advance(seconds);
  if (has_moved) look_.record_offset = look_.call_offset = 0;
  if (search_) search_->look_for(look_.timeline.wanted);
  const bool has_searched = search_ && search_->advance();
  if (must_read_lanes()) return lanes_->advance(Player::kFoldsAFrame);
  return was_running || has_moved || has_searched;
}

bool App::is_settled() const {
  if (document_ == nullptr) return true;
  if (document_->state() == Document::State::kRunning) return false;
  if (!player_) return true;
  const bool has_searched = search_->text() == look_.timeline.wanted && search_->is_over();
  return has_searched && player_->has_arrived() && !player_->is_playing() && !player_->is_moving() &&
         !must_read_lanes();
}

std::string App::title() const {
  if (document_ == nullptr) return "stackscope";
  std::string title = fmt::format("stackscope - {}", document_->name());
  if (!player_) return title;
  title += fmt::format(" - record {} - {}", player_->position().value, exact_time(player_->view().run.now));
  return selected_ ? title + " - " + text_of(selected_, document_->has_wire()) : title;
}

bool App::handle(const std::deque<InputEvent>& events) {
  for (const InputEvent& event : events) {
    if (event.kind == InputEvent::Kind::kQuit) return false;
    if (event.kind == InputEvent::Kind::kDropFile) open({event.text});
    if (ends_blank(event) || palette_.handle(event)) continue;
    const std::optional<KeyPress> key = command_key(event);
    if (!key) continue;
    if (const Action* action = action_for(*key)) action->run(*this);
  }
  return !is_leaving_;
}

// The key that ends it does nothing else, nor does the text that comes with it.
bool App::ends_blank(const InputEvent& event) {
  using Kind = InputEvent::Kind;
  if (look_.is_blank && (event.kind == Kind::kKeyDown || event.kind == Kind::kText)) {
    look_.is_blank = false;
    drops_text_ = event.kind == Kind::kKeyDown;
    return true;
  }
  if (event.kind == Kind::kText) return std::exchange(drops_text_, false);
  if (event.kind == Kind::kKeyDown || event.kind == Kind::kKeyUp) drops_text_ = false;
  return false;
}

void App::draw_blank(const Rect& window) {
  ImGui::GetWindowDrawList()->AddRectFilled({window.x, window.y}, {window.right(), window.bottom()}, rgb(0));
  registry_.add("blank", window, "any key");
  primitives_ = 1;
}

void App::draw(const Stage& stage) {
  registry_.begin_frame();
  const float zoom = look_.is_presenting ? kPresenterZoom : 1.0F;
  ImGui::GetIO().FontGlobalScale = zoom / stage.scale;
  const Theme theme = look_.is_dark ? Theme::dark() : Theme::light();
  apply_style(theme);
  const Rect window{0, 0, static_cast<float>(stage.width), static_cast<float>(stage.height)};
  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize({window.w, window.h});
  ImGui::Begin("stackscope", nullptr, kWholeWindow);
  if (look_.is_blank) {
    draw_blank(window);
    return ImGui::End();
  }
  Canvas canvas(*ImGui::GetWindowDrawList(), stage.fonts, zoom);
  const Widgets widgets(registry_, theme, zoom);
  const ChromeContext chrome{*this, canvas, theme, widgets};
  Rect rest = window;
  draw_title(chrome, cut_top(rest, 40 * zoom));
  draw_transport(chrome, cut_bottom(rest, 42 * zoom));
  if (player_) {
    registry_.set_has_hosts(document_->has_wire());
    const Marks marks = player_->marks();
    const bool has_record = selected_.kind == ObjectKind::kRecord;
    const std::vector<RecordId> effects =
        effects_of(player_->recording(), has_record ? RecordId{selected_.id} : RecordId{});
    draw_document({canvas, registry_, theme, player_->recording(), player_->view(), marks, player_->objects(),
                   *document_, widgets, look_, selected_, scenarios_, *lanes_, *search_, effects,
                   player_->motion().former()},
                  rest);
  } else {
    draw_empty(canvas, theme, widgets, rest);
  }
  draw_overlays(chrome, window);
  primitives_ = canvas.primitives();
  ImGui::End();
}

void App::draw_document(const PanelContext& context, Rect area) {
  const float zoom = context.canvas.zoom(), bar = 28 * zoom;
  const float whole = area.w;
  Rect side = cut_right(area, whole * look_.side_width);
  const float moved = splitter("splitter side", registry_, context.theme, cut_left(side, 6), true);
  look_.side_width = std::clamp(look_.side_width - moved / whole, 0.15F, 0.6F);
  Rect tabs = cut_top(area, bar + 4);
  look_.centre = choose(context, centre_panels(), look_.centre, {tabs.x + 8, tabs.y + 2, tabs.w, bar});
  if (look_.shows_legend)
    draw_legend(context.canvas, registry_, context.theme, cut_bottom(area, 22 * zoom).inset(2));
  draw_notice(context, area);
  Wish wish;
  draw_panel(context, centre_panels()[look_.centre], area, player_->motion().share(), wish);
  grant(wish);
  draw_side(context, side.inset(4));
  pick_objects(area);
}

void App::draw_notice(const PanelContext& context, Rect& area) {
  const std::string& notice = document_->notice();
  if (notice.empty()) return;
  const Rect line = cut_top(area, context.canvas.height_of(Face::kText) + 8).inset(3);
  context.canvas.text_in({line.x + 8, line.y, line.w - 16, line.h}, notice, context.theme.hardirq);
  registry_.add("notice", line, notice);
}

void App::draw_side(const PanelContext& context, Rect area) {
  const Rect tabs = cut_top(area, 28 * context.canvas.zoom());
  look_.side = choose(context, side_panels(), look_.side, tabs);
  const float whole = area.h;
  const Rect upper = cut_top(area, whole * look_.side_split);
  const float moved = splitter("splitter details", registry_, context.theme, cut_top(area, 6), false);
  look_.side_split = std::clamp(look_.side_split + moved / whole, 0.15F, 0.85F);
  Wish wish;
  draw_panel(context, side_panels()[look_.side], upper, player_->motion().share(), wish);
  draw_panel(context, {"details", draw_details}, area, 1, wish);
  grant(wish);
}

void App::grant(const Wish& wish) {
  if (wish.select) selected_ = *wish.select;
  if (wish.go_to) player_->pause(), player_->seek(*wish.go_to);
  if (wish.open) wanted_ = *wish.open;
}

void App::draw_empty(Canvas& canvas, const Theme& theme, const Widgets& widgets, Rect area) {
  if (document_ != nullptr && document_->state() == Document::State::kRunning) {
    return draw_running(canvas, theme, widgets, area);
  }
  const bool has_failed = document_ != nullptr;
  const Rect top = cut_top(area, has_failed ? area.h * 0.45F : 44 * canvas.zoom());
  if (has_failed) {
    draw_error(canvas, theme, top);
  } else {
    canvas.text_in(top, "Open a variant, or drop a scenario or a recording here.", theme.dim, Face::kText,
                   Align::kCentre);
  }
  const Wish wish = draw_browser({canvas, theme, widgets, scenarios_, nullptr}, area);
  if (wish.open) look_.centre = 0;
  grant(wish);
}

bool App::stop() {
  const bool is_running = document_ != nullptr && document_->state() == Document::State::kRunning;
  if (is_running) document_->stop();
  return is_running;
}

/// How far it is: of the records that the same scenario had before, or of the time that it may take.
void App::draw_running(Canvas& canvas, const Theme& theme, const Widgets& widgets, const Rect& area) {
  const float zoom = canvas.zoom(), width = std::min(420 * zoom, area.w - 40);
  Rect box{area.middle_x() - width / 2, area.middle_y() - 50 * zoom, width, 100 * zoom};
  const Document::Progress progress = document_->progress();
  canvas.text_in(cut_top(box, 24 * zoom), progress.text, theme.dim, Face::kText, Align::kCentre);
  const Rect bar = cut_top(box, 8 * zoom);
  canvas.fill(bar, theme.raised, 4);
  canvas.fill({bar.x, bar.y, bar.w * static_cast<float>(progress.share), bar.h}, theme.user, 4);
  registry_.add("progress", bar, progress.text);
  cut_top(box, 14 * zoom);
  if (document_->run() == nullptr) return;
  const Rect button{area.middle_x() - 60 * zoom, box.y, 120 * zoom, 28 * zoom};
  if (widgets.button("stop", "stop (Escape)", button)) stop();
}

void App::draw_error(Canvas& canvas, const Theme& theme, const Rect& area) {
  registry_.add("error", area, document_->error());
  Rect rest = area.inset(24);
  canvas.text_in(cut_top(rest, 26), document_->name() + " cannot be opened", theme.text, Face::kBold);
  std::string_view text = document_->error();
  while (!text.empty() && rest.h > 18) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    canvas.text_in(cut_top(rest, 18), text.substr(0, end), theme.text, Face::kMono);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void App::draw_overlays(const ChromeContext& context, const Rect& area) {
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const Registry::Entry* hovered = registry_.object_at(mouse.x, mouse.y);
  const bool is_covered = look_.shows_help || palette_.is_open();
  if (hovered != nullptr && !is_covered && !ImGui::IsMouseDown(0))
    draw_tooltip(context.canvas, context.theme, *hovered, area);
  if (look_.shows_help) draw_help(context.canvas, registry_, context.theme, area);
  if (palette_.is_open()) draw_palette(context, palette_, area);
}

void App::pick_objects(const Rect& area) {
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  if (!ImGui::IsMouseClicked(0) || !area.contains(mouse.x, mouse.y) || look_.shows_help || palette_.is_open())
    return;
  const Registry::Entry* entry = registry_.object_at(mouse.x, mouse.y);
  selected_ = entry == nullptr ? ObjectRef{} : entry->object;
}

}  // namespace stackscope::gui
