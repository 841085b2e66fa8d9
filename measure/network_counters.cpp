#include "measure/network_counters.hpp"

#include <charconv>

#include "measure/small_file.hpp"

namespace stackscope {

namespace {

std::string_view take_until(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return taken;
}

/// "TcpExt: SyncookiesSent …" above "TcpExt: 0 …"
std::optional<std::int64_t> find_in_pair(std::string_view names, std::string_view values,
                                         std::string_view name) {
  const std::string_view group = take_until(names, ':');
  if (!name.starts_with(group)) return std::nullopt;
  name.remove_prefix(group.size());
  take_until(values, ':');
  while (!names.empty()) {
    const std::string_view its_name = take_until(names, ' '), its_value = take_until(values, ' ');
    if (its_name != name || name.empty()) continue;
    std::int64_t value = 0;
    std::from_chars(its_value.data(), its_value.data() + its_value.size(), value);
    return value;
  }
  return std::nullopt;
}

/// "Udp6InDatagrams                 	12", as IPv6 has them
std::optional<std::int64_t> find_in_line(std::string_view line, std::string_view name) {
  if (line.substr(0, line.find_first_of(" \t")) != name) return std::nullopt;
  line.remove_prefix(line.find_last_of(" \t") + 1);
  std::int64_t value = 0;
  std::from_chars(line.data(), line.data() + line.size(), value);
  return value;
}

}  // namespace

std::optional<std::int64_t> find_counter(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::string_view names = take_until(text, '\n');
    if (names.find(':') == std::string_view::npos) {
      if (const auto found = find_in_line(names, name)) return found;
      continue;
    }
    const std::string_view values = take_until(text, '\n');
    if (const auto found = find_in_pair(names, values, name)) return found;
  }
  return std::nullopt;
}

NetworkCounters::NetworkCounters(Start start) : at_first_(start == Start::kNow ? read() : std::string{}) {}

std::string NetworkCounters::read() {
  return read_small_file("/proc/thread-self/net/snmp") + read_small_file("/proc/thread-self/net/netstat") +
         read_small_file("/proc/thread-self/net/snmp6");
}

std::optional<std::int64_t> NetworkCounters::increase_of(std::string_view name) const {
  const auto now = find_counter(read(), name);
  return now ? std::optional(*now - find_counter(at_first_, name).value_or(0)) : std::nullopt;
}

}  // namespace stackscope
