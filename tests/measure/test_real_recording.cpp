// What a run on the kernel underneath tells: the model's records, in the order of their times.

#include <sys/epoll.h>

#include "sim/memory_recording.hpp"
#include "sim/trace.hpp"
#include "tests/measure/real.hpp"

namespace stackscope {

namespace {

struct Recorded {
  RealTest real;
  Moment moment;
  Schema schema = Schema::of<Records>();
  MemoryRecording recording;
  Trace trace{moment, schema, recording};

  RealResult run(std::vector<RealProgram> programs) {
    real.options.trace = &trace;
    RealResult result = real.run(std::move(programs));
    trace.finish();
    return result;
  }
  Lines texts() const {
    Lines texts;
    for (const RawRecord& record : recording.records()) texts.push_back(recording.text(record));
    return texts;
  }
};

}  // namespace

TEST_CASE("a run tells its calls, with their arguments and results", "[real][recording]") {
  Recorded recorded;
  RealProgram program{.body = [](Syscalls& os) {
    const int epoll = os.epoll_create1(0);
    std::array<epoll_event, 4> events;
    os.epoll_wait(epoll, events, 0);
    os.mark("work", true);
    os.note("found", 3);
    os.request_begins(1, epoll), os.request_ends(1, epoll);
    os.mark("work", false);
    os.print(1, "said"), os.log("kept");
    return os.close(77);
  }};
  program.name = "tells";
  CHECK(recorded.run({program}).outcome == RealResult::Outcome::kFinished);
  CHECK(recorded.texts() ==
        Lines{"task:task_newtask task=1 process=1 comm=\"tells\" policy=other priority=0",
              "syscalls:sys_enter_epoll_create1 task=1 flags=0",
              "syscalls:sys_exit_epoll_create1 task=1 ret=3",
              "syscalls:sys_enter_epoll_wait task=1 epfd=3 maxevents=4 timeout=0",
              "syscalls:sys_exit_epoll_wait task=1 ret=0", "program:mark task=1 name=\"work\" begins=true",
              "program:note task=1 what=\"found\" value=3",
              "program:request task=1 socket=0 number=1 begins=true",
              "program:request task=1 socket=0 number=1 begins=false",
              "program:mark task=1 name=\"work\" begins=false", "program:print task=1 stream=1 line=\"said\"",
              "program:log task=1 line=\"kept\"", "syscalls:sys_enter_close task=1 fd=77",
              "syscalls:sys_exit_close task=1 ret=-9", "sched:sched_process_exit task=1"});
}

TEST_CASE("records of many threads are in the order of their times, each thread's with its own cause",
          "[real][recording]") {
  Recorded recorded;
  RealProgram program{.body = [](Syscalls& os) {
    for (int i = 0; i < 300; ++i) os.getpid();
    return os.fork([](Syscalls& own) { return own.getpid(); }) > 0 ? 0 : 1;
  }};
  program.threads = 3;
  CHECK(recorded.run({program}).outcome == RealResult::Outcome::kFinished);
  Instant last;
  std::size_t calls = 0;
  for (const RawRecord& record : recorded.recording.records()) {
    CHECK(record.header.at >= last);
    CHECK(record.header.cause < record.id);
    CHECK(record.header.place.host == 1);
    last = record.header.at;
    const std::string text = recorded.recording.text(record);
    if (!text.starts_with("syscalls:sys_exit_getpid")) continue;
    ++calls;
    const std::string enter = recorded.recording.text(recorded.recording.at(record.header.cause));
    CHECK(enter.starts_with("syscalls:sys_enter_getpid"));
    CHECK(enter.substr(enter.find("task=")) ==
          text.substr(text.find("task="), text.find(" ret") - text.find("task=")));
  }
  CHECK(calls >= 900);
}

TEST_CASE("where there is no more room, events are lost and counted", "[real][recording]") {
  Recorded recorded;
  const RealResult result = recorded.run({{.body = [](Syscalls& os) {
    const std::string line(30'000, 'x');
    for (int i = 0; i < 5'000; ++i) os.log(line);
    return 0;
  }}});
  CHECK(result.outcome == RealResult::Outcome::kFinished);
  CHECK(result.lost_events > 0);
  CHECK(result.lost_events + recorded.recording.size() == 5'002);
  CHECK(result.notes.size() == 1);
}

}  // namespace stackscope
