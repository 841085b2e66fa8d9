#include "measure/looking.hpp"

#include <charconv>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "measure/small_file.hpp"

namespace stackscope {

namespace {

/// The word after `label` in a status file.
std::string_view field(std::string_view status, std::string_view label) {
  const std::size_t at = status.find(label);
  if (at == std::string_view::npos) return {};
  std::string_view rest = status.substr(at + label.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  return rest.substr(0, rest.find_first_of(" \n"));
}

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// A thread as it stood at a look; two that are equal, with calls that never ended between, are the same sleep.
struct Stand {
  bool has_ended, is_blocked;
  std::uint32_t calls;
  std::int64_t switches;
  bool operator==(const Stand&) const = default;
};

Stand stand_of(const Arena& arena, const ThreadSlot& slot) {
  if (arena.has_ended(slot)) return {true, false, 0, 0};
  const std::uint32_t calls = slot.calls.load(std::memory_order_acquire);
  if (slot.where() != Whereabouts::kInCall) return {false, false, calls, 0};
  const ThreadLook look = look_at(slot);
  if (!look.exists) return {true, false, 0, 0};
  return {false, look.sleeps && slot.where() == Whereabouts::kInCall, calls, look.voluntary_switches};
}

}  // namespace

ThreadLook look_at(const ThreadSlot& slot) {
  const int pid = slot.host_pid.load(std::memory_order_acquire);
  const int tid = slot.host_tid.load(std::memory_order_acquire);
  const std::string folder = fmt::format("/proc/{}/task/{}", pid, tid);
  // First whether it is off its CPU, then what it counted: a wake-up between changes the state that is read last.
  const std::string call = read_small_file((folder + "/syscall").c_str());
  const std::string status = read_small_file((folder + "/status").c_str());
  const std::string_view state = field(status, "\nState:");
  if (state.empty() || state == "Z" || state == "X") return {};
  const bool is_off_cpu = !call.empty() && !call.starts_with("running");
  return {true, is_off_cpu && state == "S", number(field(status, "\nvoluntary_ctxt_switches:"))};
}

bool are_all_blocked(const Arena& arena, std::span<const std::uint32_t> slots) {
  std::vector<Stand> stood;
  for (const std::uint32_t ordinal : slots) {
    stood.push_back(stand_of(arena, arena.thread[ordinal]));
    if (!stood.back().has_ended && !stood.back().is_blocked) return false;
  }
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (stand_of(arena, arena.thread[slots[i]]) != stood[i]) return false;
  }
  return true;
}

std::int64_t wakeups_of(const Arena& arena, const ThreadSlot& slot) {
  const std::int64_t over = slot.wakeups.load(std::memory_order_acquire);
  if (arena.has_ended(slot) || slot.where() != Whereabouts::kInCall) return over;
  const std::int64_t before = slot.switches_before.load(std::memory_order_relaxed);
  const ThreadLook look = look_at(slot);
  // A call that ended meanwhile was not blocked, and for such a thread no number is definite.
  if (!look.exists || slot.where() != Whereabouts::kInCall)
    return slot.wakeups.load(std::memory_order_acquire);
  return over + look.voluntary_switches - before - (look.sleeps ? 1 : 0);
}

}  // namespace stackscope
