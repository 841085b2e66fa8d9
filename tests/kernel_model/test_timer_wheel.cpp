#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <tuple>
#include <vector>

#include "kernel_model/timers/timer_wheel.hpp"

using namespace stackscope;

namespace {

struct Log {
  std::vector<int> fired;
};

/// A timeout that writes its number down.
struct Note {
  Note(Log& where, int what) : log(where), number(what) {}
  void fire() { log.fired.push_back(number); }
  Log& log;
  int number;
  WheelTimer timer = WheelTimer::calling<&Note::fire>(*this);
};

/// The jiffy at which a lone timer fires, found by turning the wheel jiffy by jiffy.
Jiffies fires_at(Hz hz, Jiffies now, std::uint64_t timeout) {
  Log log;
  TimerWheel wheel(hz, now);
  Note note(log, 1);
  wheel.arm(note.timer, now + timeout, now);
  for (; log.fired.empty(); now += 1) wheel.run_expired(now);
  return now - 1;
}

}  // namespace

TEST_CASE("the grain grows eightfold a level, as the kernel's table says", "[timer_wheel]") {
  struct Row {
    std::uint32_t hz;
    unsigned level;
    std::int64_t from_ms, grain_ms;
  };
  const Row row = GENERATE(values<Row>({
      {1000, 0, 0, 1},
      {1000, 1, 64, 8},
      {1000, 2, 512, 64},
      {1000, 3, 4096, 512},
      {1000, 4, 32768, 4096},
      {1000, 5, 262144, 32768},
      {1000, 6, 2097152, 262144},
      {1000, 7, 16777216, 2097152},
      {1000, 8, 134217728, 16777216},
      {250, 0, 0, 4},
      {250, 1, 256, 32},
      {250, 2, 2048, 256},
      {250, 3, 16384, 2048},
      {250, 4, 131072, 16384},
      {250, 5, 1048576, 131072},
      {250, 6, 8388608, 1048576},
      {250, 7, 67108864, 8388608},
      {250, 8, 536870912, 67108864},
      {100, 0, 0, 10},
      {100, 1, 640, 80},
      {100, 2, 5120, 640},
      {100, 3, 40960, 5120},
      {100, 4, 327680, 40960},
      {100, 5, 2621440, 327680},
      {100, 6, 20971520, 2621440},
      {100, 7, 167772160, 20971520},
  }));
  const Tick tick(Hz{row.hz}, Duration{});
  const Jiffies now = initial_jiffies(Hz{row.hz}) + 12345;
  const TimerWheel wheel(Hz{row.hz}, now);
  const std::uint64_t timeout = tick.from_duration(Duration::ms(row.from_ms));
  const auto slot = wheel.slot_for(now + timeout, now);
  CHECK(slot.index / TimerWheel::kBuckets == row.level);
  CHECK(tick.to_duration(TimerWheel::grain(row.level)) == Duration::ms(row.grain_ms));
  CHECK(slot.bucket_expiry.value % TimerWheel::grain(row.level) == 0);
  CHECK(slot.bucket_expiry > now + timeout);
  CHECK(slot.bucket_expiry <= now + timeout + TimerWheel::grain(row.level));
}

TEST_CASE("timers go into the buckets into which Linux 6.18 put them", "[timer_wheel]") {
  // timer:timer_start of a machine with HZ 250 that served TCP: now, expires, bucket_expiry, idx. 4458 of
  // 4461 traced timers follow from these fields alone; the other three were deferrable, on a base that lagged
  // behind.
  struct Row {
    std::uint64_t now, expires, bucket_expiry;
    unsigned index;
  };
  const Row row = GENERATE(values<Row>({
      {4295159253, 4295159253, 4295159254, 22},   // tcp_delack_timer
      {4295159251, 4295159252, 4295159253, 21},   // process_timeout
      {4295159262, 4295159287, 4295159288, 56},   // blk_stat_timer_fn
      {4295159251, 4295159301, 4295159302, 6},    // tcp_write_timer
      {4295159317, 4295159368, 4295159369, 9},    // tcp_write_timer
      {4295159304, 4295159429, 4295159432, 81},   // process_timeout
      {4295160806, 4295161000, 4295161008, 86},   // on an edge of its grain: a whole grain on top
      {4295160000, 4295160247, 4295160248, 119},  //
      {4295159253, 4295159503, 4295159504, 90},   // reqsk_timer_handler, 1 s
      {4295160328, 4295160823, 4295160824, 127},  //
      {4295159824, 4295160322, 4295160328, 65},   //
      {4295159380, 4295159880, 4295159888, 74},   // 500 jiffies: the last of level 1
      {4295159552, 4295160270, 4295160320, 136},  // writeout_period
      {4295159377, 4295160627, 4295160640, 141},  // tcp_keepalive_timer, 5 s
      {4295159377, 4295166877, 4295166976, 198},  // 30 s
      {4295159254, 4295174254, 4295174656, 213},  // tw_timer_handler, 60 s
      {4295159377, 4295181877, 4295182336, 228},  // 90 s
      {4295160255, 4295190500, 4295190528, 244},  //
      {4295159377, 4296959377, 4296966144, 381},  // 2 h
      {4295159377, 4303351127, 4303355904, 416},  // 32767 s
  }));
  const TimerWheel wheel(Hz{250}, Jiffies{row.now});
  const auto slot = wheel.slot_for(Jiffies{row.expires}, Jiffies{row.now});
  CHECK(slot.bucket_expiry.value == row.bucket_expiry);
  CHECK(slot.index == row.index);
}

