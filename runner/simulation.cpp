#include "runner/simulation.hpp"

#include <algorithm>
#include <deque>

#include "kernel_model/host/crowd_run.hpp"
#include "kernel_model/host/host.hpp"
#include "kernel_model/host/ideal_host.hpp"
#include "kernel_model/host/model_syscalls.hpp"
#include "kernel_model/vocabulary/host_parameters.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "runner/host_config.hpp"
#include "userland/crowd_adapter.hpp"

namespace stackscope {

/// One `[[run]]`, until its threads exist and after.
struct Simulation::Launch {
  Launch(Parts& of, const RunSpec& its_spec) : parts(of), spec(its_spec) {}
  void start();
  void start_thread(Host& host, Process& of, int number);

  Parts& parts;
  RunSpec spec;
  Event event = Event::calling<&Launch::start>(*this);
  std::deque<ModelSyscalls> syscalls;  // one a thread
  std::unique_ptr<LuaProgram> lua;
  std::deque<CrowdThread> crowd_threads;  // of a crowd program on a full host, also one a thread
  const Process* process = nullptr;
  CrowdRun* crowd = nullptr;
  /// Processes that its own has made may live on.
  bool is_done() const {
    return crowd != nullptr ? crowd->is_finished() : process != nullptr && process->live == 0;
  }
};

struct Simulation::Parts {
  Parts(RecordSink& sink, std::uint64_t its_seed) : trace(engine.moment(), schema, sink), seed(its_seed) {}

