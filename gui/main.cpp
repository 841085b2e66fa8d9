// stackscope-gui: the window.

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <thread>

#include "gui/app/app.hpp"
#include "gui/platform/window.hpp"
#include "gui/script/performer.hpp"

namespace stackscope::gui {
namespace {

constexpr int kScriptFailed = 1, kUsageError = 2;  // as `stackscope` itself has them

struct Arguments {
  std::string path, variant = std::string(kBaseline);
  std::vector<std::string> sets;
  std::string script;
  bool is_headless = false;
  int width = 1600, height = 900;
  float scale = 0;
};

void declare(CLI::App& cli, Arguments& arguments) {
  cli.description("Look at a scenario's run, or at a recording: step through it, forwards and back.");
  cli.add_option("PATH", arguments.path, "A scenario (.toml) or a recording.");
  cli.add_option("--variant", arguments.variant, "Of the scenario.");
  // One value each: otherwise it would take the scenario that follows it, too.
  cli.add_option("--set", arguments.sets, "PATH=VALUE: change a value of the scenario.")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
  cli.add_flag("--headless", arguments.is_headless,
               "Without a display: does what --script says, or tells whether PATH opens.");
  cli.add_option("--script", arguments.script, "Do what the file says, then end; with --headless.");
  cli.add_option("--width", arguments.width, "Of the window, in logical pixels.")
      ->check(CLI::Range(320, 8192));
  cli.add_option("--height", arguments.height)->check(CLI::Range(240, 8192));
  cli.add_option("--scale", arguments.scale, "Device pixels a logical one.")->check(CLI::Range(0.5, 4.0));
}

void refuse_what_does_not_go_together(const Arguments& arguments) {
  if (!arguments.script.empty() && !arguments.is_headless)
    throw CLI::ValidationError("--script",
                               "goes with --headless: a script waits for nobody and shows nothing");
  if (arguments.is_headless && arguments.script.empty() && arguments.path.empty())
    throw CLI::ValidationError("--headless", "needs something to do: --script FILE, or a PATH to open");
}

int run_script(const Arguments& arguments, App& app, Window& window) {
  std::ifstream file(arguments.script);
  if (!file) {
    fmt::print(stderr, "{}: cannot be read\n", arguments.script);
    return kUsageError;
  }
  std::ostringstream text;
  text << file.rdbuf();
  Performer performer(app, window, arguments.script);
  performer.settle();
  for (const ScriptLine& line : parse_script(arguments.script, text.str())) performer.perform(line);
  return 0;
}

/// Opens what is to be opened, and says where that cannot be.
int check_opening(App& app) {
  while (app.document() != nullptr && app.document()->state() == Document::State::kRunning) {
    app.advance(0);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  if (app.document() == nullptr || app.document()->state() == Document::State::kReady) return 0;
  fmt::print(stderr, "{}\n", app.document()->error());
  return kUsageError;
}

/// A frame is drawn where there is a reason: input, movement, a run that goes on. ImGui wants a few more to come to rest.
int run_window(App& app, Window& window) {
  constexpr int kFramesToRest = 3;
  using Clock = std::chrono::steady_clock;
  Clock::time_point last = Clock::now();
  int due = kFramesToRest;
  while (true) {
    window.poll(due > 0 || !app.is_settled() ? 0 : 1'000);
    const std::deque<InputEvent> events = window.input().take_frame();
    const Clock::time_point now = Clock::now();
    const float seconds = std::min(std::chrono::duration<float>(now - last).count(), 0.1F);
    last = now;
    feed_imgui(events);
    if (!app.handle(events)) return 0;
    if (app.advance(seconds) || !events.empty()) due = kFramesToRest;
    if (due == 0) continue;
    --due;
    window.frame(seconds,
                 [&] { app.draw({window.width(), window.height(), window.scale(), window.fonts()}); });
    window.present();
    window.set_title(app.title());
  }
}

int run(int argc, char** argv) {
  Arguments arguments;
  CLI::App cli;
  declare(cli, arguments);
  try {
    cli.parse(argc, argv);
    refuse_what_does_not_go_together(arguments);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : kUsageError;
  }
  Window window({arguments.is_headless, arguments.width, arguments.height, arguments.scale});
  App app;
  if (!arguments.path.empty()) app.open({arguments.path, arguments.variant, arguments.sets});
  if (!arguments.script.empty()) return run_script(arguments, app, window);
  return arguments.is_headless ? check_opening(app) : run_window(app, window);
}

}  // namespace
}  // namespace stackscope::gui

int main(int argc, char** argv) {
  using namespace stackscope::gui;
  try {
    return run(argc, argv);
  } catch (const ScriptFailure& failure) {
    fmt::print(stderr, "{}\n", failure.what());
    return kScriptFailed;
  } catch (const std::exception& error) {
    fmt::print(stderr, "stackscope-gui: {}\n", error.what());
    return kUsageError;
  }
}
