// What is on the screen is what is in the view, whatever the moment.

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <random>
#include <set>
#include <unistd.h>

#include "tests/gui/stage.hpp"

namespace stackscope::gui {
namespace {

template <class Map>
void add_all(std::set<ObjectRef>& objects, ObjectKind kind, std::uint8_t host, const Map& map) {
  for (const auto& [id, value] : map) objects.insert({kind, host, ordinal_of(id)});
}

void add_packets(std::set<ObjectRef>& objects, const HostView& host) {
  for (const auto& [id, entry] : host.backlogged) objects.insert(ObjectRef::packet(id.value));
  for (const CpuView& cpu : host.cpus) {
    for (const auto& [place, packet] : cpu.backlog) objects.insert(ObjectRef::packet(packet.value));
  }
  for (const auto& [id, nic] : host.nics) {
    for (const auto& [place, entry] : nic.rx) objects.insert(ObjectRef::packet(entry.packet.value));
    for (const auto& [place, entry] : nic.tx) objects.insert(ObjectRef::packet(entry.packet.value));
  }
}

/// Every object that the picture owes: an empty wait queue owes nothing.
std::set<ObjectRef> objects_in(const SimulationView& view) {
  std::set<ObjectRef> objects;
  for (const auto& [number, host] : view.hosts) {
    for (const CpuView& cpu : host.cpus) objects.insert(ObjectRef::cpu(number, cpu.number));
    add_all(objects, ObjectKind::kTask, number, host.tasks);
    add_all(objects, ObjectKind::kWaiter, number, host.waiters);
    add_all(objects, ObjectKind::kEpoll, number, host.epolls);
    add_all(objects, ObjectKind::kItem, number, host.items);
    add_all(objects, ObjectKind::kSocket, number, host.sockets);
    add_all(objects, ObjectKind::kNic, number, host.nics);
    for (const auto& [id, queue] : host.wait_queues) {
      if (queue.waiters.size > 0) objects.insert({ObjectKind::kWaitQueue, number, id.value});
    }
    add_packets(objects, host);
  }
  for (const auto& [id, frame] : view.links.in_flight) objects.insert(ObjectRef::packet(id.value));
  return objects;
}

bool is_owed(const SimulationView& view, const ObjectRef& object) {
  if (object.kind == ObjectKind::kHost) return false;
  if (object.kind != ObjectKind::kWaitQueue) return true;
  const WaitQueueView* queue =
      view.hosts.find(object.host)->wait_queues.find(WaitQueueId{static_cast<std::uint32_t>(object.id)});
  return queue != nullptr && queue->waiters.size > 0;
}

std::set<ObjectRef> drawn_on(TestStage& stage) {
  std::set<ObjectRef> drawn;
  for (const ObjectRef& object : stage.app().registry().drawn()) {
    if (is_owed(stage.view(), object)) drawn.insert(object);
  }
  return drawn;
}

std::string difference(const std::set<ObjectRef>& a, const std::set<ObjectRef>& b) {
  for (const ObjectRef& object : a) {
    if (!b.contains(object)) return "not on the screen: " + text_of(object, true);
  }
  for (const ObjectRef& object : b) {
    if (!a.contains(object)) return "not in the view: " + text_of(object, true);
  }
  return "";
}

/// What a moment shows besides: so that the moments together cover what matters.
struct Seen {
  bool tree = false, ready = false, backlog = false, accept_queue = false;
  void look(const SimulationView& view) {
    for (const auto& [number, host] : view.hosts) {
      for (const auto& [id, epoll] : host.epolls) tree |= epoll.items > 1, ready |= epoll.ready().size > 0;
      for (const CpuView& cpu : host.cpus) backlog |= !cpu.backlog.empty();
      for (const auto& [id, socket] : host.sockets) accept_queue |= socket.accept_queue > 0;
    }
  }
};

void look_at_moments(TestStage& stage, int moments, Seen& seen) {
  std::mt19937 random(7);  // NOLINT: the same moments every time
  const std::uint64_t size = stage.player().recording().size();
  std::vector<std::uint64_t> records;
  for (int i = 0; i < moments; ++i) records.push_back(1 + random() % size);
  std::sort(records.begin(), records.end());
  for (const std::uint64_t record : records) {
    stage.seek(record);
    stage.frame();
    INFO("record " << record);
    REQUIRE(difference(objects_in(stage.view()), drawn_on(stage)) == "");
    REQUIRE(stage.app().primitives() < 20'000);
    seen.look(stage.view());
  }
}

TEST_CASE("Everything that a view holds is on the screen, by itself or in a heap") {
  std::vector<std::pair<std::string, std::string>> opened{{"scenarios/thundering_herd.toml", "shared"},
                                                          {"scenarios/thundering_herd.toml", "wire"},
                                                          {"scenarios/first_request.toml", "two-cpus"}};
  ScenarioList scenarios(STACKSCOPE_SOURCE_DIR "/scenarios");
  for (const ScenarioList::Entry& entry : scenarios.entries()) {
    opened.emplace_back("scenarios/" + std::filesystem::path(entry.path).filename().string(), kBaseline);
  }
  Seen seen;
  TestStage stage;
  for (const auto& [path, variant] : opened) {
    INFO(path << " " << variant);
    stage.open(path, variant);
    look_at_moments(stage, 200, seen);
  }
  CHECK(seen.tree);
  CHECK(seen.ready);
  CHECK(seen.backlog);
  CHECK(seen.accept_queue);
}

TEST_CASE("A recording of the real kernel is drawn as one of the model") {
  char folder[] = "/tmp/stackscope-gui-XXXXXX";
  REQUIRE(mkdtemp(folder) != nullptr);
  const std::filesystem::path recording = std::filesystem::path(folder) / "real.stackscope";
  const std::string command =
      fmt::format(STACKSCOPE_PROGRAM " run --on host --record {} " STACKSCOPE_SOURCE_DIR
                                     "/tests/parity/epoll_herd_own_instances_all_woken.lua >/dev/null 2>&1",
                  recording.string());
  if (std::system(command.c_str()) != 0) {
    WARN("skipped: the kernel underneath cannot be recorded here: " << command);
  } else {
    Seen seen;
    TestStage stage;
    stage.open(recording);
    look_at_moments(stage, 200, seen);
    CHECK(stage.player().recording().size() > 200);
  }
  std::filesystem::remove_all(folder);
}

TEST_CASE("Steps forward and the same steps back give the identical picture") {
  TestStage stage;
  stage.open("scenarios/thundering_herd.toml");
  for (const std::uint64_t start : {1U, 400U, 555U, 20'000U}) {
    stage.seek(start);
    const std::vector<char> before = stage.picture();
    for (int i = 0; i < 50; ++i) REQUIRE(stage.player().step(Step::kRecord, Direction::kOn));
    stage.seek(stage.player().target().value);
    REQUIRE(stage.picture() != before);
    for (int i = 0; i < 50; ++i) REQUIRE(stage.player().step(Step::kRecord, Direction::kBack));
    stage.seek(stage.player().target().value);
    CHECK(stage.picture() == before);
  }
}

TEST_CASE("A picture does not depend on the way to it") {
  TestStage stage;
  stage.open("scenarios/first_request.toml", "two-cpus");
  stage.seek(300);
  const std::vector<char> near = stage.picture();
  stage.seek(stage.player().recording().size());
  stage.frame();
  stage.seek(300);
  CHECK(stage.picture() == near);
}

}  // namespace
}  // namespace stackscope::gui
