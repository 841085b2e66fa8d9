#include "runner/session.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "runner/capture/pcap_writer.hpp"
#include "runner/measuring.hpp"
#include "runner/simulation.hpp"

namespace stackscope {

struct Session::Parts {
  SessionOptions options;
  Limits limits;
  std::int64_t seed = 1;
  std::unique_ptr<HashOnly> hash_only;
  std::unique_ptr<MemoryRecording> memory;
  std::unique_ptr<RecordingWriter> file;
  std::unique_ptr<PcapWriter> pcap;
  std::unique_ptr<Simulation> simulation;
  std::unique_ptr<Measuring> measuring;
  std::optional<Outcome> outcome;
  bool is_finished = false;

  RecordSink& sink();
  void conclude();
  NoProgress stuck() const;
};

RecordSink& Session::Parts::sink() {
  switch (options.keep) {
    case Keep::kMemory:
      memory = std::make_unique<MemoryRecording>();
      return *memory;
    case Keep::kFile:
      file = std::make_unique<RecordingWriter>(options.file);
      return *file;
    case Keep::kNothing:
      break;
  }
  hash_only = std::make_unique<HashOnly>();
  return *hash_only;
}

namespace {

/// As their ordinals count them.
std::vector<std::string> host_names(const ResolvedScenario& scenario) {
  std::vector<std::string> names;
  names.reserve(scenario.hosts.size() + scenario.peers.size());
  for (const HostSpec& host : scenario.hosts) names.push_back(host.name);
  for (const PeerSpec& peer : scenario.peers) names.push_back(peer.name);
  return names;
}

}  // namespace

Session::Session(const SessionOptions& options) : parts_(std::make_unique<Parts>()) {
  parts_->options = options;
}
Session::~Session() = default;

std::unique_ptr<Session> Session::open(const ResolvedScenario& scenario, const SessionOptions& options,
                                       std::vector<Diagnostic>& errors) {
  std::unique_ptr<Session> session{new Session(options)};
  Parts& parts = *session->parts_;
  parts.limits = scenario.limits;
  if (options.until) parts.limits.until = options.until->since_start();
  parts.seed = options.seed.value_or(scenario.seed);
  if (!options.pcap.empty()) parts.pcap = std::make_unique<PcapWriter>(options.pcap, host_names(scenario));
  parts.simulation = Simulation::build(scenario, static_cast<std::uint64_t>(parts.seed), parts.sink(), errors,
                                       parts.pcap.get());
  if (parts.simulation == nullptr) return nullptr;
  parts.simulation->set_fast_path(options.has_fast_path);
  if (options.on_line) parts.simulation->set_output(options.on_line);
  parts.measuring = std::make_unique<Measuring>(parts.simulation->trace(), scenario);
  return session;
}

Instant Session::now() const { return parts_->simulation->engine().now(); }
bool Session::is_over() const { return parts_->outcome.has_value(); }
std::uint64_t Session::records() const { return parts_->simulation->trace().records(); }
std::uint64_t Session::events() const { return parts_->simulation->engine().fired(); }
std::vector<std::pair<std::string, const LuaEnd*>> Session::lua_ends() const {
  return parts_->simulation->lua_ends();
}
const MemoryRecording& Session::recording() const { return *parts_->memory; }

bool Session::step() {
  if (is_over()) return false;
  Engine& engine = parts_->simulation->engine();
  const Instant until = Instant::at(parts_->limits.until);
  if (parts_->simulation->is_over()) {
    parts_->outcome = Completed{};
  } else if (engine.is_idle()) {
    parts_->outcome = parts_->stuck();
  } else if (engine.next_due().at > until) {
    parts_->outcome = LimitReached{"simulated time: " + print_duration(parts_->limits.until)};
  } else if (engine.fired() >= static_cast<std::uint64_t>(parts_->limits.max_events)) {
    parts_->outcome = LimitReached{std::to_string(parts_->limits.max_events) + " events"};
  } else {
    engine.step();
  }
  return !is_over();
}

// The programs that should end do not, and nothing is left that could change it.
NoProgress Session::Parts::stuck() const {
  NoProgress result;
  for (const Simulation::Thread& thread : simulation->threads()) {
    if (thread.serves) continue;
    const std::string& known = thread.call;
    result.threads.push_back(
        {thread.name, known.empty() ? measuring->call_of({thread.host, thread.task}) : known});
  }
  return result;
}

bool Session::run_to_record(std::uint64_t wanted) {
  while (records() < wanted) {
    if (!step()) return false;
  }
  return true;
}

bool Session::run_until(Instant at) {
  Engine& engine = parts_->simulation->engine();
  if (at <= engine.now()) return !is_over();
  engine.stop_at(at);
  while (!is_over() && engine.next_due().at <= at) step();
  return !is_over();
}

void Session::run() {
  while (step()) {
  }
}

void Session::finish() {
  if (parts_->is_finished) return;
  parts_->is_finished = true;
  parts_->simulation->trace().finish();
  if (parts_->pcap) parts_->pcap->finish();
}

RunResult Session::result() {
  RunResult result;
  result.seed = static_cast<std::uint64_t>(parts_->seed);
  const Fingerprints prints = parts_->simulation->trace().fingerprints();
  result.fingerprint = prints.whole.text();
  for (std::size_t i = 0; i < kLayers; ++i) {
    result.layers.emplace_back(name_of(static_cast<Layer>(i)), prints.layers[i].text());
  }
  result.events = events();
  result.records = records();
  result.simulated_ns = now().count();
  result.metrics = parts_->measuring->metrics();
  result.notes = parts_->measuring->failures();
  for (const auto& [name, value] : parts_->simulation->counters()) result.counters[name] = value;
  if (parts_->outcome) result.outcome = *parts_->outcome;
  return result;
}

std::vector<std::string> metric_paths(const ResolvedScenario& scenario) {
  std::vector<std::string> paths;
  for (const std::string& name : metric_names(scenario)) {
    paths.push_back(name);
    for (const std::string& field : distribution_fields()) paths.push_back(fmt::format("{}.{}", name, field));
  }
  return paths;
}

}  // namespace stackscope
