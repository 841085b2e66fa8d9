#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fmt/core.h>

#include "runner/scenario/sections.hpp"

namespace stackscope {

std::optional<Policy> parse_policy(std::string_view text, Complaint& complaint) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  if (name != "other" && name != "fifo") {
    complaint = {fmt::format("'{}' is not a scheduling policy", text),
                 sections::did_you_mean(name, {"other", "fifo"}) +
                     " (\"other\", \"other:NICE\" or \"fifo:PRIORITY\")"};
    return std::nullopt;
  }
  if (colon == std::string_view::npos) {
    if (name == "other") return Policy{};
    complaint = {"'fifo' needs a priority", "for example \"fifo:50\"; 1 to 99"};
    return std::nullopt;
  }
  const std::optional<std::int64_t> number = parse_integer(text.substr(colon + 1));
  const bool fifo = name == "fifo";
  const std::int64_t least = fifo ? 1 : -20, most = fifo ? 99 : 19;
  if (!number || *number < least || *number > most) {
    complaint = {fmt::format("'{}' is not a {}", text.substr(colon + 1),
                             fifo ? "priority of SCHED_FIFO" : "nice value"),
                 fmt::format("{} to {}", least, most)};
    return std::nullopt;
  }
  const int value = static_cast<int>(*number);
  return fifo ? Policy{Policy::Class::kFifo, value, 0} : Policy{Policy::Class::kOther, 0, value};
}

std::string print_policy(const Policy& policy) {
  if (policy.scheduling == Policy::Class::kFifo) return fmt::format("fifo:{}", policy.priority);
  return policy.nice == 0 ? "other" : fmt::format("other:{}", policy.nice);
}

namespace sections {
namespace {

constexpr std::string_view kRunKeys[] = {"affinity", "args"};

/// Reads one `[[run]]`, key by key; each part adds its own errors, and none stops the others.
class RunReader {
 public:
  RunReader(const Value& table, std::filesystem::path folder, const ResolvedScenario& into,
            Diagnostics& diagnostics)
      : table_(table), folder_(std::move(folder)), into_(into), diagnostics_(diagnostics) {}

  RunSpec read() {
    const Arguments own =
        read_arguments({"a run", run_parameters(), kRunKeys}, table_.entries, table_.at, diagnostics_);
    RunSpec run;
    run.threads = static_cast<int>(own.integer("threads"));
    run.start = own.duration("start");
    if (own.has("name")) run.name = read_name(std::string(own.text("name")));
    if (own.has("program")) read_program(std::string(own.text("program")), run);
    run.serves = own.flag("serves") || (run.program && run.program->serves);
    if (own.has("on")) run.on = read_machine(std::string(own.text("on")));
    run.on_peer = is_peer(run.on);
    run.policy = read_policy(own.text("policy"));
    run.affinity = read_affinity(run.on);
    if (run.program) run.args = read_args(*run.program);
    if (run.program && run.on_peer) check_peer(run);
    if (!run.on.empty() && run.args.has("to")) check_reachable(run);
    return run;
  }

 private:
  Span at(std::string_view key) const {
    const Entry* entry = table_.find(key);
    return entry ? entry->value.at : table_.at;
  }

  std::string read_name(const std::string& name) {
    const auto is_plain = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
    };
    if (name.empty() || !std::all_of(name.begin(), name.end(), is_plain)) {
      diagnostics_.add(at("name"), fmt::format("'{}' is not a name", name), "letters, digits, '_' and '-'");
    }
    return name;
  }

  void read_program(const std::string& name, RunSpec& run) {
    if (is_lua_name(name)) return read_lua(name, run);
    run.program = find_program(name);
    if (run.program) return;
    std::vector<std::string> names;
    for (const ProgramSpec& known : programs()) names.emplace_back(known.name);
    diagnostics_.add(at("program"), fmt::format("there is no program '{}'", name), did_you_mean(name, names));
  }

  void read_lua(const std::string& name, RunSpec& run) {
    const std::string path = (folder_ / name).string();
    LoadedLua loaded = load_lua(path);
    if (!loaded.error.empty())
      return diagnostics_.add(at("program"), fmt::format("'{}' cannot be read: {}", path, loaded.error));
    if (const auto error = LuaProgram(loaded.source).compile_error())
      return diagnostics_.add(at("program"), *error);
    if (run.threads != 1) {
      diagnostics_.add(at("threads"), "a Lua program starts with one thread",
                       "it makes others with thread()");
    }
    const std::shared_ptr<LuaFile> file = make_lua_file(std::move(loaded.source));
    const Entry* const args = table_.find("args");
    if (args && args->value.is_table()) {
      declare_arguments(*file, args->value.entries, machine_names(into_), diagnostics_);
    }
    run.program = &file->spec;
    run.lua = file;
  }

  std::string read_machine(const std::string& name) {
    const std::vector<std::string> machines = machine_names(into_);
    if (std::find(machines.begin(), machines.end(), name) != machines.end()) return name;
    diagnostics_.add(at("on"), fmt::format("there is no host or peer '{}'", name),
                     did_you_mean(name, machines));
    return "";
  }

  bool is_peer(const std::string& name) const {
    for (const HostSpec& host : into_.hosts) {
      if (host.name == name) return false;
    }
    return std::any_of(into_.peers.begin(), into_.peers.end(),
                       [&](const PeerSpec& p) { return p.name == name; });
  }

