#include "runner/verify/carry.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sched.h>

#include "kernel_model/vocabulary/host_parameters.hpp"
#include "userland/crowd_adapter.hpp"

namespace stackscope {

namespace {

constexpr Duration kSettling = Duration::ms(20);

class Carrying {
 public:
  Carrying(const ResolvedScenario& scenario, std::span<const int> cpus) : scenario_(scenario), cpus_(cpus) {}

  CarriedOver go() {
    carried_.not_comparable = obstacle();
    if (!carried_.not_comparable.empty()) return std::move(carried_);
    note_settings();
    lend_cpus();
    for (const RunSpec& run : scenario_.runs) carried_.programs.push_back(program_of(run));
    return std::move(carried_);
  }

 private:
  /// One network namespace is one machine, and what it connects to is itself.
  std::string obstacle() const {
    for (const RunSpec& run : scenario_.runs) {
      if (run.on_peer)
        return fmt::format("'{}' runs on peer '{}', behind a link that this machine does not have", run.name,
                           run.on);
      if (run.on != scenario_.runs.front().on) {
        return fmt::format("it runs on hosts '{}' and '{}', and this is one machine",
                           scenario_.runs.front().on, run.on);
      }
    }
    return "";
  }

  const HostSpec& host() const {
    return *std::find_if(scenario_.hosts.begin(), scenario_.hosts.end(),
                         [&](const HostSpec& host) { return host.name == scenario_.runs.front().on; });
  }

  /// Those of TCP and sockets, which peers have too, are a network namespace's; the others are the machine's.
  void note_settings() {
    for (const Parameter* changed : changes_in(host().sysctl, sysctl_parameters())) {
      if (find_parameter(peer_sysctl_parameters(), changed->name) == nullptr) {
        note_not_set(*changed);
      } else {
        carried_.sysctls.push_back(
            {std::string(changed->name), sysctl_text(host().sysctl.at(changed->name))});
      }
    }
    for (const Parameter* changed : changes_in(host().nic, nic_parameters())) note_not_set(*changed);
  }
  static std::vector<const Parameter*> changes_in(const Arguments& arguments,
                                                  std::span<const Parameter> parameters) {
    const Arguments defaults(parameters);
    std::vector<const Parameter*> changes;
    for (const Parameter& parameter : parameters) {
      const bool is_default =
          !arguments.has(parameter.name) ||
          (defaults.has(parameter.name) && arguments.at(parameter.name) == defaults.at(parameter.name));
      if (!is_default) changes.push_back(&parameter);
    }
    return changes;
  }
  /// As /proc/sys has it.
  static std::string sysctl_text(const Argument& value) {
    if (value.kind == ParameterKind::kIntegers) return fmt::format("{}", fmt::join(value.numbers, " "));
    return value.kind == ParameterKind::kChoice ? value.text : fmt::format("{}", value.number);
  }
  void note_not_set(const Parameter& parameter) {
    note(fmt::format("{} is not set on the kernel underneath", parameter.name));
  }

  void lend_cpus() {
    const auto wanted = static_cast<std::size_t>(host().own.integer("cpus"));
    const std::size_t lent = std::min(wanted, cpus_.size());
    lent_ = cpus_.last(lent);
    if (lent < wanted) {
      note(fmt::format("'{}' has {} CPUs, and this machine lends {}: counts need not agree", host().name,
                       wanted, lent));
    }
  }

  RealProgram program_of(const RunSpec& run) const {
    RealProgram program;
    program.body = body_of(run);
    program.name = std::string(run.program->name);  // by which the model too calls its threads
    program.threads = run.threads;
    program.counts_wakeups = false;
    program.serves = run.serves;
    program.interpreter_lock = run.lua != nullptr;
    if (run.start) program.start = run.start + kSettling;
    program.nice = run.policy.nice;
    if (run.policy.scheduling == Policy::Class::kFifo) {
      program.policy = SchedPolicy::kFifo;
      program.priority = run.policy.priority;
    }
    program.affinity = affinity_of(run);
    return program;
  }

  static std::function<int(Syscalls&)> body_of(const RunSpec& run) {
    return [&run](Syscalls& os) {
      if (run.lua != nullptr) {
        LuaProgram(with_arguments(*run.lua, run.args, os)).run(os);
      } else if (run.program->thread != nullptr) {
        run.program->thread(os, run.args);
      } else {
        CrowdThread(os, run.program->crowd(run.args)).run();
      }
      return 0;
    };
  }

  /// Without one of its own a run may use every CPU of the host.
  std::vector<int> affinity_of(const RunSpec& run) const {
    if (run.affinity.empty()) return {lent_.begin(), lent_.end()};
    std::vector<int> cpus;
    for (const int cpu : run.affinity) {
      const int real = lent_[static_cast<std::size_t>(cpu) % lent_.size()];
      if (std::find(cpus.begin(), cpus.end(), real) == cpus.end()) cpus.push_back(real);
    }
    return cpus;
  }

  void note(std::string text) { carried_.notes.push_back(std::move(text)); }

  const ResolvedScenario& scenario_;
  std::span<const int> cpus_, lent_;
  CarriedOver carried_;
};

CarriedOver refused(std::string why) { return {{}, {}, {}, std::move(why)}; }

}  // namespace

CarriedOver carry_over(const ResolvedScenario& scenario, std::string_view real, std::span<const int> cpus) {
  constexpr std::string_view kNo = "no: ";
  if (real.starts_with(kNo)) return refused(std::string(real.substr(kNo.size())));
  if (real != "loopback") return refused(fmt::format("real = \"{}\" cannot be run yet", real));
  return Carrying(scenario, cpus).go();
}

std::vector<int> usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return {0};
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<unsigned>(cpu), &set)) cpus.push_back(cpu);
  }
  return cpus;
}

}  // namespace stackscope
