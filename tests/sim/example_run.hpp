#pragma once
// A run of the examples' program: many records of all kinds, the same for the same seed.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "sim/memory_recording.hpp"
#include "sim/trace.hpp"
#include "tests/sim/example_records.hpp"

namespace stackscope::examples {

/// Knuth's MMIX generator; its high bits are good enough to choose with.
class Lcg {
 public:
  explicit Lcg(std::uint64_t seed) : state_(seed) { next(); }
  std::uint64_t next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return state_ ^ (state_ >> 33);
  }
  std::uint64_t below(std::uint64_t limit) { return (next() >> 16) % limit; }
  /// Often an extreme.
  template <class T>
  T any() {
    switch (below(4)) {
      case 0:
        return std::numeric_limits<T>::min();
      case 1:
        return std::numeric_limits<T>::max();
      default:
        return static_cast<T>(next());
    }
  }

 private:
  std::uint64_t state_;
};

inline ByteView bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

inline Everything any_record(Lcg& random, Trace& trace) {
  Everything all;
  all.u8 = random.any<std::uint8_t>(), all.u16 = random.any<std::uint16_t>();
  all.u32 = random.any<std::uint32_t>(), all.u64 = random.any<std::uint64_t>();
  all.i8 = random.any<std::int8_t>(), all.i16 = random.any<std::int16_t>();
  all.i32 = random.any<std::int32_t>(), all.i64 = random.any<std::int64_t>();
  all.flag = random.below(2) == 1;
  all.color = static_cast<Color>(random.below(3));
  all.nameless = static_cast<Nameless>(random.any<std::int16_t>());
  all.queue = QueueId{random.any<std::uint32_t>()};
  all.wait = Duration::ns(random.any<std::int64_t>());
  all.when = Instant::ns(random.any<std::int64_t>());
  all.behind = RecordId{random.below(trace.records() + 1)};
  all.text = trace.intern("text " + std::to_string(random.below(40)));
  const std::uint64_t length = random.below(300);
  all.payload = trace.blob(bytes_of(std::string(length, static_cast<char>('a' + random.below(26)))));
  return all;
}

/// Tells `records` records; with `finish`, also their end.
inline Totals run_example(RecordSink& sink, std::uint64_t seed, std::uint64_t records, bool finish = true) {
  static const Schema schema = Schema::of<Records>();
  Moment moment;
  Trace trace(moment, schema, sink);
  trace.set_metadata("seed " + std::to_string(seed));
  Lcg random(seed);
  while (trace.records() < records) {
    if (random.below(3) != 0) moment.now += Duration::ns(static_cast<std::int64_t>(random.below(2000)));
    moment.place = {static_cast<std::uint8_t>(random.below(3)), static_cast<std::uint8_t>(random.below(4))};
    const RecordId earlier{random.below(trace.records() + 1)};
    if (random.below(5) == 0) moment.cause = earlier;
    switch (random.below(5)) {
      case 0:
        trace.emit(FrameArrived{QueueId{1}, static_cast<std::uint32_t>(random.below(256)), 74});
        break;
      case 1:
        trace.emit(any_record(random, trace));
        break;
      case 2:
        trace.emit(Returned{random.any<std::int64_t>()}, earlier);
        break;
      case 3:
        trace.emit(Said{trace.intern("line " + std::to_string(random.below(1000)))});
        break;
      default:
        trace.emit(Ticked{});
    }
  }
  return finish ? trace.finish() : Totals{trace.records(), trace.fingerprints()};
}

/// Everything two recordings say, record by record; the first difference in words, or nothing.
inline std::string difference(const Recording& a, const Recording& b) {
  if (!(a.schema() == b.schema())) return "schemas differ";
  if (a.size() != b.size())
    return "sizes differ: " + std::to_string(a.size()) + ", " + std::to_string(b.size());
  RecordIterator other = b.records().begin();
  for (const RawRecord& record : a.records()) {
    const bool same =
        other->id == record.id && other->header.at == record.header.at &&
        other->header.cause == record.header.cause && other->header.kind == record.header.kind &&
        other->header.place == record.header.place && std::ranges::equal(other->fields, record.fields);
    if (!same) return a.text(record) + " is not " + b.text(*other);
    ++other;
  }
  return {};
}

}  // namespace stackscope::examples
