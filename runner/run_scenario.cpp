#include "runner/run_scenario.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

#include "runner/capture/pcap_writer.hpp"
#include "runner/name_checks.hpp"
#include "runner/recording_query.hpp"
#include "runner/session.hpp"
#include "runner/simulation.hpp"
#include "sim/recording_file.hpp"
#include "sim/script/lexer.hpp"

namespace stackscope {
namespace {

bool asks_the_recording(const ExpectSpec& spec) {
  const auto functions = record_function_names();
  const auto tokens = script::tokens_of(spec.that.text);
  const script::NamesInUse used = script::names_in(tokens);
  return std::any_of(used.names.begin(), used.names.end(), [&](const script::NameUse& use) {
    return std::find(functions.begin(), functions.end(), use.chain.front().text) != functions.end();
  });
}

/// One run on its way; each step leaves its errors in `run.errors`.
class Attempt {
 public:
  Attempt(const NamedScenario& named, const std::string& variant, const RunOptions& options)
      : named_(named), options_(options) {
    for (const ExpectSpec& spec : named.scenario->expectations) {
      if (spec.variant == variant) expectations_.push_back(&spec);
    }
    Resolution resolution = resolve(*named.scenario, variant, options.sets);
    errors_ = std::move(resolution.errors);
    if (!resolution.scenario) return;
    resolved_ = std::move(resolution.scenario);
    if (options.seed) resolved_->seed = *options.seed;
    if (!options.sets.empty()) errors_ = check_names(*named.scenario, *resolved_);
  }

  ScenarioRun run(const std::string& record) {
    if (!errors_.empty()) return {std::nullopt, errors_};
    result_ = blank_result();
    try {
      if (!run_session(record)) return {std::nullopt, errors_};
    } catch (const RecordingError& error) {
      return {std::nullopt, {about_file("--record", record, error.what())}};
    } catch (const PcapError& error) {
      return {std::nullopt, {about_file("--pcap", options_.pcap, error.what())}};
    } catch (const std::exception& error) {
      result_ = blank_result();
      result_.outcome = InternalError{error.what()};
    }
    expect_fingerprint();
    return {std::move(result_), errors_};
  }

 private:
  bool run_session(const std::string& record) {
    SessionOptions session_options;
    session_options.seed = options_.seed;
    const bool asks = std::any_of(expectations_.begin(), expectations_.end(),
                                  [](const ExpectSpec* spec) { return asks_the_recording(*spec); });
    session_options.keep = !record.empty() ? Keep::kFile : asks ? Keep::kMemory : Keep::kNothing;
    session_options.file = record;
    session_options.pcap = options_.pcap;
    if (!options_.until.empty()) {
      session_options.until = Instant::ns(parse_quantity(options_.until, Dimension::kDuration).value);
    }
    const std::unique_ptr<Session> session = Session::open(*resolved_, session_options, errors_);
    if (!session) return false;
    while (session->step()) {
      if (options_.is_interrupted()) return false;
    }
    result_ = session->result();
    describe(result_);
    session->finish();
    look_at_lua(*session);
    evaluate_all(asks, record, session_options.keep == Keep::kMemory ? &session->recording() : nullptr);
    return true;
  }

  /// Nobody writes an expectation that a program has no error, and everybody expects it.
  void look_at_lua(const Session& session) {
    for (const auto& [run, end] : session.lua_ends()) {
      if (end->exit_code() == 0) continue;
      const std::string first_line = end->message.substr(0, end->message.find('\n'));
      result_.expectations.push_back({fmt::format("run '{}' ends without an error", run), resolved_->variant,
                                      false, first_line, named_.path});
    }
  }

  void evaluate_all(bool asks, const std::string& record, const Recording* in_memory) {
    std::optional<RecordingFile> file;
    if (asks && !in_memory) file.emplace(std::filesystem::path(record));
    std::optional<RecordingQuery> query;
    if (asks) query.emplace(in_memory ? *in_memory : *file);
    const std::vector<std::string> counters = counter_names();
    const Evidence evidence{result_.metrics, result_.counters, counters, query ? &*query : nullptr};
    for (const ExpectSpec* spec : expectations_) result_.expectations.push_back(checked(*spec, evidence));
  }

  CheckedExpectation checked(const ExpectSpec& spec, const Evidence& evidence) {
    const Verdict verdict = evaluate(expectation_of(spec), evidence);
    if (verdict.outcome == Verdict::Outcome::kError && verdict.error) {
      errors_.push_back(in_file(spec.that, *verdict.error));
    }
    const bool passed = verdict.outcome == Verdict::Outcome::kPassed;
    return {spec.that.text, spec.variant, passed, passed ? "" : verdict.reason, position_of(spec)};
  }

