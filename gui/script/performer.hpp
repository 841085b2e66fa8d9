#pragma once
// Performs a script on a headless window: every command becomes input events, as if a person had made them.

#include <string>

#include "gui/app/app.hpp"
#include "gui/platform/window.hpp"
#include "gui/script/script.hpp"

namespace stackscope::gui {

class Performer {
 public:
  Performer(App& app, Window& window, std::string script_name)
      : app_(app), window_(window), name_(std::move(script_name)) {
    app_.look().moves = false;  // a script sees where a step leads; `motion` shows what lies between
  }

  /// Throws ScriptFailure where something is not as the script expects, or a command is wrong.
  void perform(const ScriptLine& line);
  /// Frames until nothing moves any more but what plays. Throws std::runtime_error where that never comes.
  void settle();
  /// One frame, with a sixtieth of a second before it.
  void frame();

 private:
  using Command = void (Performer::*)(const ScriptLine&);
  static Command command_named(std::string_view name);

  void size(const ScriptLine& line);
  void scale(const ScriptLine& line);
  void theme(const ScriptLine& line);
  void present(const ScriptLine& line);
  void open(const ScriptLine& line);
  void start(const ScriptLine& line);
  void rest(const ScriptLine& line);
  void seek(const ScriptLine& line);
  void step(const ScriptLine& line);
  void click(const ScriptLine& line);
  void hover(const ScriptLine& line);
  void drag(const ScriptLine& line);
  void scroll(const ScriptLine& line);
  void type(const ScriptLine& line);
  void key(const ScriptLine& line);
  void run(const ScriptLine& line);
  void play(const ScriptLine& line);
  void wait(const ScriptLine& line);
  void motion(const ScriptLine& line);
  void expect(const ScriptLine& line);
  void expect_not(const ScriptLine& line);
  void screenshot(const ScriptLine& line);
  void list(const ScriptLine& line);

  [[noreturn]] void fail(const ScriptLine& line, const std::string& what) const;
  std::int64_t number(const ScriptLine& line, std::size_t word) const;
  Player& player(const ScriptLine& line) const;
  const Registry::Entry& entry_of(const ScriptLine& line, const std::string& name) const;
  /// Where the mouse can reach it. Fails where it is scrolled out of sight.
  Rect rect_of(const ScriptLine& line, const std::string& name);
  void move_to(float x, float y);
  void button(bool is_down);

  App& app_;
  Window& window_;
  std::string name_;
};

}  // namespace stackscope::gui