  Engine engine;
  Schema schema = Schema::of<Records>();
  Trace trace;
  std::uint64_t seed;
  PacketPool packets;
  StreamStore streams;
  AddressBook addresses;
  Shared shared{engine, trace, packets, streams, addresses, seed};
  std::map<std::string, std::unique_ptr<HostCosts>, std::less<>> costs;
  std::deque<Launch> launches;
  std::map<std::string, std::unique_ptr<Host>, std::less<>> hosts;
  std::map<std::string, std::unique_ptr<IdealHost>, std::less<>> peers;
  std::vector<std::unique_ptr<Link>> links;
};

Simulation::Simulation(RecordSink& sink, std::uint64_t seed) : parts_(std::make_unique<Parts>(sink, seed)) {}
Simulation::~Simulation() = default;

std::unique_ptr<Simulation> Simulation::build(const ResolvedScenario& scenario, std::uint64_t seed,
                                              RecordSink& sink, std::vector<Diagnostic>& errors,
                                              PacketTap* tap) {
  std::unique_ptr<Simulation> simulation{new Simulation(sink, seed)};
  Parts& parts = *simulation->parts_;
  parts.shared.tap = tap;
  std::uint8_t ordinal = 0;
  for (const HostSpec& host : scenario.hosts) parts.addresses[host.name] = address_of_ordinal(++ordinal);
  for (const PeerSpec& peer : scenario.peers) parts.addresses[peer.name] = address_of_ordinal(++ordinal);
  ordinal = 0;
  for (const HostSpec& spec : scenario.hosts) {
    const bool jitter = spec.own.text("jitter") == "measured";
    const auto profile = read_profile(spec.own.text("profile"), errors);
    if (!profile) return nullptr;
    parts.costs[spec.name] = std::make_unique<HostCosts>(*profile, jitter, seed, spec.name);
    const Costs& filled = parts.costs[spec.name]->costs;
    parts.hosts[spec.name] = std::make_unique<Host>(
        parts.shared, host_config(spec, ++ordinal, parts.addresses[spec.name]), filled);
  }
  for (const PeerSpec& spec : scenario.peers) {
    PeerConfig config = peer_config(spec, ++ordinal, parts.addresses[spec.name]);
    for (const LinkSpec& link : scenario.links) {
      if (link.between[0] == spec.name || link.between[1] == spec.name) config.mtu = mtu_of(link);
    }
    parts.peers[spec.name] = std::make_unique<IdealHost>(parts.shared, std::move(config));
  }
  for (const LinkSpec& spec : scenario.links) {
    Link& link = *parts.links.emplace_back(
        std::make_unique<Link>(parts.engine, parts.trace, parts.packets, link_config(spec)));
    for (const Link::Side side : {Link::Side::kA, Link::Side::kB}) {
      const std::string& end = spec.between[static_cast<std::size_t>(side)];
      if (IdealHost* const peer = simulation->peer(end)) {
        peer->attach(link, side);
        continue;
      }
      const auto host = std::find_if(scenario.hosts.begin(), scenario.hosts.end(),
                                     [&](const HostSpec& h) { return h.name == end; });
      simulation->host(end)->attach(link, side, nic_config(*host, spec));
    }
  }
  for (const RunSpec& run : scenario.runs) {
    Launch& launch = parts.launches.emplace_back(parts, run);
    if (run.on_peer) {
      launch.crowd =
          &simulation->peer(run.on)->run(run.program->crowd(launch.spec.args), Instant::at(run.start));
    } else {
      parts.engine.schedule(launch.event, Instant::at(run.start), Rank::timers());
    }
  }
  return simulation;
}

// --- programs --------------------------------------------------------------------------------------------------------

void Simulation::Launch::start() {
  Host& host = *parts.hosts.find(spec.on)->second;
  parts.engine.moment().place = Place{host.config().ordinal, Place::kNoCpu};
  Process& made = host.create_process();
  made.threads = spec.threads;
  process = &made;
  for (int number = 0; number < spec.threads; ++number) start_thread(host, made, number);
}

void Simulation::Launch::start_thread(Host& host, Process& of, int number) {
  TaskAttributes attributes{.comm = std::string(spec.program->name), .process = of.id};
  if (spec.policy.scheduling == Policy::Class::kFifo) {
    attributes.policy = SchedPolicy::kFifo;
    attributes.priority = static_cast<std::uint8_t>(spec.policy.priority);
  }
  attributes.nice = spec.policy.nice;
  if (!spec.affinity.empty()) attributes.affinity = 0;
  for (const int cpu : spec.affinity) attributes.affinity |= CpuMask{1} << cpu;
  ModelSyscalls& os = syscalls.emplace_back(host, of, number);
  if (spec.lua != nullptr) {
    lua = std::make_unique<LuaProgram>(with_arguments(*spec.lua, spec.args, os));
    attributes.stack_bytes = 1 << 20;  // liblua's own recursion in C
    host.create_thread(of, std::move(attributes), [this, &os] { lua->run(os); });
    return;
  }
  CrowdThread* const on_thread = spec.program->thread == nullptr
                                     ? &crowd_threads.emplace_back(os, spec.program->crowd(spec.args))
                                     : nullptr;
  host.create_thread(of, std::move(attributes), [this, &os, on_thread] {
    if (on_thread != nullptr) {
      on_thread->run();
    } else {
      spec.program->thread(os, spec.args);
    }
  });
}

// A Lua program that runs alone takes whatever it has started with it.
bool Simulation::is_over() const {
  const Launch& first = parts_->launches.front();
  if (parts_->launches.size() == 1 && first.lua != nullptr && first.is_done()) return true;
  for (const Launch& launch : parts_->launches) {
    if (!launch.spec.serves && !launch.is_done()) return false;
  }
  for (const auto& [name, host] : parts_->hosts) {
    if (!host->processors().are_all_halted()) return false;
  }
  return std::all_of(parts_->links.begin(), parts_->links.end(), [](const auto& link) {
    return link->queued(Link::Side::kA) + link->queued(Link::Side::kB) + link->flying(Link::Side::kA) +
               link->flying(Link::Side::kB) ==
           0;
  });
}

void Simulation::add_threads(std::vector<Thread>& alive, const Host& host, const Process& process,
                             const std::string& name, bool serves) {
  int number = 0;
  for (const auto& [tid, thread] : process.threads_by_tid) {
    const std::string its_name = name + "/" + std::to_string(number++);
    if (thread.task->state() == TaskState::kDead) continue;
    alive.push_back({host.config().ordinal, thread.task->id(), its_name, serves});
  }
}

void Simulation::add_calls(std::span<Thread> threads, const Process& process, const LuaProgram& lua) {
  for (const auto& [tid, call] : lua.sleeping_calls()) {
    const auto found = process.threads_by_tid.find(tid);
    if (found == process.threads_by_tid.end()) continue;
    for (Thread& thread : threads) {
      if (thread.task == found->second.task->id()) thread.call = call;
    }
  }
}

// First those of the runs, in their order; then, host by host, those of processes that these have made.
std::vector<Simulation::Thread> Simulation::threads() const {
  std::vector<Thread> alive;
  std::vector<const Process*> launched;
  for (const Launch& launch : parts_->launches) {
    if (launch.process == nullptr) continue;
    launched.push_back(launch.process);
    const Host& on = *parts_->hosts.find(launch.spec.on)->second;
    const std::size_t before = alive.size();
    add_threads(alive, on, *launch.process, launch.spec.name, launch.spec.serves);
    if (launch.lua != nullptr) add_calls(std::span{alive}.subspan(before), *launch.process, *launch.lua);
  }
  for (const auto& [name, host] : parts_->hosts) {
    for (const auto& process : host->processes()) {
      if (std::ranges::find(launched, process.get()) != launched.end()) continue;
      add_threads(alive, *host, *process, "process " + std::to_string(process->pid()), false);
    }
  }
  return alive;
}

// --- access ----------------------------------------------------------------------------------------------------------

Engine& Simulation::engine() { return parts_->engine; }
Trace& Simulation::trace() { return parts_->trace; }
const Schema& Simulation::schema() const { return parts_->schema; }

void Simulation::set_fast_path(bool on) {
  for (const auto& [name, host] : parts_->hosts) {
    for (std::uint8_t n = 0; n < host->processors().count(); ++n) host->processors().cpu(n).set_fast_path(on);
  }
}

void Simulation::set_output(const std::function<void(int stream, std::string_view line)>& output) {
  for (const auto& [name, host] : parts_->hosts) host->set_output(output);
}

std::vector<std::pair<std::string, const LuaEnd*>> Simulation::lua_ends() const {
  std::vector<std::pair<std::string, const LuaEnd*>> ends;
  for (const Launch& launch : parts_->launches) {
    if (launch.lua != nullptr) ends.emplace_back(launch.spec.name, &launch.lua->end());
  }
  return ends;
}

Host* Simulation::host(std::string_view name) const {
  const auto found = parts_->hosts.find(name);
  return found == parts_->hosts.end() ? nullptr : found->second.get();
}

IdealHost* Simulation::peer(std::string_view name) const {
  const auto found = parts_->peers.find(name);
  return found == parts_->peers.end() ? nullptr : found->second.get();
}

const std::vector<std::unique_ptr<Link>>& Simulation::links() const { return parts_->links; }

std::vector<std::pair<std::string, std::int64_t>> Simulation::counters() const {
  std::vector<std::pair<std::string, std::int64_t>> sums;
  const auto add = [&](const NetCounters& counters) {
    std::size_t i = 0;
    counters.for_each([&](std::string_view name, std::int64_t value) {
      if (i == sums.size()) sums.emplace_back(name, 0);
      sums[i++].second += value;
    });
  };
  for (const auto& [name, host] : parts_->hosts) add(host->network().counters());
  for (const auto& [name, peer] : parts_->peers) add(peer->counters());
  return sums;
}

std::vector<std::string> counter_names() {
  std::vector<std::string> names;
  NetCounters{}.for_each([&](std::string_view name, std::int64_t) { names.emplace_back(name); });
  return names;
}

}  // namespace stackscope