TEST_CASE("what a timeout of TCP becomes at HZ 250", "[timer_wheel]") {
  const Tick tick(Hz{250}, Duration::ms(1));
  std::uint64_t earliest = UINT64_MAX, latest = 0;
  const auto span = [&](Duration timeout) {
    for (std::uint64_t offset = 0; offset < 1024; ++offset) {
      const Jiffies now = initial_jiffies(tick.hz()) + offset;
      const auto late =
          static_cast<std::uint64_t>(fires_at(tick.hz(), now, tick.from_duration(timeout)) - now);
      earliest = std::min(earliest, late), latest = std::max(latest, late);
    }
  };
  SECTION("a delayed ACK of 40 ms: the eleventh tick, 40 to 44 ms after a moment between two") {
    span(Duration::ms(40));
    CHECK(earliest == 11);
    CHECK(latest == 11);
  }
  SECTION("the first SYN retransmission after 1 s: up to 32 ms late") {
    span(Duration::s(1));
    CHECK(tick.to_duration(earliest) == Duration::ms(1004));
    CHECK(tick.to_duration(latest) == Duration::ms(1032));
  }
  SECTION("TIME_WAIT of 60 s: up to 2.048 s late") {
    span(Duration::s(60));
    CHECK(tick.to_duration(earliest) == Duration::ms(60004));
    CHECK(tick.to_duration(latest) == Duration::ms(62048));
  }
}

TEST_CASE("in a bucket the timer armed last fires first", "[timer_wheel]") {
  Log log;
  const Jiffies now{1000};
  TimerWheel wheel(Hz{250}, now);
  Note one(log, 1), two(log, 2), three(log, 3);
  for (Note* note : {&one, &two, &three}) wheel.arm(note->timer, now + 10, now);

  SECTION("one moved within its bucket keeps its turn") {
    wheel.arm(one.timer, now + 200, now);  // level 1, from here on
    wheel.arm(two.timer, now + 201, now);
    const auto armed = wheel.arm(one.timer, now + 202, now);
    CHECK(armed.was_pending);
    CHECK_FALSE(armed.enqueued);
    CHECK(one.timer.expires() == now + 202);
    wheel.run_expired(now + 300);
    CHECK(log.fired == std::vector{3, 2, 1});
  }
  SECTION("one moved to another bucket and back goes to the front") {
    wheel.arm(one.timer, now + 11, now);
    CHECK(wheel.arm(one.timer, now + 10, now).enqueued);
    wheel.run_expired(now + 11);
    CHECK(log.fired == std::vector{1, 3, 2});
  }
  SECTION("a deleted one does not fire") {
    CHECK(wheel.disarm(two.timer));
    CHECK_FALSE(wheel.disarm(two.timer));
    wheel.run_expired(now + 11);
    CHECK(log.fired == std::vector{3, 1});
    CHECK(wheel.next_expiry() == std::nullopt);
  }
}

TEST_CASE("where several levels are due, the coarsest fires first", "[timer_wheel]") {
  Log log;
  Jiffies now{64 * 1000};
  TimerWheel wheel(Hz{250}, now);
  Note fine(log, 0), coarse(log, 1);
  wheel.arm(coarse.timer, now + 127, now);  // level 1, collected at + 128
  now += 100;
  wheel.run_expired(now);
  wheel.arm(fine.timer, now + 27, now);  // level 0, collected at + 128 too
  wheel.run_expired(now + 27);
  CHECK(log.fired.empty());
  wheel.run_expired(now + 28);
  CHECK(log.fired == std::vector{1, 0});
}

