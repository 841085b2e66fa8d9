// The scheduler's part of a run on the kernel underneath: who was woken, and by whom.

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure/tracing.hpp"
#include "sim/memory_recording.hpp"
#include "sim/trace.hpp"
#include "tests/measure/real.hpp"

namespace stackscope {

namespace {

struct Traced {
  RealTest real;
  Moment moment;
  Schema schema = Schema::of<Records>();
  MemoryRecording recording;
  Trace trace{moment, schema, recording};

  RealResult run(std::vector<RealProgram> programs) {
    real.options.trace = &trace;
    real.options.scheduler = true;
    RealResult result = real.run(std::move(programs));
    trace.finish();
    return result;
  }
  /// Every text that begins so, in order.
  Lines texts(const std::string& beginning) const {
    Lines texts;
    for (const RawRecord& record : recording.records()) {
      const std::string text = recording.text(record);
      if (text.starts_with(beginning)) texts.push_back(text);
    }
    return texts;
  }
};

/// Whether this machine lets us trace; else the test says loudly that it was skipped.
bool can_trace() {
  std::string why_not;
  if (SchedTrace::start(why_not) != nullptr) return true;
  WARN("skipped: " + why_not);
  return false;
}

/// Instances of this process that are there.
std::size_t instances_left() {
  const int context = ::fsopen("tracefs", FSOPEN_CLOEXEC);
  ::fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0);
  const int mount = ::fsmount(context, FSMOUNT_CLOEXEC, 0);
  const std::string own = "stackscope_" + std::to_string(::getpid()) + "_";
  const auto all =
      std::filesystem::directory_iterator("/proc/self/fd/" + std::to_string(mount) + "/instances");
  const auto left = std::count_if(begin(all), end(all), [&](const auto& entry) {
    return entry.path().filename().string().starts_with(own);
  });
  ::close(context), ::close(mount);
  return static_cast<std::size_t>(left);
}

/// Thread 0 sleeps until thread 1 wakes it.
RealProgram sleeper_and_waker() {
  RealProgram program{.body = [](Syscalls& os) {
    if (os.thread_number() == 0) return os.futex_wait(0, 0, Duration::max());
    os.nanosleep(Duration::ms(20));
    os.store(0, 1);
    return os.futex_wake(0, 1) == 1 ? 0 : 1;
  }};
  program.threads = 2;
  return program;
}

}  // namespace

TEST_CASE("a wake-up is told between the call that made it and the one that it ended", "[real][tracing]") {
  if (!can_trace()) return;
  Traced traced;
  const RealResult result = traced.run({sleeper_and_waker()});
  CHECK(result.outcome == RealResult::Outcome::kFinished);
  CHECK(result.has_scheduler);
  CHECK(result.lost_events == 0);
  CHECK(result.notes.empty());
  RecordId woke, waking, wakeup, returned;
  for (const RawRecord& record : traced.recording.records()) {
    const std::string text = traced.recording.text(record);
    if (text.starts_with("syscalls:sys_enter_futex task=2")) woke = record.id;
    if (text.starts_with("sched:sched_waking task=1")) {
      waking = record.id;
      CHECK(record.header.cause == woke);
    }
    if (text.starts_with("sched:sched_wakeup task=1")) {
      wakeup = record.id;
      CHECK(record.header.cause == waking);
    }
    if (text.starts_with("syscalls:sys_exit_futex task=1 ret=0")) returned = record.id;
  }
  CHECK(woke != RecordId{});
  CHECK(woke < waking);
  CHECK(waking < wakeup);
  CHECK(wakeup < returned);
  CHECK(traced.texts("sched:sched_waking task=1").size() == 1);
}

TEST_CASE("a thread that sleeps leaves its CPU asleep, and is woken as often", "[real][tracing]") {
  if (!can_trace()) return;
  Traced traced;
  RealProgram program{.body = [](Syscalls& os) {
    for (int i = 0; i < 5; ++i) os.nanosleep(Duration::ms(2));
    return 0;
  }};
  traced.run({program});
  std::size_t sleeps = 0;
  for (const std::string& text : traced.texts("sched:sched_switch"))
    sleeps += text.find("prev=1 prev_state=S") != std::string::npos ? 1 : 0;
  CHECK(sleeps == 5);
  CHECK(traced.texts("sched:sched_waking task=1").size() == 5);
  CHECK(traced.texts("sched:sched_wakeup task=1").size() == 5);
}

TEST_CASE("times of the scheduler are those of the threads", "[real][tracing]") {
  if (!can_trace()) return;
  Traced traced;
  traced.run({sleeper_and_waker()});
  Instant last;
  for (const RawRecord& record : traced.recording.records()) {
    CHECK(record.header.at >= last);
    last = record.header.at;
  }
}

