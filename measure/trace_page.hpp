#pragma once
// Pages of the kernel's trace buffer, as per_cpu/cpuN/trace_pipe_raw gives them: read into switches and wake-ups.
//
// Linux: kernel/trace/ring_buffer.c, include/linux/ring_buffer.h enum ring_buffer_type, struct buffer_data_page; the records' own
//        layout is what the `format` files say

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace stackscope {

/// A switch or a wake-up, with the kernel's own numbers of threads.
struct SchedEvent {
  enum class Kind : std::uint8_t { kSwitch, kWaking, kWakeup };
  std::int64_t at_ns = 0;   // CLOCK_MONOTONIC
  std::uint64_t order = 0;  // in which it was read: of one CPU, that in which it happened
  Kind kind = Kind::kSwitch;
  std::uint8_t cpu = 0;         // where it happened
  std::uint8_t target_cpu = 0;  // of a wake-up
  std::int32_t by = 0;          // the thread that ran there, whoever's work it did
  std::int32_t task = 0;        // who is woken; of a switch, who stops
  std::int32_t next = 0;        // of a switch
  std::int64_t prev_state = 0;  // of a switch: 0 could run on
};

/// Where the fields of one kind of record lie.
struct WakeFormat {
  std::uint16_t id = 0;
  std::size_t pid = 0, target_cpu = 0;
};
struct SwitchFormat {
  std::uint16_t id = 0;
  std::size_t prev_pid = 0, prev_state = 0, next_pid = 0;
};
struct SchedFormats {
  SwitchFormat switched;
  WakeFormat waking, wakeup;
};
/// From the texts of events/sched/*/format; none where a field is not as expected.
std::optional<SwitchFormat> read_switch_format(std::string_view text);
std::optional<WakeFormat> read_wake_format(std::string_view text);

/// Adds the events of one page to `events`, in their order; other kinds are passed over.
void read_trace_page(std::span<const std::byte> page, std::uint8_t cpu, const SchedFormats& formats,
                     std::vector<SchedEvent>& events);

}  // namespace stackscope