namespace {

/// A timer whose callback arms itself again, and deletes another.
struct Meddler {
  void fire() {
    ++fired;
    wheel.disarm(victim);
    if (fired < 3) wheel.arm(timer, now, now);
  }
  TimerWheel& wheel;
  WheelTimer& victim;
  Jiffies now;
  int fired = 0;
  WheelTimer timer = WheelTimer::calling<&Meddler::fire>(*this);
};

}  // namespace

TEST_CASE("a callback may delete a timer that is due with it, and arm itself again", "[timer_wheel]") {
  Log log;
  const Jiffies start{5000};
  TimerWheel wheel(Hz{250}, start);
  Note victim(log, 1);
  Meddler meddler{wheel, victim.timer, start + 6};
  wheel.arm(victim.timer, start + 5, start);
  wheel.arm(meddler.timer, start + 5, start);
  wheel.run_expired(start + 6);
  CHECK(log.fired.empty());
  CHECK(meddler.fired == 1);  // armed for "now": not in this turn, though it is past
  CHECK(meddler.timer.is_pending());
  wheel.run_expired(start + 7);
  CHECK(meddler.fired == 2);
}

TEST_CASE("a timeout beyond the wheel is cut to its capacity", "[timer_wheel]") {
  const auto hz = Hz{GENERATE(100u, 250u, 1000u)};
  const Jiffies now{777};
  const TimerWheel wheel(hz, now);
  CHECK(wheel.levels() == (hz.value == 100 ? 8 : 9));
  const auto last = wheel.slot_for(now + (wheel.cutoff() - 1), now);
  const auto beyond = wheel.slot_for(now + wheel.cutoff() * 1000, now);
  CHECK(beyond == wheel.slot_for(now + wheel.capacity(), now));
  CHECK(beyond.bucket_expiry <= last.bucket_expiry);
}

TEST_CASE("after the earliest timer was deleted, the softirq is raised once for nothing", "[timer_wheel]") {
  Log log;
  const Jiffies now{1000};
  TimerWheel wheel(Hz{250}, now);
  Note soon(log, 1), later(log, 2);
  wheel.arm(soon.timer, now + 3, now);
  wheel.arm(later.timer, now + 30, now);
  wheel.disarm(soon.timer);
  CHECK_FALSE(wheel.softirq_due(now + 3));
  CHECK(wheel.softirq_due(now + 4));
  SECTION("by a tick that looks") {
    wheel.run_expired(now + 4);
    CHECK(log.fired.empty());
  }
  SECTION("not where an idle CPU asked for the next expiry before") { wheel.next_expiry(); }
  CHECK_FALSE(wheel.softirq_due(now + 5));
  CHECK(wheel.next_expiry() == now + 31);
}

TEST_CASE("a wheel that nobody ran places a new timer from where time is", "[timer_wheel]") {
  Log log;
  const Jiffies start{64000};
  TimerWheel wheel(Hz{250}, start);
  Note note(log, 1);
  const Jiffies now = start + 100'003;  // idle for 400 s
  CHECK(wheel.arm(note.timer, now + 10, now).slot.bucket_expiry == now + 11);
}

namespace {

/// The same rules without a wheel: a list that is searched.
class SlowWheel {
 public:
  struct Entry {
    int number;
    Jiffies expires, at;
    unsigned level;
    std::uint64_t armed;
  };
  explicit SlowWheel(unsigned levels) : levels_(levels) {}

