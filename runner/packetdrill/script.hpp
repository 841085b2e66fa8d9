#pragma once
// A packetdrill script as a tree: https://github.com/google/packetdrill, its published grammar.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kernel_model/vocabulary/quantity.hpp"
#include "runner/packetdrill/frame.hpp"
#include "runner/scenario/diagnostic.hpp"
#include "sim/time.hpp"

namespace stackscope::packetdrill {

enum class IpVersion : std::uint8_t { kIpv4, kIpv4MappedIpv6, kIpv6 };

/// What `--name=value` says, at the head of a script or on the command line.
struct Options {
  IpVersion ip_version = IpVersion::kIpv4;
  std::string local_ip, remote_ip;  // "": the language's own
  std::uint32_t mtu = 1500;
  std::uint16_t bind_port = 8080, connect_port = 8080;
  Duration tolerance = Duration::us(4000);
  std::int64_t tolerance_permyriad = 325;  // of a wait, in hundredths of a percent, where that is more
  std::int64_t tcp_ts_tick_usecs = 0;      // 0: timestamps are not held against time
  bool non_fatal_packet = false, non_fatal_syscall = false;
  std::vector<std::string> init_scripts;
  std::map<std::string, std::string> defines;  // a word of the script, and what stands for it

  bool is_ipv6() const { return ip_version != IpVersion::kIpv4; }
};

/// Sets one option; or what is wrong with it. `value`: without its quotes.
std::optional<Complaint> set_option(Options& options, std::string_view name, std::string_view value);
/// The names of all options.
std::vector<std::string> option_names();

/// What a system call is given, and what it is expected to give back.
struct Expression {
  enum class Kind : std::uint8_t {
    kEllipsis,
    kInteger,  // also a constant's name, which `text` is then
    kString,
    kOr,      // of all parts
    kList,    // [ … ]
    kRecord,  // { … }
    kField,   // text = parts[0], or text(parts[1]) = parts[0]: in a record
    kCall     // text(parts …): htons(), inet_addr() …
  };
  Kind kind = Kind::kEllipsis;
  Span at;
  std::int64_t number = 0;
  std::string text = {};
  std::vector<Expression> parts = {};

  bool is(Kind k) const { return kind == k; }
  /// The value of a record's field; null where it has none of that name.
  const Expression* field(std::string_view name) const;
};
/// As it stands in the script.
std::string text(const Expression& expression);

struct SystemCall {
  std::string name;
  std::vector<Expression> arguments;
  std::optional<Duration> end;  // a blocking one: when it returns, counted as the event's own time is
  Expression result;
  std::string error;  // errno's name; "" where none is expected
};

/// `sysctl …`, in backticks.
struct Command {
  std::string line;
};

/// %{ … }%
struct Code {
  std::string text;
};

struct StepTime {
  enum class Kind : std::uint8_t { kAbsolute, kRelative, kAny, kAbsoluteRange, kRelativeRange };
  Kind kind = Kind::kAbsolute;
  Duration from, to;  // `to`: of ranges
  bool is_relative() const { return kind != Kind::kAbsolute && kind != Kind::kAbsoluteRange; }
};

struct Step {
  Span at;
  StepTime time;
  std::variant<PacketSpec, SystemCall, Command, Code> what;
  Span what_at = at;
};

struct Script {
  std::shared_ptr<const Source> source;
  Options options;
  std::optional<Step> init, cleanup;  // commands without a time
  std::vector<Step> steps;
};

struct ParsedScript {
  Script script;
  std::vector<Diagnostic> errors;  // none: the script may be played
};

/// Reads a whole script. Never stops at the first error, never throws. `given`: options of the command line, which count
/// more than the script's.
ParsedScript parse(std::shared_ptr<const Source> source,
                   const std::vector<std::pair<std::string, std::string>>& given = {});

}  // namespace stackscope::packetdrill
