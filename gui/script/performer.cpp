#include "gui/script/performer.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <fmt/format.h>
#include <thread>
#include <utility>

#include "gui/app/actions.hpp"
#include "kernel_model/vocabulary/quantity.hpp"
#include "sim/suggest.hpp"

namespace stackscope::gui {
namespace {

constexpr float kFrame = 1.0F / 60;
constexpr int kMostFrames = 20'000;

InputEvent event_of(InputEvent::Kind kind) {
  InputEvent event{};
  event.kind = kind;
  return event;
}

}  // namespace

Performer::Command Performer::command_named(std::string_view name) {
  static constexpr std::pair<std::string_view, Command> kCommands[] = {
      {"size", &Performer::size},
      {"scale", &Performer::scale},
      {"theme", &Performer::theme},
      {"present", &Performer::present},
      {"open", &Performer::open},
      {"start", &Performer::start},
      {"settle", &Performer::rest},
      {"seek", &Performer::seek},
      {"step", &Performer::step},
      {"click", &Performer::click},
      {"hover", &Performer::hover},
      {"drag", &Performer::drag},
      {"scroll", &Performer::scroll},
      {"type", &Performer::type},
      {"key", &Performer::key},
      {"run", &Performer::run},
      {"play", &Performer::play},
      {"wait", &Performer::wait},
      {"motion", &Performer::motion},
      {"expect", &Performer::expect},
      {"expect-not", &Performer::expect_not},
      {"screenshot", &Performer::screenshot},
      {"list", &Performer::list},
  };
  for (const auto& [known, command] : kCommands) {
    if (known == name) return command;
  }
  return nullptr;
}

void Performer::perform(const ScriptLine& line) {
  const Command command = command_named(line.words.front());
  if (command == nullptr) fail(line, fmt::format("there is no command \"{}\"", line.words.front()));
  try {
    (this->*command)(line);
  } catch (const ScriptFailure&) {
    throw;
  } catch (const std::runtime_error& error) {
    fail(line, error.what());
  }
}

void Performer::frame() {
  const std::deque<InputEvent> events = window_.input().take_frame();
  feed_imgui(events);
  app_.handle(events);
  app_.advance(kFrame);
  window_.frame(kFrame,
                [this] { app_.draw({window_.width(), window_.height(), window_.scale(), window_.fonts()}); });
}

// A run in the background takes real time; everything else is counted in frames.
void Performer::settle() {
  for (int frames = 0; frames < kMostFrames; ++frames) {
    frame();
    const bool is_playing =
        app_.player() != nullptr && app_.player()->is_playing();  // for as long as a person likes
    if (window_.input().empty() && (app_.is_settled() || is_playing)) return frame();
    const Document* document = app_.document();
    if (document != nullptr && document->state() == Document::State::kRunning) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  throw std::runtime_error(fmt::format("nothing came to rest within {} frames", kMostFrames));
}

void Performer::fail(const ScriptLine& line, const std::string& what) const {
  throw ScriptFailure(fmt::format("{}:{}: {}", name_, line.number, what));
}

std::int64_t Performer::number(const ScriptLine& line, std::size_t word) const {
  const std::optional<std::int64_t> found =
      word < line.words.size() ? parse_integer(line.words[word]) : std::nullopt;
  if (!found) fail(line, "a number is missing");
  return *found;
}

Player& Performer::player(const ScriptLine& line) const {
  if (app_.player() != nullptr) return *app_.player();
  const Document* document = app_.document();
  fail(line, document == nullptr ? "nothing is open" : "not open: " + document->error());
}

const Registry::Entry& Performer::entry_of(const ScriptLine& line, const std::string& name) const {
  if (const Registry::Entry* entry = app_.registry().find(name)) return *entry;
  const std::vector<std::string> names = app_.registry().names();
  const std::string near = suggestion(name, names);
  const std::string hint = near.empty() ? fmt::format("there are: {}", fmt::join(names, ", "))
                                        : fmt::format("did you mean \"{}\"?", near);
  fail(line, fmt::format("nothing on the screen is called \"{}\"; {}", name, hint));
}

// What is scrolled away is brought back as a person would: by the wheel, over the place that scrolls.
Rect Performer::rect_of(const ScriptLine& line, const std::string& name) {
  constexpr int kMostTurns = 1'000;
  for (int turns = 0; turns < kMostTurns; ++turns) {
    const Registry::Entry& entry = entry_of(line, name);
    if (entry.is_in_sight()) return entry.rect;
    const Rect view = *entry.scrolls_in;
    const float way = entry.rect.middle_y() > view.middle_y() ? -1.0F : 1.0F;
    move_to(view.middle_x(), view.middle_y());
    InputEvent event = event_of(InputEvent::Kind::kWheel);
    event.y = way;
    window_.input().push(event);
    settle();
  }
  fail(line, fmt::format("\"{}\" is scrolled out of sight, and does not come back", name));
}

void Performer::move_to(float x, float y) {
  InputEvent event = event_of(InputEvent::Kind::kMove);
  event.x = x, event.y = y;
  window_.input().push(event);
  frame();
}

void Performer::button(bool is_down) {
  InputEvent event = event_of(InputEvent::Kind::kButton);
  event.is_down = is_down;
  window_.input().push(event);
  frame();
}

void Performer::size(const ScriptLine& line) {
  window_.resize(static_cast<int>(number(line, 1)), static_cast<int>(number(line, 2)), window_.scale());
  settle();
}

void Performer::scale(const ScriptLine& line) {
  window_.resize(window_.width(), window_.height(), static_cast<float>(number(line, 1)));
  settle();
}

void Performer::theme(const ScriptLine& line) {
  app_.look().is_dark = line.joined(1, 2) == "dark";
  settle();
}

void Performer::present(const ScriptLine& line) {
  app_.look().is_presenting = line.joined(1, 2) != "off";
  settle();
}

// start PATH [VARIANT [PATH=VALUE…]]: and do not wait
void Performer::start(const ScriptLine& line) {
  OpenRequest request{line.joined(1, 2)};
  if (line.words.size() > 2) request.variant = line.words[2];
  for (std::size_t i = 3; i < line.words.size(); ++i) request.sets.push_back(line.words[i]);
  app_.open(std::move(request));
  frame();
}

void Performer::open(const ScriptLine& line) {
  start(line);
  settle();
}

void Performer::rest(const ScriptLine&) { settle(); }

void Performer::seek(const ScriptLine& line) {
  Player& at = player(line);
  const std::string where = line.joined(1, 2);
  if (where == "start") {
    at.seek(RecordId{});
  } else if (where == "end") {
    at.seek(RecordId{at.recording().size()});
  } else if (where == "record") {
    at.seek(RecordId{static_cast<std::uint64_t>(number(line, 2))});
  } else if (where == "time") {
    const ParsedQuantity time = parse_quantity(line.joined(2, 3), Dimension::kDuration);
    if (time.complaint) fail(line, time.complaint->message);
    at.seek_time(Instant::ns(time.value));
  } else if (where == "first" || where == "next") {
    if (where == "first") at.seek(RecordId{});
    const auto kind = at.recording().schema().find(line.joined(2, 3));
    if (!kind) fail(line, fmt::format("the recording has no \"{}\"", line.joined(2, 3)));
    std::int64_t wanted = line.words.size() > 3 ? number(line, 3) : 1;
    for (const RawRecord& record :
         at.recording().records(RecordId{at.target().value + 1}, RecordId{at.recording().size() + 1})) {
      if (record.header.kind != *kind || --wanted > 0) continue;
      at.seek(record.id);
      break;
    }
    if (wanted > 0) fail(line, "there are not so many");
  } else {
    fail(line, "seek start | end | record N | time T | first KIND [N] | next KIND [N]");
  }
  settle();
}

// step N [back] [record|event|packet|call|wake-up|drop]
void Performer::step(const ScriptLine& line) {
  std::size_t word = 1;
  const std::int64_t count =
      line.words.size() > 1 && std::isdigit(static_cast<unsigned char>(line.words[1][0])) != 0
          ? number(line, word++)
          : 1;
  Direction direction = Direction::kOn;
  if (word < line.words.size() && line.words[word] == "back") direction = Direction::kBack, ++word;
  const std::string name = word < line.words.size() ? line.joined(word, line.words.size()) : "record";
  std::size_t kind = 0;
  while (kind < kSteps && name_of(static_cast<Step>(kind)) != name) ++kind;
  if (kind == kSteps) fail(line, fmt::format("there is no step \"{}\"", name));
  for (std::int64_t i = 0; i < count; ++i) player(line).step(static_cast<Step>(kind), direction);
  settle();
}

// Large things near their upper edge, where their title is and nothing lies on them.
void Performer::click(const ScriptLine& line) {
  const Rect rect = rect_of(line, line.joined(1, line.words.size()));
  move_to(rect.middle_x(), rect.y + std::min(rect.h / 2, 12.0F));
  button(true);
  button(false);
  settle();
}

void Performer::hover(const ScriptLine& line) {
  const Rect rect = rect_of(line, line.joined(1, line.words.size()));
  move_to(rect.middle_x(), rect.middle_y());
  settle();
}

// drag NAME DX DY
void Performer::drag(const ScriptLine& line) {
  const std::size_t words = line.words.size();
  if (words < 4) fail(line, "drag NAME DX DY");
  const Rect rect = rect_of(line, line.joined(1, words - 2));
  move_to(rect.middle_x(), rect.middle_y());
  button(true);
  constexpr int kPieces = 4;
  for (int i = 1; i <= kPieces; ++i) {
    const float share = static_cast<float>(i) / kPieces;
    move_to(rect.middle_x() + static_cast<float>(number(line, words - 2)) * share,
            rect.middle_y() + static_cast<float>(number(line, words - 1)) * share);
  }
  button(false);
  settle();
}

// scroll NAME TURNS
void Performer::scroll(const ScriptLine& line) {
  const std::size_t words = line.words.size();
  if (words < 3) fail(line, "scroll NAME TURNS");
  const Rect rect = rect_of(line, line.joined(1, words - 1));
  move_to(rect.middle_x(), rect.middle_y());
  InputEvent event = event_of(InputEvent::Kind::kWheel);
  event.y = static_cast<float>(number(line, words - 1));
  window_.input().push(event);
  settle();
}

void Performer::type(const ScriptLine& line) {
  InputEvent event = event_of(InputEvent::Kind::kText);
  event.text = line.joined(1, line.words.size());
  window_.input().push(event);
  settle();
}

void Performer::key(const ScriptLine& line) {
  const std::string text = line.joined(1, 2);
  const KeyPress press = parse_key(text);
  if (press.key == Key::kNone) fail(line, fmt::format("there is no key \"{}\"", text));
  const bool is_sign = text.size() == 1 && std::isalnum(static_cast<unsigned char>(text[0])) == 0;
  InputEvent event = event_of(is_sign ? InputEvent::Kind::kText : InputEvent::Kind::kKeyDown);
  event.key = press;
  event.text = text;
  window_.input().push(event);
  if (!is_sign) {
    event.kind = InputEvent::Kind::kKeyUp;
    window_.input().push(event);
  }
  settle();
}

void Performer::run(const ScriptLine& line) {
  const Action* action = action_named(line.joined(1, line.words.size()));
  if (action == nullptr) fail(line, "there is no such action");
  action->run(app_);
  settle();
}

// play FRAMES: a sixtieth of a second each
void Performer::play(const ScriptLine& line) {
  player(line).play();
  for (std::int64_t i = 0; i < number(line, 1); ++i) frame();
  player(line).pause();
  settle();
}

void Performer::wait(const ScriptLine& line) {
  for (std::int64_t i = 0; i < number(line, 1); ++i) frame();
}

// motion PERCENT: what the last record changed, held on its way
void Performer::motion(const ScriptLine& line) {
  player(line).hold_motion(static_cast<double>(number(line, 1)) / 100);
  frame();
  frame();
}

// expect NAME "text": the last word is the text; "" is an empty text, not any.
void Performer::expect(const ScriptLine& line) {
  const std::size_t words = line.words.size();
  if (words < 3) fail(line, "expect NAME \"text\"");
  const std::string name = line.joined(1, words - 1), &wanted = line.words.back();
  const std::string& text = entry_of(line, name).text;
  if (wanted.empty() ? !text.empty() : text.find(wanted) == std::string::npos)
    fail(line, fmt::format("\"{}\" says \"{}\", not \"{}\"", name, text, wanted));
}

void Performer::expect_not(const ScriptLine& line) {
  const std::string name = line.joined(1, line.words.size());
  if (app_.registry().find(name) != nullptr) fail(line, fmt::format("\"{}\" is on the screen", name));
}

void Performer::screenshot(const ScriptLine& line) {
  settle();
  window_.save_screenshot(line.joined(1, 2));
}

void Performer::list(const ScriptLine&) {
  for (const Registry::Entry& entry : app_.registry().entries())
    fmt::print("{}: {}\n", entry.name, entry.text);
}

}  // namespace stackscope::gui
