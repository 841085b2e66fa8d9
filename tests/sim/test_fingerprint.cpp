// What a fingerprint sees, and what it does not see.

#include <catch2/catch.hpp>

#include "sim/fingerprint.hpp"
#include "sim/trace.hpp"
#include "tests/sim/example_run.hpp"

using namespace stackscope;
using namespace stackscope::examples;

namespace {

struct Run {
  Moment moment;
  Schema schema = Schema::of<Records>();
  HashOnly sink;
  Trace trace{moment, schema, sink};
};

std::vector<bool> changed_layers(const Fingerprints& a, const Fingerprints& b) {
  std::vector<bool> changed;
  for (std::size_t i = 0; i < kLayers; ++i) changed.push_back(a.layers[i] != b.layers[i]);
  return changed;
}

// A frame, a tick, a return, a line; `change` may tell the run something more in between.
Fingerprints four_layers(auto&& change) {
  Run run;
  run.trace.emit(FrameArrived{QueueId{1}, 1, 74});
  change(run);
  run.trace.emit(Ticked{});
  run.trace.emit(Returned{1});
  run.trace.emit(Said{run.trace.intern("done")});
  return run.trace.fingerprints();
}
Fingerprints four_layers() {
  return four_layers([](Run&) {});
}

}  // namespace

TEST_CASE("fingerprints are the same on every compiler and machine", "[fingerprint]") {
  HashOnly sink;
  const Fingerprints fingerprints = run_example(sink, 1, 10'000).fingerprints;
  CHECK(fingerprints.whole.text() == "0255bb2aa8b013f8");
  CHECK(four_layers().whole.text() == "1ce0fb2b9fc37923");
}

TEST_CASE("a fingerprint reads as 16 hex digits", "[fingerprint]") {
  CHECK(Fingerprint{0xabc}.text() == "0000000000000abc");
  CHECK(Fingerprint::parse("0000000000000abc") == Fingerprint{0xabc});
  CHECK_FALSE(Fingerprint::parse("abc"));
  CHECK_FALSE(Fingerprint::parse("000000000000xabc"));
  CHECK_FALSE(Fingerprint::parse("00000000000000abc"));
}

TEST_CASE("a difference names its layer", "[fingerprint]") {
  const Fingerprints before = four_layers();
  const Fingerprints after = four_layers([](Run& run) { run.trace.emit(Returned{1}); });
  CHECK(changed_layers(before, after) == std::vector<bool>{false, false, true, false});
  CHECK(before.whole != after.whole);
}

TEST_CASE("a layer does not depend on how strings and blobs of others are numbered", "[fingerprint]") {
  const auto after =
      four_layers([](Run& run) { run.trace.intern("somebody else's"), run.trace.blob(bytes_of("x")); });
  CHECK(after == four_layers());
}

TEST_CASE("a layer depends on what its strings and blobs hold", "[fingerprint]") {
  const auto saying = [](std::string_view text, std::string_view bytes) {
    Run run;
    run.trace.emit(Said{run.trace.intern(text)});
    Everything all;
    all.payload = run.trace.blob(bytes_of(bytes));
    run.trace.emit(all);
    return run.trace.fingerprints();
  };
  CHECK(changed_layers(saying("a", "x"), saying("b", "x")) == std::vector<bool>{false, false, false, true});
  CHECK(changed_layers(saying("a", "x"), saying("a", "y")) == std::vector<bool>{false, true, false, false});
}

TEST_CASE("causes, and fields that name records, count in the whole alone", "[fingerprint]") {
  const auto caused_by = [](RecordId cause, RecordId behind) {
    Run run;
    run.trace.emit(Ticked{});
    run.trace.emit(Ticked{}, cause);
    Everything all;
    all.behind = behind;
    run.trace.emit(all);
    return run.trace.fingerprints();
  };
  const Fingerprints base = caused_by({1}, {1});
  for (const Fingerprints& other : {caused_by({0}, {1}), caused_by({1}, {2})}) {
    CHECK(base.layers == other.layers);
    CHECK(base.whole != other.whole);
  }
}

TEST_CASE("time, place and the order between layers count", "[fingerprint]") {
  const Fingerprints base = four_layers();
  CHECK(base != four_layers([](Run& run) { run.moment.now += Duration::ns(1); }));
  CHECK(base != four_layers([](Run& run) { run.moment.place.cpu = 1; }));
  CHECK(base != four_layers([](Run& run) { run.moment.place.host = 1; }));

  const auto in_order = [](bool tick_first) {
    Run run;
    if (tick_first) run.trace.emit(Ticked{}, {});
    run.trace.emit(Returned{}, {});
    if (!tick_first) run.trace.emit(Ticked{}, {});
    return run.trace.fingerprints();
  };
  CHECK(in_order(true).layers == in_order(false).layers);
  CHECK(in_order(true).whole != in_order(false).whole);
}

TEST_CASE("a kind that joins the list changes no fingerprint", "[fingerprint]") {
  const auto ticks = []<class Tick, class List>(const Tick& tick, List) {
    Moment moment;
    const Schema schema = Schema::of<List>();
    HashOnly sink;
    Trace trace(moment, schema, sink);
    for (int i = 0; i < 10; ++i) trace.emit(tick);
    return trace.fingerprints();
  };
  STATIC_REQUIRE(KindOf<Ticked>::value != KindOf<old::Ticked>::value);
  CHECK(ticks(Ticked{}, Records{}) == ticks(old::Ticked{}, old::Records{}));
}

TEST_CASE("neither chunks nor sinks nor looking at it on the way change a fingerprint", "[fingerprint]") {
  HashOnly plain;
  const Totals expected = run_example(plain, 7, 5'000);
  for (const std::size_t chunk_bytes : {1, 100, 999, 4096, 1 << 20}) {
    HashOnly sink(chunk_bytes);
    CHECK(run_example(sink, 7, 5'000) == expected);
    MemoryRecording memory(std::make_shared<ChunkPool>(chunk_bytes));
    CHECK(run_example(memory, 7, 5'000) == expected);
    CHECK(fingerprints_of(memory) == expected.fingerprints);
  }

  const auto ticking = [](int look_every) {
    Run run;
    for (int i = 1; i <= 1000; ++i) {
      run.trace.emit(Ticked{});
      if (i % look_every == 0) (void)run.trace.fingerprints();
    }
    return run.trace.fingerprints();
  };
  CHECK(ticking(1) == ticking(2000));
}