  Policy read_policy(std::string_view text) {
    Complaint complaint;
    const std::optional<Policy> policy = parse_policy(text, complaint);
    if (!policy) diagnostics_.add(at("policy"), complaint.message, complaint.help);
    return policy.value_or(Policy{});
  }

  std::int64_t cpus_of(const std::string& name) const {
    for (const HostSpec& host : into_.hosts) {
      if (host.name == name) return host.own.integer("cpus");
    }
    return 64;  // a peer, or an unknown machine: nothing to compare with
  }

  std::vector<int> read_affinity(const std::string& on) {
    std::vector<int> cpus;
    const Entry* entry = table_.find("affinity");
    if (!entry) return cpus;
    if (entry->value.kind != Value::Kind::kArray || entry->value.items.empty()) {
      diagnostics_.add(entry->value.at,
                       fmt::format("'affinity' wants a list of CPUs, not {}",
                                   entry->value.items.empty() ? "nothing" : entry->value.what()),
                       "for example affinity = [0, 1]");
      return cpus;
    }
    const std::int64_t known = cpus_of(on);
    for (const Value& item : entry->value.items) {
      if (item.kind != Value::Kind::kInteger) {
        diagnostics_.add(item.at, fmt::format("'affinity' wants integers, not {}", item.what()));
      } else if (item.integer < 0 || item.integer >= known) {
        diagnostics_.add(item.at, fmt::format("'{}' has no CPU {}", on, item.integer),
                         fmt::format("0 to {}", known - 1));
      } else if (std::find(cpus.begin(), cpus.end(), item.integer) == cpus.end()) {
        cpus.push_back(static_cast<int>(item.integer));
      }
    }
    std::sort(cpus.begin(), cpus.end());
    return cpus;
  }

  Arguments read_args(const ProgramSpec& program) {
    const std::string noun = fmt::format("program '{}'", program.name);
    const Section section{noun, program.parameters};
    const Entry* entry = table_.find("args");
    if (!entry) return read_arguments(section, {}, table_.at, diagnostics_);
    if (!entry->value.is_table()) {
      diagnostics_.add(entry->value.at, fmt::format("'args' wants a table, not {}", entry->value.what()),
                       "for example args = { port = 80 }");
      return Arguments(program.parameters);
    }
    return read_arguments(section, entry->value.entries, entry->key_at, diagnostics_);
  }

  /// Which of the two was written later decides what was meant to change, and gets the caret.
  Span later(std::string_view a, std::string_view b) const { return at(a).before(at(b)) ? at(b) : at(a); }

  void check_peer(const RunSpec& run) {
    if (!run.program->runs_on_peers()) {
      diagnostics_.add(
          later("program", "on"),
          fmt::format("'{}' cannot run on peer '{}': it blocks in system calls, and a peer has no CPU",
                      run.program->name, run.on),
          "a peer runs crowd programs; make it a [host] or use another program");
    } else if (run.threads != 1) {
      diagnostics_.add(later("threads", "on"), fmt::format("peer '{}' has no CPU, so no threads", run.on),
                       "use threads = 1 and the program's own arguments");
    }
  }

  void check_reachable(const RunSpec& run) {
    const Entry* args = table_.find("args");
    const Entry* to = args ? args->value.find("to") : nullptr;
    const std::string target(run.args.address("to").host);
    const std::vector<std::string> machines = machine_names(into_);
    const Span to_at = to ? to->value.at : table_.at;
    if (std::find(machines.begin(), machines.end(), target) == machines.end()) {
      diagnostics_.add(to_at, fmt::format("there is no host or peer '{}'", target),
                       did_you_mean(target, machines));
      return;
    }
    if (target == run.on) {
      if (run.on_peer) diagnostics_.add(to_at, "a peer has no loopback", "connect to another machine");
      return;
    }
    const auto joined = std::any_of(into_.links.begin(), into_.links.end(), [&](const LinkSpec& link) {
      return link.between == std::array{run.on, target} || link.between == std::array{target, run.on};
    });
    if (joined) return;
    diagnostics_.add(to_at.before(at("on")) ? at("on") : to_at,
                     fmt::format("no link joins '{}' and '{}'", run.on, target),
                     fmt::format("add [link.NAME] with between = [\"{}\", \"{}\"]", run.on, target));
  }

  const Value& table_;
  const std::filesystem::path folder_;  // of the scenario
  const ResolvedScenario& into_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::vector<RunSpec> read_runs(const Value& document, const ResolvedScenario& into,
                               Diagnostics& diagnostics) {
  std::vector<RunSpec> runs;
  const std::string own_path = document.at.source ? document.at.source->name : "";
  const std::filesystem::path folder = std::filesystem::path(own_path).parent_path();
  for (const Value* table : listed_tables(document, "run", diagnostics)) {
    RunSpec run = RunReader(*table, folder, into, diagnostics).read();
    const auto same =
        std::find_if(runs.begin(), runs.end(), [&](const RunSpec& r) { return r.name == run.name; });
    if (same != runs.end() && !run.name.empty()) {
      diagnostics.add(table->find("name")->value.at, fmt::format("there already is a run '{}'", run.name),
                      "changes address runs by name, so each needs its own");
    }
    runs.push_back(std::move(run));
  }
  if (!document.find("run")) {
    diagnostics.add(Span{document.at.source, 1, 1, 1}, "a scenario needs at least one run", "write [[run]]");
  }
  return runs;
}

}  // namespace sections
}  // namespace stackscope
