#include "measure/stuck.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "measure/looking.hpp"

namespace stackscope {

namespace {

/// As a program would write it. To join a thread is to sleep on a word of its own behind the program's.
std::string text_of(const CallInProgress& call) {
  const std::string_view name(call.name, call.name_length);
  if (name == "futex" && call.arguments[0] >= Syscalls::kSharedWords) return fmt::format("join({})", call.arguments[2]);
  const auto arguments = std::span(call.arguments).first(call.count);
  return fmt::format("{}({})", name, fmt::join(arguments, ", "));
}

std::string where(const ThreadSlot& slot) {
  switch (slot.where()) {
    case Whereabouts::kInCall:
    case Whereabouts::kComputes:
      return text_of(slot.call);
    case Whereabouts::kWaitsForLock:
      return "waits for the interpreter lock";
    case Whereabouts::kAsksWarden:
      return slot.request.load() == static_cast<std::uint32_t>(Request::kWaitUntilBlocked)
                 ? "wait_until_blocked()"
                 : "asks for a count";
    case Whereabouts::kOutside:
      break;
  }
  return "runs";
}

}  // namespace

std::vector<RealStuckThread> stuck_threads(const Arena& arena, std::span<const RealProgram> programs) {
  std::vector<RealStuckThread> stuck;
  for (std::uint32_t i = 0; i < arena.thread_count(); ++i) {
    const ThreadSlot& slot = arena.thread[i];
    if (arena.has_ended(slot) || !look_at(slot).exists) continue;
    const ProcessSlot& process = arena.process[slot.process];
    stuck.push_back(
        {programs[process.program].name, process.pid.load(), slot.tid.load(), slot.number, where(slot)});
  }
  return stuck;
}

}  // namespace stackscope