  void arm(int number, Jiffies expires, Jiffies now) {
    Entry entry{number, expires, {}, 0, ++armed_};
    const Jiffies clk = std::max(now, clk_);
    std::uint64_t grain = 1;
    if (expires < clk) {
      entry.at = clk;
    } else {
      Jiffies wanted = expires;
      while (entry.level + 1 < levels_ && static_cast<std::uint64_t>(expires - clk) >= 63 * grain) {
        ++entry.level, grain *= 8;
      }
      if (static_cast<std::uint64_t>(expires - clk) >= 63 * grain) wanted = clk + 62 * grain;
      entry.at = Jiffies{(wanted.value / grain + 1) * grain};
    }
    const auto old = find(number);
    if (old != entries_.end()) {
      if (old->expires == expires) return;
      if (old->at == entry.at && old->level == entry.level) {
        old->expires = expires;
        return;
      }
      entries_.erase(old);
    }
    entries_.push_back(entry);
  }
  bool disarm(int number) {
    const auto old = find(number);
    if (old == entries_.end()) return false;
    entries_.erase(old);
    return true;
  }
  std::vector<int> run(Jiffies now) {
    std::vector<Entry> due;
    for (const Entry& entry : entries_) {
      if (entry.at <= now) due.push_back(entry);
    }
    std::erase_if(entries_, [&](const Entry& entry) { return entry.at <= now; });
    std::sort(due.begin(), due.end(), [](const Entry& a, const Entry& b) {
      return std::tuple(a.at, b.level, b.armed) < std::tuple(b.at, a.level, a.armed);
    });
    std::vector<int> fired;
    for (const Entry& entry : due) fired.push_back(entry.number);
    if (!due.empty()) clk_ = due.back().at + 1;
    return fired;
  }
  std::optional<Jiffies> next() const {
    std::optional<Jiffies> least;
    for (const Entry& entry : entries_) least = std::min(least.value_or(entry.at), entry.at);
    return least;
  }

 private:
  std::vector<Entry>::iterator find(int number) {
    return std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.number == number; });
  }
  unsigned levels_;
  std::vector<Entry> entries_;
  Jiffies clk_;
  std::uint64_t armed_ = 0;
};

}  // namespace

TEST_CASE("random arming, moving and deleting fires as a searched list does", "[timer_wheel][random]") {
  const auto hz = Hz{GENERATE(100u, 250u, 1000u)};
  const auto seed = GENERATE(range(1u, 9u));
  CAPTURE(seed, hz.value);
  std::mt19937_64 random(seed);
  Jiffies now = initial_jiffies(hz) + random() % 100'000;
  TimerWheel wheel(hz, now);
  SlowWheel slow(wheel.levels());
  Log log;
  std::vector<std::unique_ptr<Note>> notes;
  for (int i = 0; i < 60; ++i) notes.push_back(std::make_unique<Note>(log, i));

  std::size_t total = 0;
  for (int step = 0; step < 4000; ++step) {
    const int number = static_cast<int>(random() % notes.size());
    WheelTimer& timer = notes[static_cast<std::size_t>(number)]->timer;
    if (random() % 4 == 0) {
      REQUIRE(wheel.disarm(timer) == slow.disarm(number));
    } else {
      const std::uint64_t reach = std::uint64_t{1} << (random() % 33);
      const std::uint64_t ahead = random() % reach;
      const Jiffies expires = now + ahead - random() % 3;
      wheel.arm(timer, expires, now);
      slow.arm(number, expires, now);
    }
    REQUIRE(wheel.next_expiry() == slow.next());
    if (random() % 2 == 0) continue;
    // Time goes on: by a tick, or to the next expiry, as an idle CPU sleeps.
    Jiffies next = now + random() % 3;
    if (random() % 8 == 0 && slow.next() && *slow.next() > now) next = *slow.next();
    now = next;
    log.fired.clear();
    wheel.run_expired(now);
    REQUIRE(log.fired == slow.run(now));
    total += log.fired.size();
  }
  CHECK(total > 500);
}

TEST_CASE("jiffies lie on a grid that a scenario may shift", "[jiffies]") {
  const auto hz = Hz{GENERATE(100u, 250u, 1000u)};
  const Tick tick(hz, Duration::us(300));
  for (std::int64_t t : {0, 299'999, 300'000, 300'001, 4'299'999, 4'300'000, 1'000'000'000}) {
    const Instant instant = Instant::ns(t);
    CHECK(tick.of(tick.at(instant)) <= instant);
    CHECK(tick.next_after(instant) > instant);
    CHECK(tick.next_after(instant) - tick.of(tick.at(instant)) == tick.jiffy());
  }
  CHECK(tick.at(Instant::ns(299'999)) == initial_jiffies(hz) - 1);
  CHECK(tick.at(Instant::ns(300'000)) == initial_jiffies(hz));
  CHECK(tick.from_duration(Duration{}) == 0);
  CHECK(tick.from_duration(Duration::ns(1)) == 1);
  CHECK(tick.from_duration(Duration::s(1)) == hz.value);
  CHECK(tick.from_duration(Duration::s(1) + Duration::ns(1)) == hz.value + 1);
  CHECK(tick.from_duration(Duration::ns(-1)) == kMaxJiffyOffset);
}
