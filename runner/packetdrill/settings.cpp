#include "runner/packetdrill/settings.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "kernel_model/net/sysctls.hpp"
#include "sim/suggest.hpp"

namespace stackscope::packetdrill {

namespace {

using Numbers = std::vector<std::int64_t>;

struct Knob {
  std::string_view name;
  std::size_t count;
  void (*set)(Sysctls&, const Numbers&);
};

template <auto Member>
void set_one(Sysctls& s, const Numbers& n) {
  s.*Member = static_cast<std::remove_reference_t<decltype(s.*Member)>>(n[0]);
}
template <auto Member>
void set_three(Sysctls& s, const Numbers& n) {
  for (std::size_t i = 0; i < 3; ++i) (s.*Member)[i] = static_cast<std::int32_t>(n[i]);
}

constexpr Knob kKnobs[] = {
    {"net.core.rmem_default", 1, set_one<&Sysctls::rmem_default>},
    {"net.core.rmem_max", 1, set_one<&Sysctls::rmem_max>},
    {"net.core.somaxconn", 1, set_one<&Sysctls::somaxconn>},
    {"net.core.wmem_default", 1, set_one<&Sysctls::wmem_default>},
    {"net.core.wmem_max", 1, set_one<&Sysctls::wmem_max>},
    {"net.ipv4.ip_local_port_range", 2,
     [](Sysctls& s, const Numbers& n) {
       s.ip_local_port_first = static_cast<std::uint16_t>(n[0]);
       s.ip_local_port_last = static_cast<std::uint16_t>(n[1]);
     }},
    {"net.ipv4.tcp_abort_on_overflow", 1, set_one<&Sysctls::tcp_abort_on_overflow>},
    {"net.ipv4.tcp_app_win", 1, set_one<&Sysctls::tcp_app_win>},
    {"net.ipv4.tcp_backlog_ack_defer", 1, set_one<&Sysctls::tcp_backlog_ack_defer>},
    {"net.ipv4.tcp_fin_timeout", 1, set_one<&Sysctls::tcp_fin_timeout_s>},
    {"net.ipv4.tcp_max_syn_backlog", 1, set_one<&Sysctls::tcp_max_syn_backlog>},
    {"net.ipv4.tcp_max_tw_buckets", 1, set_one<&Sysctls::tcp_max_tw_buckets>},
    {"net.ipv4.tcp_min_snd_mss", 1, set_one<&Sysctls::tcp_min_snd_mss>},
    {"net.ipv4.tcp_min_tso_segs", 1, set_one<&Sysctls::tcp_min_tso_segs>},
    {"net.ipv4.tcp_moderate_rcvbuf", 1, set_one<&Sysctls::tcp_moderate_rcvbuf>},
    {"net.ipv4.tcp_pingpong_thresh", 1, set_one<&Sysctls::tcp_pingpong_thresh>},
    {"net.ipv4.tcp_retrans_collapse", 1, set_one<&Sysctls::tcp_retrans_collapse>},
    {"net.ipv4.tcp_retries2", 1, set_one<&Sysctls::tcp_retries2>},
    {"net.ipv4.tcp_rfc1337", 1, set_one<&Sysctls::tcp_rfc1337>},
    {"net.ipv4.tcp_rmem", 3, set_three<&Sysctls::tcp_rmem>},
    {"net.ipv4.tcp_rto_min_us", 1, set_one<&Sysctls::tcp_rto_min_us>},
    {"net.ipv4.tcp_sack", 1, set_one<&Sysctls::tcp_sack>},
    {"net.ipv4.tcp_dsack", 1, set_one<&Sysctls::tcp_dsack>},
    {"net.ipv4.tcp_comp_sack_nr", 1, set_one<&Sysctls::tcp_comp_sack_nr>},
    {"net.ipv4.tcp_comp_sack_delay_ns", 1, set_one<&Sysctls::tcp_comp_sack_delay_ns>},
    {"net.ipv4.tcp_comp_sack_slack_ns", 1, set_one<&Sysctls::tcp_comp_sack_slack_ns>},
    {"net.ipv4.tcp_slow_start_after_idle", 1, set_one<&Sysctls::tcp_slow_start_after_idle>},
    {"net.ipv4.tcp_syn_linear_timeouts", 1, set_one<&Sysctls::tcp_syn_linear_timeouts>},
    {"net.ipv4.tcp_syn_retries", 1, set_one<&Sysctls::tcp_syn_retries>},
    {"net.ipv4.tcp_synack_retries", 1, set_one<&Sysctls::tcp_synack_retries>},
    {"net.ipv4.tcp_syncookies", 1, set_one<&Sysctls::tcp_syncookies>},
    {"net.ipv4.tcp_timestamps", 1, set_one<&Sysctls::tcp_timestamps>},
    {"net.ipv4.tcp_tso_rtt_log", 1, set_one<&Sysctls::tcp_tso_rtt_log>},
    {"net.ipv4.tcp_tso_win_divisor", 1, set_one<&Sysctls::tcp_tso_win_divisor>},
    {"net.ipv4.tcp_tw_reuse", 1, set_one<&Sysctls::tcp_tw_reuse>},
    {"net.ipv4.tcp_tw_reuse_delay", 1, set_one<&Sysctls::tcp_tw_reuse_delay_ms>},
    {"net.ipv4.tcp_window_scaling", 1, set_one<&Sysctls::tcp_window_scaling>},
    {"net.ipv4.tcp_wmem", 3, set_three<&Sysctls::tcp_wmem>}};

/// What a test suite's defaults say, of what the model has: all of Linux's own defaults, and buffers of fixed sizes, so that
/// windows do not depend on the machine's memory.
constexpr std::pair<std::string_view, std::string_view> kDefaults[] = {
    {"net.ipv4.tcp_rmem", "4096 540000 15728640"},
    {"net.ipv4.tcp_wmem", "4096 262144 4194304"},
    {"net.ipv4.tcp_timestamps", "1"},
    {"net.ipv4.tcp_sack", "1"},
    {"net.ipv4.tcp_window_scaling", "1"},
    {"net.ipv4.tcp_fin_timeout", "60"},
    {"net.ipv4.tcp_slow_start_after_idle", "1"}};

// --- words -----------------------------------------------------------------------------------------------------------------

/// One command a vector, its words without quotes. A redirection is a word of its own.
std::vector<std::vector<std::string>> split(std::string_view line) {
  std::vector<std::vector<std::string>> commands(1);
  std::string word;
  bool has_word = false;
  const auto end_word = [&] {
    if (has_word) commands.back().push_back(std::exchange(word, {}));
    has_word = false;
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\\' && i + 1 < line.size()) {
      ++i;
      if (line[i] != '\n') word += line[i], has_word = true;
    } else if (c == '"' || c == '\'') {
      const std::size_t close = std::min(line.find(c, i + 1), line.size());
      word += line.substr(i + 1, close - i - 1), has_word = true;
      i = close;
    } else if (c == ';' || c == '\n' || c == '&') {
      end_word();
      commands.emplace_back();
    } else if (c == ' ' || c == '\t' || c == '\r') {
      end_word();
    } else if (c == '>') {
      end_word();
      commands.back().emplace_back(">");
    } else {
      word += c, has_word = true;
    }
  }
  end_word();
  std::erase_if(commands, [](const auto& words) { return words.empty() || words[0].starts_with('#'); });
  return commands;
}

/// net/ipv4/tcp_sack and /proc/sys/net/ipv4/tcp_sack are net.ipv4.tcp_sack.
std::string dotted(std::string_view name) {
  constexpr std::string_view kProc = "/proc/sys/";
  if (name.starts_with(kProc)) name.remove_prefix(kProc.size());
  std::string out(name);
  std::ranges::replace(out, '/', '.');
  return out;
}

using Words = std::vector<std::string>;

/// name=value, as sysctl and its like take them.
void read_assignments(const Words& words, ReadCommand& into) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i].starts_with('-')) continue;
    const std::size_t equals = words[i].find('=');
    if (equals == std::string::npos) {
      into.complaint = Complaint{fmt::format("'{}' sets nothing", words[i]), "sysctl -q net.ipv4.tcp_sack=1"};
      return;
    }
    into.settings.push_back(
        {dotted(std::string_view(words[i]).substr(0, equals)), words[i].substr(equals + 1)});
  }
}

