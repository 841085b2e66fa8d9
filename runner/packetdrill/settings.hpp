#pragma once
// Commands in backticks: read as what they set, never executed.
//
// Known are sysctl(8), the set-up scripts that test suites share (…/defaults.sh, …/set_sysctls.py), echo into /proc/sys,
// `ip route … initcwnd`, and what only concerns the real network's set-up (tc qdisc, ip link, ethtool …), which changes
// nothing here.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel_model/vocabulary/quantity.hpp"

namespace stackscope {
struct Sysctls;
}

namespace stackscope::packetdrill {

/// One thing that a command sets.
struct Setting {
  std::string name;   // "net.ipv4.tcp_sack", or "initcwnd" of the route
  std::string value;  // as written
};

struct ReadCommand {
  std::vector<Setting> settings;
  std::optional<Complaint> complaint;  // why it is refused
};

/// A command line of several commands: with ';', '&&' and line ends between them.
ReadCommand read_command(std::string_view line);

/// Sets the model's knob. What to tell the person: "" where the model has it, else that it lacks it.
std::string apply(const Setting& setting, Sysctls& sysctls);

}  // namespace stackscope::packetdrill
