#include "measure/recorder.hpp"

#include <algorithm>
#include <cstring>
#include <sched.h>
#include <tuple>
#include <vector>

#include "measure/monotonic.hpp"
#include "measure/sched_telling.hpp"

namespace stackscope {

namespace {

struct EventHeader {
  std::int64_t at_ns;
  TellEvent how;
  std::uint32_t text_bytes;
  std::uint16_t numbers;
  std::uint16_t cpu;
};

constexpr std::uint32_t padded(std::size_t bytes) {
  return static_cast<std::uint32_t>((bytes + 7) & ~std::size_t{7});
}

std::uint32_t bytes_of(std::size_t numbers, std::size_t text) {
  return static_cast<std::uint32_t>(sizeof(EventHeader) + numbers * sizeof(std::int64_t)) + padded(text);
}

/// An event where it lies.
struct Found {
  std::int64_t at_ns;
  std::uint32_t thread;
  std::size_t order;  // in which it was found: of one thread, the order in which it was told
  const std::byte* where;
  auto rank() const { return std::tuple(at_ns, thread, order); }
};

void find_events(const EventChunk& chunk, std::vector<Found>& found) {
  const std::uint32_t used = chunk.used.load(std::memory_order_acquire);
  for (std::uint32_t at = 0; at < used;) {
    EventHeader header{};
    std::memcpy(&header, chunk.bytes.data() + at, sizeof header);
    found.push_back({header.at_ns, chunk.thread, found.size(), chunk.bytes.data() + at});
    at += bytes_of(header.numbers, header.text_bytes);
  }
}

void tell(const Found& event, std::int64_t start_ns, Trace& trace, RecordId& cause) {
  EventHeader header{};
  std::memcpy(&header, event.where, sizeof header);
  const auto* const numbers = reinterpret_cast<const std::int64_t*>(event.where + sizeof header);
  const auto* const text = reinterpret_cast<const char*>(numbers + header.numbers);
  trace.moment().now = Instant::ns(std::max<std::int64_t>(header.at_ns - start_ns, 0));
  trace.moment().place = Place{1, static_cast<std::uint8_t>(header.cpu)};
  header.how(trace, {task_of_slot(event.thread), {numbers, header.numbers}, {text, header.text_bytes}},
             cause);
  cause = trace.moment().cause;
}

}  // namespace

void Recorder::tell(TellEvent how, std::span<const std::int64_t> numbers, std::string_view text) {
  if (!arena_.records) return;
  const std::size_t most =
      sizeof(EventChunk::bytes) - sizeof(EventHeader) - numbers.size() * sizeof(std::int64_t);
  text = text.substr(0, most);
  const EventHeader header{monotonic_ns(), how, static_cast<std::uint32_t>(text.size()),
                           static_cast<std::uint16_t>(numbers.size()),
                           static_cast<std::uint16_t>(::sched_getcpu())};
  const std::uint32_t bytes = bytes_of(numbers.size(), text.size());
  std::byte* out = room(bytes);
  if (out == nullptr) return;
  std::memcpy(out, &header, sizeof header);
  out += sizeof header;
  if (!numbers.empty()) std::memcpy(out, numbers.data(), numbers.size_bytes());
  if (!text.empty()) std::memcpy(out + numbers.size_bytes(), text.data(), text.size());
  arena_.chunk[slot_.chunk.load(std::memory_order_relaxed) - 1].used.fetch_add(bytes,
                                                                               std::memory_order_release);
}

std::byte* Recorder::room(std::uint32_t bytes) {
  const std::uint32_t current = slot_.chunk.load(std::memory_order_relaxed);
  EventChunk* chunk = current != 0 ? &arena_.chunk[current - 1] : nullptr;
  if (chunk == nullptr || bytes > chunk->bytes.size() - chunk->used.load(std::memory_order_relaxed)) {
    chunk = arena_.take_chunk(slot_);
  }
  if (chunk == nullptr) {
    arena_.lost_events.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
  }
  return chunk->bytes.data() + chunk->used.load(std::memory_order_relaxed);
}

Company tell_events(const Arena& arena, std::span<const SchedEvent> scheduler, std::int64_t start_ns,
                    Trace& trace) {
  std::vector<Found> found;
  for (std::uint32_t i = 0; i < arena.chunk_count(); ++i) find_events(arena.chunk[i], found);
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.rank() < b.rank(); });
  std::vector<RecordId> latest(arena.thread_count());
  const std::int64_t over = arena.over_ns.load(std::memory_order_acquire);
  SchedTelling between(arena, scheduler, start_ns, latest, trace);
  for (const Found& event : found) {
    between.tell_until(std::min(event.at_ns, over));
    tell(event, start_ns, trace, latest[event.thread]);
  }
  between.tell_until(over);
  return between.company();
}

}  // namespace stackscope