  static std::string position_of(const ExpectSpec& spec) {
    const Span& at = spec.that.at;
    return fmt::format("{}:{}:{}", at.source ? at.source->name : "", at.line, at.column);
  }

  RunResult blank_result() const {
    RunResult result;
    describe(result);
    return result;
  }

  /// What the caller of a session knows and the session does not.
  void describe(RunResult& result) const {
    const Scenario& scenario = *named_.scenario;
    result.scenario = named_.name, result.path = named_.path;
    result.title = scenario.title, result.lesson = scenario.lesson;
    result.variant = resolved_->variant;
    result.seed = static_cast<std::uint64_t>(resolved_->seed);
    result.arguments = replay_arguments(options_);
    for (const LocatedText& column : scenario.columns) result.columns.push_back(column.text);
    for (const Reference& reference : scenario.references) {
      if (reference.variant != resolved_->variant) continue;
      result.references.push_back({reference.metric, reference.value, reference.source});
    }
  }

  void expect_fingerprint() {
    const std::string& expected = options_.expect_fingerprint;
    if (expected.empty() || !result_.completed()) return;
    const std::optional<Fingerprint> print = Fingerprint::parse(expected);
    if (print && print->text() == result_.fingerprint) return;
    result_.outcome = Mismatch{"--expect-fingerprint", expected, result_.fingerprint};
  }

  static Diagnostic about_file(const char* option, const std::string& path, std::string message) {
    const auto length = static_cast<std::uint32_t>(std::max<std::size_t>(path.size(), 1));
    return {Span{std::make_shared<Source>(Source{option, path, 1}), 1, 1, length}, std::move(message), ""};
  }

  const NamedScenario& named_;
  const RunOptions& options_;
  std::vector<const ExpectSpec*> expectations_;
  std::optional<ResolvedScenario> resolved_;
  std::vector<Diagnostic> errors_;
  RunResult result_;
};

bool can_be_recorded(const ScenarioRun& run) {
  return run.result && !run.result->passed() && !std::holds_alternative<InternalError>(run.result->outcome);
}

/// The same run once more, told to a file. That it fails again is what determinism means; if it does not, that is the news.
ScenarioRun recorded_again(const NamedScenario& named, const std::string& variant, const RunOptions& options,
                           ScenarioRun first) {
  std::error_code ignored;  // the recording itself says what is wrong with the folder
  std::filesystem::create_directories(options.record_on_failure, ignored);
  const std::string path = recording_path(options.record_on_failure, *first.result);
  RunOptions recording = options;
  recording.pcap.clear();  // the first run wrote it
  ScenarioRun second = Attempt(named, variant, recording).run(path);
  if (second.is_interrupted()) first.result->notes.emplace_back("not recorded: it was interrupted");
  if (!second.result) return {std::move(first.result), std::move(second.errors)};
  second.result->notes.push_back("recorded: " + path);
  if (second.result->fingerprint != first.result->fingerprint) {
    second.result->outcome = Mismatch{"the run that was recorded is another one than the run that failed",
                                      first.result->fingerprint, second.result->fingerprint};
  }
  return second;
}

/// The same for no other name, and fit to be a part of a file's.
std::string plain(std::string_view name) {
  std::string text;
  for (const char c : name) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (is_plain || c == '-' || c == '_') {
      text += c;
    } else {
      text += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    }
  }
  return text;
}

}  // namespace

std::vector<std::string> replay_arguments(const RunOptions& options) {
  std::vector<std::string> arguments;
  for (const std::string& set : options.sets) arguments.insert(arguments.end(), {"--set", set});
  if (!options.until.empty()) arguments.insert(arguments.end(), {"--until", options.until});
  if (!options.expect_fingerprint.empty()) {
    arguments.insert(arguments.end(), {"--expect-fingerprint", options.expect_fingerprint});
  }
  return arguments;
}

ScenarioRun run_one(const NamedScenario& named, const std::string& variant, const RunOptions& options) {
  ScenarioRun run = Attempt(named, variant, options).run(options.record);
  if (options.record_on_failure.empty() || !can_be_recorded(run)) return run;
  return recorded_again(named, variant, options, std::move(run));
}

std::string recording_path(const std::string& folder, const RunResult& run) {
  const std::string name =
      fmt::format("{}.{}.seed{}.stackscope", plain(run.scenario), plain(run.variant), run.seed);
  return (std::filesystem::path(folder) / name).string();
}

}  // namespace stackscope