void read_echo(const Words& words, ReadCommand& into) {
  if (words.size() == 4 && words[2] == ">" && words[3].starts_with("/proc/sys/")) {
    into.settings.push_back({dotted(words[3]), words[1]});
  }
}

/// Of `ip route`, what a connection starts with.
void read_ip(const Words& words, ReadCommand& into) {
  for (std::size_t i = 1; i + 1 < words.size(); ++i) {
    if (words[i] == "initcwnd" || words[i] == "initrwnd" || words[i] == "rto_min" || words[i] == "quickack" ||
        words[i] == "features" || words[i] == "mtu" || words[i] == "advmss") {
      into.settings.push_back({words[i], words[i + 1]});
    }
  }
}

void read_one(const Words& words, ReadCommand& into) {
  const std::string& path = words[0];
  const std::string program = path.substr(path.rfind('/') + 1);
  const auto has = [&](std::string_view word) { return std::ranges::find(words, word) != words.end(); };
  if (program == "sysctl" || program == "set_sysctls.py") return read_assignments(words, into);
  if (program == "defaults.sh") {
    for (const auto& [name, value] : kDefaults)
      into.settings.push_back({std::string(name), std::string(value)});
    return;
  }
  if (program == "echo") return read_echo(words, into);
  if (program == "ip") return read_ip(words, into);
  const bool changes_nothing = (program == "tc" && !has("netem")) || program == "ethtool" ||
                               program == "true" || program == ":" || program == "set" ||
                               program == "modprobe" ||
                               (program.starts_with("sysctl_restore") && program.ends_with(".sh"));
  if (changes_nothing) return;
  into.complaint = Complaint{fmt::format("'{}' is not executed, and what it would set is not known", path),
                             "known are sysctl, defaults.sh, set_sysctls.py, ip, tc qdisc and ethtool"};
}

}  // namespace

ReadCommand read_command(std::string_view line) {
  ReadCommand read;
  for (const Words& words : split(line)) {
    if (!read.complaint) read_one(words, read);
  }
  return read;
}

std::string apply(const Setting& setting, Sysctls& sysctls) {
  const Knob* const knob = std::ranges::find(kKnobs, setting.name, &Knob::name);
  if (knob == std::end(kKnobs)) return fmt::format("the model has no {} = {}", setting.name, setting.value);
  Numbers numbers;
  std::string_view rest = setting.value;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(" \t"), rest.size());
    if (end > 0) {
      const std::optional<std::int64_t> number = parse_integer(rest.substr(0, end));
      if (!number || *number < INT32_MIN || *number > INT32_MAX) break;
      numbers.push_back(*number);
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (numbers.size() != knob->count)
    return fmt::format("'{}' is no value of {}", setting.value, setting.name);
  knob->set(sysctls, numbers);
  return "";
}

}  // namespace stackscope::packetdrill
