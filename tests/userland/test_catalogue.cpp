#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "tests/userland/fake_crowd_port.hpp"
#include "tests/userland/fake_syscalls.hpp"
#include "userland/catalogue.hpp"
#include "userland/crowd_adapter.hpp"

using namespace stackscope;

TEST_CASE("every program says what it is, and every argument has a sentence and a valid default",
          "[catalogue]") {
  std::set<std::string_view> names;
  for (const ProgramSpec& program : programs()) {
    INFO(program.name);
    CHECK(names.insert(program.name).second);
    CHECK(program.sentence.ends_with('.'));
    CHECK(find_program(program.name) == &program);
    std::set<std::string_view> arguments;
    for (const Parameter& parameter : program.parameters) {
      INFO(parameter.name);
      CHECK(arguments.insert(parameter.name).second);
      CHECK(parameter.sentence.ends_with('.'));
      if (!parameter.required) CHECK_NOTHROW(default_argument(parameter));
    }
  }
  CHECK(find_program("herd_wroker") == nullptr);
}

TEST_CASE("a client that may stand on a peer has a crowd body", "[catalogue]") {
  CHECK(find_program("connect_each")->runs_on_peers());
  CHECK(find_program("echo_crowd")->runs_on_peers());
  CHECK(!find_program("echo_client")->runs_on_peers());
  CHECK(!find_program("herd_worker")->runs_on_peers());
}

TEST_CASE("every program has the bodies that its form promises", "[catalogue]") {
  for (const ProgramSpec& program : programs()) {
    INFO(program.name);
    CHECK((program.thread == nullptr) == (program.form == ProgramForm::kCrowd));  // a CrowdThread runs those
    CHECK((program.crowd != nullptr) == program.runs_on_peers());
    if (program.crowd) CHECK(program.crowd(arguments_of(program.name)) != nullptr);
  }
}

