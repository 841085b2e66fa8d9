// Counts from mark to mark, and the first difference of two recordings.

#include <catch2/catch.hpp>
#include <cerrno>

#include "analysis/counting.hpp"
#include "analysis/first_difference.hpp"
#include "sim/sink.hpp"
#include "tests/analysis/story.hpp"

using namespace stackscope;
using stackscope::testing::Story;

namespace {

using Column = std::vector<std::int64_t>;

void tell_herd(Trace& trace, Moment& moment) {
  moment.place = {0, 0};
  const StringId worker = trace.intern("worker"), client = trace.intern("client");
  const StringId connection = trace.intern("connection"), done = trace.intern("done");
  trace.emit(HostStarted{trace.intern("server"), 1, 250});
  for (std::uint32_t i = 1; i <= 3; ++i) {
    trace.emit(TaskCreated{TaskId{i}, ProcessId{1}, i == 3 ? client : worker, SchedPolicy::kFifo, 50});
  }
  trace.emit(SchedWaking{TaskId{1}, 0});  // before the first mark: not counted
  trace.emit(ProgramNote{TaskId{3}, connection, 0});
  for (std::uint32_t i = 1; i <= 3; ++i) trace.emit(SchedWaking{TaskId{i}, 0});
  trace.emit(call::EpollWait::Exit{TaskId{1}, 1});
  trace.emit(call::Accept4::Exit{TaskId{1}, 0});  // descriptor 0 is one, too
  trace.emit(call::EpollWait::Exit{TaskId{2}, 1});
  trace.emit(call::Accept4::Exit{TaskId{2}, -EAGAIN});
  trace.emit(call::EpollWait::Exit{TaskId{2}, 0});
  trace.emit(call::EpollWait::Exit{TaskId{2}, -EINTR});
  trace.emit(ProgramNote{TaskId{3}, connection, 1});
  trace.emit(call::Poll::Exit{TaskId{2}, 2});
  trace.emit(call::Poll::Exit{TaskId{3}, 2});  // not a worker
  trace.emit(ProgramNote{TaskId{3}, connection, 2});
  trace.emit(ProgramNote{TaskId{3}, done, 0});
  trace.emit(SchedWaking{TaskId{1}, 0});
}

}  // namespace

TEST_CASE("wake-ups and returns are counted from mark to mark, also when nothing is recorded", "[counting]") {
  const Schema schema = Schema::of<Records>();
  Moment moment;
  HashOnly sink;
  Trace trace(moment, schema, sink);
  IntervalCounter counter(schema, {.begins = trace.intern("connection"),
                                   .ends = trace.intern("done"),
                                   .comm = trace.intern("worker"),
                                   .process = {},
                                   .host = {}});
  trace.set_observer([&counter](const RawRecord& record) { counter.observe(record); });
  tell_herd(trace, moment);

  using C = IntervalCounts;
  CHECK(counter.column(&C::wakings) == Column{2, 0, 0});
  CHECK(counter.column(&C::epoll_wait_returned) == Column{2, 0, 0});
  CHECK(counter.column(&C::epoll_wait_in_vain) == Column{1, 0, 0});
  CHECK(counter.column(&C::accept4_returned) == Column{1, 0, 0});
  CHECK(counter.column(&C::accept4_in_vain) == Column{1, 0, 0});
  CHECK(counter.column(&C::poll_returned) == Column{0, 1, 0});
  REQUIRE(counter.tasks().size() == 2);
  CHECK(counter.tasks().at({0, TaskId{1}}).accept4_returned == 1);
  CHECK(counter.tasks().at({0, TaskId{2}}).accept4_returned == 0);
}

TEST_CASE("a recording gives the same counts afterwards", "[counting]") {
  const Schema schema = Schema::of<Records>();
  Moment moment;
  MemoryRecording recording;
  Trace trace(moment, schema, recording);
  tell_herd(trace, moment);
  IntervalCounter::Options options{.begins = *find_string(recording, "connection"),
                                   .ends = {},
                                   .comm = {},
                                   .process = ProcessId{1},
                                   .host = 0};
  CHECK(count_intervals(recording, options).column(&IntervalCounts::wakings) == Column{3, 0, 1});
  options.host = 1;
  CHECK(count_intervals(recording, options).tasks().empty());
  CHECK_FALSE(find_string(recording, "nobody said this"));
}

TEST_CASE("the first difference names its record, field and layer", "[difference]") {
  Story a, b;
  for (Story* story : {&a, &b}) {
    story->host(0, 1);
    story->later(50).tell(FrameArrived{QueueId{1}, PacketId{1}, 3, 74});
  }
  CHECK_FALSE(first_difference(a.recording(), b.recording()));
  SECTION("a field") {
    a.later().tell(FrameArrived{QueueId{1}, PacketId{2}, 4, 74});
    b.later().tell(FrameArrived{QueueId{1}, PacketId{2}, 5, 74});
    const auto found = first_difference(a.recording(), b.recording());
    REQUIRE(found);
    CHECK(found->record == RecordId{3});
    CHECK(found->layer == Layer::kWire);
    CHECK(found->what == "field ring_slot: 4 / 5");
    CHECK(found->text() ==
          "record #3 (wire): field ring_slot: 4 / 5\n"
          "  first:  #3 51ns host 0 cpu 0 <- #2 nic:frame_arrived queue=1 packet=2 ring_slot=4 "
          "length_bytes=74\n"
          "  second: #3 51ns host 0 cpu 0 <- #2 nic:frame_arrived queue=1 packet=2 ring_slot=5 "
          "length_bytes=74\n");
  }
  SECTION("the time, the kind, the place, the cause") {
    const auto what = [&] { return first_difference(a.recording(), b.recording())->what; };
    SECTION("time") {
      a.later(5).tell(CpuIdle{true}), b.later(6).tell(CpuIdle{true});
      CHECK(what() == "time: 55ns / 56ns");
    }
    SECTION("kind") {
      a.tell(CpuIdle{true}), b.tell(SchedWaking{});
      CHECK(what() == "kind: power:cpu_idle / sched:sched_waking");
    }
    SECTION("place") {
      a.on(0, 1).tell(CpuIdle{true}), b.on(0).tell(CpuIdle{true});
      CHECK(what() == "place: host 0 cpu 1 / host 0");
    }
    SECTION("cause") {
      a.trace().emit(CpuIdle{true}, RecordId{1}), b.trace().emit(CpuIdle{true}, RecordId{2});
      CHECK(what() == "cause: #1 / #2");
    }
  }
  SECTION("one is longer") {
    a.tell(CpuIdle{true});
    CHECK(first_difference(a.recording(), b.recording())->what == "the second recording ends here");
    CHECK(first_difference(b.recording(), a.recording())->what == "the first recording ends here");
  }
  SECTION("strings are compared by what they say") {
    b.text("a string that gives the others other ids");
    a.tell(ProgramNote{{}, a.text("same"), 1}), b.tell(ProgramNote{{}, b.text("same"), 1});
    CHECK_FALSE(first_difference(a.recording(), b.recording()));
    a.tell(ProgramNote{{}, a.text("this"), 1}), b.tell(ProgramNote{{}, b.text("that"), 1});
    CHECK(first_difference(a.recording(), b.recording())->what == "field what");
    CHECK(first_difference(a.recording(), b.recording())->layer == Layer::kProgram);
  }
}