TEST_CASE("no trace instance is left, whatever became of the run", "[real][tracing]") {
  if (!can_trace()) return;
  SECTION("the program crashed") {
    Traced traced;
    traced.run({{.body = [](Syscalls&) -> int { return ::raise(SIGSEGV); }}});
  }
  SECTION("the deadline ended it") {
    Traced traced;
    traced.real.options.deadline = Duration::ms(50);
    const RealResult result =
        traced.run({{.body = [](Syscalls& os) { return os.nanosleep(Duration::s(60)); }}});
    CHECK(result.outcome == RealResult::Outcome::kDeadline);
  }
  CHECK(instances_left() == 0);
}

TEST_CASE("whoever traces may be killed: the instance goes all the same", "[real][tracing]") {
  if (!can_trace()) return;
  std::string why_not;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto trace = SchedTrace::start(why_not);
    (void)!::write(ends[1], "x", 1);
    ::pause();
  }
  char ready = 0;
  CHECK(::read(ends[0], &ready, 1) == 1);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ends[0]), ::close(ends[1]);
  const std::string name = "instances/stackscope_" + std::to_string(child) + "_0";
  const int context = ::fsopen("tracefs", FSOPEN_CLOEXEC);
  ::fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0);
  const int mount = ::fsmount(context, FSMOUNT_CLOEXEC, 0);
  const std::string path = "/proc/self/fd/" + std::to_string(mount) + "/" + name;
  bool is_there = true;
  for (int i = 0; i < 500 && (is_there = std::filesystem::exists(path)); ++i) ::usleep(10'000);
  CHECK_FALSE(is_there);
  ::close(context), ::close(mount);
}

TEST_CASE("formats of records are read, and what is not as expected is refused", "[tracing]") {
  constexpr std::string_view kWaking =
      "name: sched_waking\nID: 375\nformat:\n\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
      "\tfield:pid_t pid;\toffset:24;\tsize:4;\tsigned:1;\n\tfield:int "
      "target_cpu;\toffset:32;\tsize:4;\tsigned:1;\n";
  const auto format = read_wake_format(kWaking);
  REQUIRE(format.has_value());
  CHECK(format->id == 375);
  CHECK(format->pid == 24);
  CHECK(format->target_cpu == 32);
  CHECK_FALSE(read_switch_format(kWaking).has_value());
  CHECK_FALSE(read_wake_format("ID: 1\n\tfield:long pid;\toffset:8;\tsize:8;").has_value());
}

namespace {

/// A page of the kernel's, put together by hand.
struct Page {
  std::vector<std::byte> bytes;

  explicit Page(std::uint64_t time) { put(time), put(std::uint64_t{0}); }
  void put(auto value) {
    const auto* const from = reinterpret_cast<const std::byte*>(&value);
    bytes.insert(bytes.end(), from, from + sizeof value);
  }
  void head(std::uint32_t type, std::uint32_t delta) { put(delta << 5 | type); }
  void waking(std::int32_t pid) {  // of a format with two fields
    put(std::uint16_t{7}), put(std::uint16_t{0}), put(std::int32_t{1}), put(pid), put(std::int32_t{0});
  }
  std::vector<SchedEvent> read() {
    const std::uint64_t length = bytes.size() - 16;
    std::memcpy(bytes.data() + 8, &length, sizeof length);
    SchedFormats formats;
    formats.waking = {7, 8, 12};
    std::vector<SchedEvent> events;
    read_trace_page(bytes, 0, formats, events);
    return events;
  }
};

}  // namespace

TEST_CASE("a page's times add up over short and long distances, and padding is passed over", "[tracing]") {
  Page page(1000);
  page.head(4, 5), page.waking(11);
  page.head(30, 3), page.put(std::uint32_t{2});  // 2 * 2^27 + 3 later
  page.head(0, 1), page.put(std::uint32_t{20}), page.waking(12);
  page.head(29, 9), page.put(std::uint32_t{8}), page.put(std::uint32_t{0});
  page.head(4, 4), page.waking(13);
  page.head(29, 0), page.put(std::uint32_t{0});
  const std::vector<SchedEvent> events = page.read();
  REQUIRE(events.size() == 3);
  CHECK(events[0].at_ns == 1005);
  CHECK(events[1].at_ns == 1005 + 2 * (std::int64_t{1} << 27) + 3 + 1);
  CHECK(events[2].at_ns == events[1].at_ns + 4);
  CHECK(events[0].task == 11);
  CHECK(events[2].task == 13);
}

TEST_CASE("a page that was cut or damaged gives what is whole", "[tracing]") {
  Page page(1000);
  page.head(4, 5), page.waking(11);
  page.head(28, 1);  // 112 bytes that are not there
  CHECK(page.read().size() == 1);
  Page empty(1);
  empty.head(0, 1), empty.put(std::uint32_t{0});
  CHECK(empty.read().empty());
}

}  // namespace stackscope