namespace {

using Given = std::vector<std::pair<std::string_view, std::string_view>>;

/// One thread of a program, as a full host runs it.
void run_thread(std::string_view program, Syscalls& os, const Arguments& arguments) {
  const ProgramSpec& spec = *find_program(program);
  if (spec.thread != nullptr) return spec.thread(os, arguments);
  CrowdThread(os, spec.crowd(arguments)).run();
}

/// What a program does on a machine where its first descriptor has one event, a connection and two reads.
std::vector<std::string> deeds(std::string_view program, const Given& given) {
  if (program == "syn_flood") {  // needs what system calls do not give
    FakeCrowdPort port(find_program(program)->crowd(arguments_of(program, given)));
    port.run();
    return port.lines;
  }
  FakeSyscalls os;
  os.thread_count = 2;
  const bool has_epoll_first = program == "echo_crowd" || program == "connect_crowd";
  const bool shares =
      std::find(given.begin(), given.end(), Given::value_type{"epoll", "shared"}) != given.end();
  if (!shares) os.report({{has_epoll_first ? 4 : 3, has_epoll_first ? EPOLLOUT : EPOLLIN}});
  if (program == "echo_server") os.report({{9, EPOLLIN}});
  if (program == "echo_crowd") os.report({{4, EPOLLIN}});
  if (has_epoll_first) os.report({});
  os.answer("accept4", {9});
  if (program == "bulk_client") {
    os.answer("read", {16, 0});
  } else {
    os.answer("read", program.starts_with("piecewise") ? std::initializer_list<std::int64_t>{100, 100}
                                                       : std::initializer_list<std::int64_t>{16, 16});
  }
  run_thread(program, os, arguments_of(program, given));
  return os.lines;
}

struct Change {
  std::string_view program, parameter, value;
};

constexpr Change kChanges[] = {
    {"herd_worker", "port", "81"},
    {"herd_worker", "epoll", "shared"},
    {"herd_worker", "trigger", "edge"},
    {"herd_worker", "exclusive", "true"},
    {"herd_worker", "reuseport", "true"},
    {"herd_worker", "think", "1us"},
    {"herd_worker", "accept", "until_eagain"},
    {"herd_worker", "wait", "poll"},
    {"herd_worker", "maxevents", "65"},
    {"herd_worker", "backlog", "5"},
    {"connect_each", "to", "server:81"},
    {"connect_each", "connections", "2"},
    {"connect_each", "every", "1s"},
    {"connect_each", "hold", "1us"},
    {"echo_server", "port", "81"},
    {"echo_server", "trigger", "edge"},
    {"echo_server", "think", "1us"},
    {"echo_server", "accept", "until_eagain"},
    {"echo_server", "maxevents", "65"},
    {"echo_server", "buffer", "4KiB"},
    {"echo_server", "backlog", "5"},
    {"echo_client", "to", "server:81"},
    {"echo_client", "messages", "1"},
    {"echo_client", "size", "8B"},
    {"echo_client", "gap", "1us"},
    {"echo_client", "nodelay", "true"},
    {"bulk_server", "port", "81"},
    {"bulk_server", "size", "1KiB"},
    {"bulk_server", "write", "16KiB"},
    {"bulk_server", "sndbuf", "16KiB"},
    {"bulk_client", "to", "server:81"},
    {"bulk_client", "transfers", "2"},
    {"bulk_client", "rcvbuf", "4KiB"},
    {"bulk_client", "read", "1KiB"},
    {"bulk_client", "think", "1ms"},
    {"piecewise_server", "port", "81"},
    {"piecewise_server", "request", "100B"},
    {"piecewise_server", "answer", "8B"},
    {"piecewise_server", "quickack", "true"},
    {"piecewise_client", "to", "server:81"},
    {"piecewise_client", "requests", "1"},
    {"piecewise_client", "pieces", "3"},
    {"piecewise_client", "size", "8B"},
    {"piecewise_client", "answer", "50B"},
    {"piecewise_client", "how", "writev"},
    {"piecewise_client", "pause", "1us"},
    {"piecewise_client", "gap", "1us"},
    {"patient_server", "port", "81"},
    {"patient_server", "every", "1s"},
    {"patient_server", "keepalive", "true"},
    {"patient_server", "keepidle", "60s"},
    {"patient_server", "keepintvl", "10s"},
    {"patient_server", "keepcnt", "6"},
    {"patient_server", "user_timeout", "30s"},
    {"syn_flood", "to", "server:81"},
    {"syn_flood", "syns", "2"},
    {"syn_flood", "every", "1s"},
    {"connect_crowd", "to", "server:81"},
    {"connect_crowd", "clients", "2"},
    {"connect_crowd", "every", "1s"},
    {"connect_crowd", "hold", "5ms"},
    {"echo_crowd", "to", "server:81"},
    {"echo_crowd", "clients", "2"},
    {"echo_crowd", "messages", "1"},
    {"echo_crowd", "size", "8B"},
    {"echo_crowd", "every", "1s"},
    {"echo_crowd", "think", "5ms"},
};

}  // namespace

TEST_CASE("every parameter changes what its program does", "[catalogue]") {
  for (const Change& change : kChanges) {
    INFO(change.program << " " << change.parameter << " = " << change.value);
    Given given;
    if (change.program.ends_with("_crowd") && change.parameter == "every") given.push_back({"clients", "2"});
    const auto before = deeds(change.program, given);
    CHECK(before == deeds(change.program, given));
    given.push_back({change.parameter, change.value});
    CHECK(before != deeds(change.program, given));
  }
  for (const ProgramSpec& program : programs()) {
    for (const Parameter& parameter : program.parameters) {
      INFO(program.name << " " << parameter.name);
      CHECK(std::any_of(std::begin(kChanges), std::end(kChanges), [&](const Change& change) {
        return change.program == program.name && change.parameter == parameter.name;
      }));
    }
  }
}

TEST_CASE("connect_each does on a peer what its arguments say, as its blocking body does", "[catalogue]") {
  const auto on_a_peer = [](const Given& given) {
    FakeCrowdPort port(find_program("connect_each")->crowd(arguments_of("connect_each", given)));
    port.run();
    return port.lines;
  };
  const Given given = {{"connections", "2"}};
  for (const auto& change : {Given::value_type{"connections", "3"}, {"every", "1s"}, {"hold", "1us"}}) {
    INFO(change.first);
    CHECK(on_a_peer(given) != on_a_peer({given[0], change}));
  }
}
