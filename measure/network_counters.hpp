#pragma once
// The counters of the network namespace in which the caller is, by the names that nstat gives them.
//
// Linux: net/ipv4/proc.c snmp_seq_show(), netstat_seq_show(); net/ipv6/proc.c snmp6_seq_show()

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stackscope {

class NetworkCounters {
 public:
  enum class Start { kNow, kNewNamespace };  // in a new one all are 0, and need not be read
  explicit NetworkCounters(Start start);
  /// By how much that counter has grown since; nothing where there is none of that name.
  std::optional<std::int64_t> increase_of(std::string_view name) const;

 private:
  static std::string read();
  std::string at_first_;
};

/// The counter `name` ("TcpExtListenOverflows") in a text of pairs of lines, names and values, or of lines with a name and its value.
std::optional<std::int64_t> find_counter(std::string_view text, std::string_view name);

}  // namespace stackscope
