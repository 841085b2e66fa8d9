#include "measure/trace_page.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fmt/format.h>

namespace stackscope {

namespace {

// --- formats ---------------------------------------------------------------------------------------------------------

std::optional<std::size_t> number_after(std::string_view text, std::string_view label) {
  const std::size_t at = text.find(label);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(at + label.size());
  std::size_t value = 0;
  const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  return read.ec == std::errc{} ? std::optional(value) : std::nullopt;
}

/// "field:pid_t pid;	offset:24;	size:4;" has the place of `pid`, if it is as large as it should be.
std::optional<std::size_t> place_of(std::string_view text, std::string_view field, std::size_t size) {
  const std::size_t at = text.find(fmt::format(" {};", field));
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(at, text.find('\n', at) - at);
  return number_after(line, "size:") == size ? number_after(line, "offset:") : std::nullopt;
}

// --- pages -----------------------------------------------------------------------------------------------------------

constexpr std::size_t kPageHeader = 16;  // its time, and how many bytes follow
constexpr std::uint64_t kLengthMask =
    (1u << 20) - 1;  // the bits above tell of lost events, which are counted elsewhere
constexpr std::uint32_t kPadding = 29, kTimeExtend = 30, kTimeStamp = 31;
constexpr unsigned kTimeBits = 27;

template <class T>
T at(std::span<const std::byte> bytes, std::size_t place) {
  T value{};
  if (place + sizeof value <= bytes.size()) std::memcpy(&value, bytes.data() + place, sizeof value);
  return value;
}

/// Walks over the items of a page: records, and times too large for a record's own 27 bits.
class PageReader {
 public:
  explicit PageReader(std::span<const std::byte> page) : time_(at<std::uint64_t>(page, 0)) {
    const std::size_t length = at<std::uint64_t>(page, 8) & kLengthMask;
    rest_ = page.subspan(std::min(kPageHeader, page.size()));
    rest_ = rest_.first(std::min(length, rest_.size()));
  }

  /// The next record's bytes; none at the end of the page.
  std::optional<std::span<const std::byte>> next() {
    while (rest_.size() >= sizeof(std::uint32_t)) {
      const auto head = at<std::uint32_t>(rest_, 0);
      const std::uint32_t type = head & 31, delta = head >> 5;
      if (type == kPadding && delta == 0) break;  // nothing but padding follows
      if (type == kTimeExtend || type == kTimeStamp) {
        pass_time(type, delta);
        continue;
      }
      const std::size_t header = type == 0 || type == kPadding ? 8 : 4;
      const std::size_t length = header == 8 ? at<std::uint32_t>(rest_, 4) - 4 : type * 4;
      if (type != kPadding) time_ += delta;
      if (header + length > rest_.size()) break;
      const auto record = rest_.subspan(header, length);
      rest_ = rest_.subspan(std::min(header + ((length + 3) & ~std::size_t{3}), rest_.size()));
      if (type != kPadding) return record;
    }
    return std::nullopt;
  }
  std::int64_t time_ns() const { return static_cast<std::int64_t>(time_); }

 private:
  void pass_time(std::uint32_t type, std::uint32_t delta) {
    constexpr std::uint64_t kCarried = (std::uint64_t{1} << 59) - 1;
    const std::uint64_t value =
        (static_cast<std::uint64_t>(at<std::uint32_t>(rest_, 4)) << kTimeBits) + delta;
    time_ = type == kTimeExtend ? time_ + value : (time_ & ~kCarried) | value;
    rest_ = rest_.subspan(std::min<std::size_t>(8, rest_.size()));
  }

  std::uint64_t time_;
  std::span<const std::byte> rest_;
};

SchedEvent wake_of(std::span<const std::byte> record, SchedEvent::Kind kind, const WakeFormat& format) {
  SchedEvent event{.kind = kind};
  event.task = at<std::int32_t>(record, format.pid);
  event.target_cpu = static_cast<std::uint8_t>(at<std::int32_t>(record, format.target_cpu));
  return event;
}

SchedEvent switch_of(std::span<const std::byte> record, const SwitchFormat& format) {
  SchedEvent event{.kind = SchedEvent::Kind::kSwitch};
  event.task = at<std::int32_t>(record, format.prev_pid);
  event.next = at<std::int32_t>(record, format.next_pid);
  event.prev_state = at<std::int64_t>(record, format.prev_state);
  return event;
}

std::optional<SchedEvent> event_of(std::span<const std::byte> record, const SchedFormats& formats) {
  const auto id = at<std::uint16_t>(record, 0);
  if (id == formats.waking.id) return wake_of(record, SchedEvent::Kind::kWaking, formats.waking);
  if (id == formats.wakeup.id) return wake_of(record, SchedEvent::Kind::kWakeup, formats.wakeup);
  if (id == formats.switched.id) return switch_of(record, formats.switched);
  return std::nullopt;
}

}  // namespace

std::optional<SwitchFormat> read_switch_format(std::string_view text) {
  const auto id = number_after(text, "ID: ");
  const auto prev = place_of(text, "prev_pid", 4), state = place_of(text, "prev_state", 8),
             next = place_of(text, "next_pid", 4);
  if (!id || !prev || !state || !next) return std::nullopt;
  return SwitchFormat{static_cast<std::uint16_t>(*id), *prev, *state, *next};
}

std::optional<WakeFormat> read_wake_format(std::string_view text) {
  const auto id = number_after(text, "ID: ");
  const auto pid = place_of(text, "pid", 4), cpu = place_of(text, "target_cpu", 4);
  if (!id || !pid || !cpu) return std::nullopt;
  return WakeFormat{static_cast<std::uint16_t>(*id), *pid, *cpu};
}

void read_trace_page(std::span<const std::byte> page, std::uint8_t cpu, const SchedFormats& formats,
                     std::vector<SchedEvent>& events) {
  constexpr std::size_t kCommonPid = 4;
  PageReader reader(page);
  while (const auto record = reader.next()) {
    std::optional<SchedEvent> event = event_of(*record, formats);
    if (!event) continue;
    event->at_ns = reader.time_ns();
    event->order = events.size();
    event->cpu = cpu;
    event->by = at<std::int32_t>(*record, kCommonPid);
    events.push_back(*event);
  }
}

}  // namespace stackscope
