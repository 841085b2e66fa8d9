#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <optional>

#include "analysis/timeline.hpp"
#include "runner/commands/commands.hpp"
#include "runner/name_checks.hpp"
#include "runner/results/socket_list.hpp"
#include "runner/scenario/diagnostic.hpp"
#include "runner/session.hpp"
#include "sim/recording_file.hpp"

namespace stackscope {
namespace {

class Sockets {
 public:
  Sockets(const SocketsRequest& request, const Console& console) : request_(request), console_(console) {}

  ExitCode go() {
    try {
      const bool is_scenario = std::filesystem::path(request_.path).extension() == ".toml";
      return is_scenario ? of_scenario() : of_recording();
    } catch (const RecordingError& error) {
      console_.complain(fmt::format("stackscope sockets: {}: {}", request_.path, error.what()));
      return ExitCode::usage;
    }
  }

 private:
  ExitCode of_recording() {
    if (request_.variant != kBaseline || !request_.sets.empty()) {
      console_.complain("stackscope sockets: --variant and --set are for scenarios; a recording is one run");
      return ExitCode::usage;
    }
    const RecordingFile file{std::filesystem::path(request_.path)};
    if (file.damage())
      console_.complain(fmt::format("stackscope sockets: {}: {}", request_.path, *file.damage()));
    return show(file);
  }

  ExitCode of_scenario() {
    LoadedScenario loaded = load_checked_scenario(request_.path);
    if (!loaded.scenario || !loaded.errors.empty()) return refuse(loaded.errors);
    Resolution resolution = resolve(*loaded.scenario, request_.variant, request_.sets);
    if (!resolution.scenario) return refuse(resolution.errors);
    SessionOptions options;
    options.keep = Keep::kMemory;
    std::vector<Diagnostic> errors;
    const std::unique_ptr<Session> session = Session::open(*resolution.scenario, options, errors);
    if (session == nullptr) return refuse(errors);
    request_.at ? static_cast<void>(session->run_until(*request_.at)) : session->run();
    session->finish();
    return show(session->recording());
  }

  ExitCode refuse(const std::vector<Diagnostic>& errors) {
    console_.err << render(errors, console_.error_width);
    return ExitCode::usage;
  }

  ExitCode show(const Recording& recording) {
    Timeline timeline(recording);
    Cursor cursor(timeline);
    request_.at ? cursor.seek_time(*request_.at) : cursor.seek(RecordId{recording.size()});
    bool is_first = true, is_shown = false;
    for (const auto& [number, host] : cursor.view().hosts) {
      const std::string name(host.name.value == 0 ? std::string_view() : recording.string(host.name));
      if (!request_.host.empty() && name != request_.host) continue;
      if (host.sockets.empty() && request_.host.empty()) continue;
      const Instant now = request_.at.value_or(cursor.view().run.now);
      console_.out << (is_first ? "" : "\n") << fmt::format("{} at {} ns\n", name, now.count())
                   << (request_.as_proc ? sockets_as_proc(host, now)
                                        : sockets_as_ss(host, now, request_.in_detail));
      is_first = false, is_shown = true;
    }
    if (is_shown) return ExitCode::all_held;
    console_.complain(request_.host.empty()
                          ? std::string("stackscope sockets: nobody has a socket at that moment")
                          : fmt::format("stackscope sockets: there is no host '{}'", request_.host));
    return ExitCode::nothing_matched;
  }

  const SocketsRequest& request_;
  const Console& console_;
};

}  // namespace

ExitCode sockets_command(const SocketsRequest& request, const Console& console) {
  return Sockets(request, console).go();
}

}  // namespace stackscope
