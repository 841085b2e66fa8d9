// Views are what the records add up to; here they are held against the model itself, after every event.
//
// The engine runs without its fast path, so that an event ends at each charge: between two of them the model is atomic, and
// at each of them view and model must agree.

#include <catch2/catch.hpp>
#include <functional>

#include "sim/memory_recording.hpp"
#include "tests/runner/view_check.hpp"

using namespace stackscope;

namespace {

constexpr std::uint64_t kEverythingEvery = 4096;

ResolvedScenario scenario_of(const std::string& name, const std::string& variant,
                             const std::vector<std::string>& sets) {
  const LoadedScenario loaded =
      load_scenario_file(std::string(STACKSCOPE_SOURCE_DIR) + "/scenarios/" + name + ".toml");
  REQUIRE(loaded.scenario);
  Resolution resolution = resolve(*loaded.scenario, variant, sets);
  for (const Diagnostic& error : resolution.errors) UNSCOPED_INFO(error.message);
  REQUIRE(resolution.scenario);
  return std::move(*resolution.scenario);
}

/// A scenario on its way, with the view of what was recorded so far.
class WatchedRun {
 public:
  explicit WatchedRun(const ResolvedScenario& scenario)
      : until_(Instant::at(scenario.limits.until)),
        simulation_(build(scenario)),
        view_(recording_.schema()),
        check_(*simulation_, scenario) {
    simulation_->set_fast_path(false);
  }

  /// One event. Returns false when the run is over.
  bool step() {
    Engine& engine = simulation_->engine();
    if (simulation_->is_over() || engine.is_idle() || engine.next_due().at > until_) return false;
    engine.step();
    const RecordId past{recording_.size() + 1};
    for (const RawRecord& record : recording_.records(folded_, past))
      view_.apply(record), check_.note(record);
    folded_ = past;
    return true;
  }

  std::optional<ViewDifference> compare_noted() { return check_.noted(view_); }
  std::optional<ViewDifference> compare_everything() const { return check_.everything(view_); }

  /// Runs to the end; stops at the first difference, and says where.
  void compare_throughout() {
    for (std::uint64_t events = 1; step(); ++events) {
      agree(compare_noted());
      if (events % kEverythingEvery == 0) agree(compare_everything());
    }
    agree(compare_everything());
    const auto problem = view_.run.first_problem;
    INFO((problem ? recording_.text(recording_.at(problem)) : std::string("no problem")));
    CHECK(view_.run.problems == 0);
    CHECK(recording_.size() > 500);
  }

  const SimulationView& view() const { return view_; }
  SimulationView& view() { return view_; }

 private:
  std::unique_ptr<Simulation> build(const ResolvedScenario& scenario) {
    std::vector<Diagnostic> errors;
    auto simulation = Simulation::build(scenario, 1, recording_, errors);
    REQUIRE(simulation != nullptr);
    return simulation;
  }

  void agree(const std::optional<ViewDifference>& wrong) const {
    if (!wrong) return;
    std::string last;
    const std::uint64_t size = recording_.size();
    for (std::uint64_t id = size > 12 ? size - 12 : 1; id <= size; ++id) {
      const RawRecord record = recording_.at(RecordId{id});
      last += fmt::format("  {} #{} cpu {} {}\n", record.header.at.count(), id, record.header.place.cpu,
                          recording_.text(record));
    }
    FAIL("view / model: " << wrong->text() << "\nafter\n" << last);
  }

  MemoryRecording recording_;
  Instant until_;
  std::unique_ptr<Simulation> simulation_;
  SimulationView view_;
  ViewCheck check_;
  RecordId folded_{1};
};

}  // namespace

TEST_CASE("views agree with the model: the thundering herd", "[views]") {
  const auto variant =
      GENERATE(as<std::string>{}, "baseline", "shared", "each", "shared-reuseport", "each-exclusive",
               "shared-edge", "each-edge", "blocking-accept", "blocking-poll", "wire");
  CAPTURE(variant);
  WatchedRun run(scenario_of("thundering_herd", variant, {}));
  run.compare_throughout();
}

TEST_CASE("views agree with the model: the herd on two CPUs, with measured jitter", "[views]") {
  const auto variant = GENERATE(as<std::string>{}, "baseline", "shared", "each-edge-exclusive", "wire");
  CAPTURE(variant);
  WatchedRun run(
      scenario_of("thundering_herd", variant,
                  {"host.server.cpus=2", "host.server.jitter=measured", "run.workers.policy=other"}));
  run.compare_throughout();
}

TEST_CASE("views agree with the model: who waits for a mutex, and who for a futex", "[views]") {
  WatchedRun run(
      scenario_of("thundering_herd", "shared",
                  {"host.server.cpus=4", "host.server.jitter=measured", "run.workers.policy=other"}));
  bool has_mutex_waiter = false, has_futex_waiter = false;
  while (run.step()) {
    REQUIRE_FALSE(run.compare_noted().has_value());
    if (!run.view().hosts.contains(1)) continue;
    const HostView& host = *run.view().hosts.find(1);
    has_mutex_waiter = has_mutex_waiter || !host.mutexes.empty();
    for (const auto& [id, process] : host.processes)
      has_futex_waiter = has_futex_waiter || !process.futexes.empty();
  }
  CHECK(has_mutex_waiter);
  CHECK(has_futex_waiter);
}

TEST_CASE("views agree with the model: one request and its answer", "[views]") {
  const auto variant = GENERATE(as<std::string>{}, "baseline", "two-cpus", "request-64k");
  CAPTURE(variant);
  WatchedRun run(scenario_of("first_request", variant, {}));
  run.compare_throughout();
}

TEST_CASE("views agree with the model: a small crowd over a link", "[views]") {
  const auto [variant, ring] = GENERATE(table<std::string, std::string>(
      {{"baseline", "4096"}, {"edge", "4096"}, {"all-at-once", "64"}, {"all-at-once", "16"}}));
  CAPTURE(variant, ring);
  WatchedRun run(
      scenario_of("echo_10k", variant, {"run.clients.args.clients=50", "host.server.nic.rx_ring=" + ring}));
  run.compare_throughout();
}

// --- planted changes -------------------------------------------------------------------------------------------------

namespace {

/// A change of one field that no record told, where the run has come to an object that has it.
struct Planted {
  std::string_view path;  // what the comparison must name, without the host
  std::function<bool(HostView&)> change;
};

template <class Map>
auto* first_where(Map& map, auto wanted) {
  using Key = std::remove_cvref_t<decltype((*map.begin()).first)>;
  std::optional<Key> key;
  for (const auto& [id, value] : map) {
    if (!key && wanted(value)) key = id;
  }
  return key ? map.edit(*key) : nullptr;
}

template <class Map, class Wanted, class Change>
std::function<bool(HostView&)> in(Map HostView::* map, Wanted wanted, Change change) {
  return [=](HostView& host) {
    auto* const object = first_where(host.*map, wanted);
    if (object != nullptr) change(*object);
    return object != nullptr;
  };
}

constexpr auto kAny = [](const auto&) { return true; };

bool has_socket(const TcpView& tcp) { return tcp.srtt_us != 0 && tcp.rcv_nxt != 0; }

std::vector<Planted> cpu_changes() {
  return {
      {"tasks[].state",
       in(
           &HostView::tasks, [](const TaskView& t) { return t.state == TaskState::kSleeping; },
           [](TaskView& t) { t.state = TaskState::kRunning; })},
      {"tasks[].cpu", in(&HostView::tasks, kAny, [](TaskView& t) { t.cpu = 7; })},
      {"tasks[].waits_on", in(&HostView::tasks, kAny, [](TaskView& t) { ++t.waits_on; })},
      {"tasks[].timeout", in(&HostView::tasks, kAny, [](TaskView& t) { t.timeout = Instant::ns(1); })},
      {"cpus[].task", [](HostView& h) { return h.cpus[0].task = TaskId{99}, true; }},
      {"cpus[].pending_softirqs", [](HostView& h) { return h.cpus[0].pending_softirqs ^= 8, true; }},
      {"cpus[].contexts",
       [](HostView& h) { return h.cpus[0].contexts[h.cpus[0].depth++].kind = ContextKind::kHardirq, true; }},
      {"cpus[].poll_list", [](HostView& h) { return h.cpus[0].poll_list.push_back(NapiId{9}), true; }},
      {"cpus[].backlog", [](HostView& h) { return h.cpus[0].backlog.push_back(PacketId{9}), true; }},
      {"nics[].rx", in(&HostView::nics, kAny, [](NicView& n) { n.rx.push_back({1, PacketId{9}, {}}); })},
      {"nics[].tx", in(
                        &HostView::nics, [](const NicView& n) { return !n.tx.empty(); },
                        [](NicView& n) { n.tx.pop_front(); })},
      {"nics[].is_masked", in(&HostView::nics, kAny, [](NicView& n) { n.is_masked = !n.is_masked; })},
  };
}

std::vector<Planted> epoll_changes() {
  return {
      {"wait_queues[].waiters",
       in(
           &HostView::wait_queues, [](const WaitQueueView& q) { return q.waiters.size > 1; },
           [](WaitQueueView& q) { std::swap(q.waiters.first, q.waiters.last); })},
      {"waiters[].exclusive",
       in(&HostView::waiters, kAny, [](WaiterView& w) { w.exclusive = !w.exclusive; })},
      {"waiters[].link",
       in(
           &HostView::waiters, [](const WaiterView& w) { return static_cast<bool>(w.link.next); },
           [](WaiterView& w) { w.link.next = {}; })},
      {"epolls[].root", in(
                            &HostView::epolls, [](const EpollView& e) { return static_cast<bool>(e.root); },
                            [](EpollView& e) { e.root = {}; })},
      {"epolls[].lists", in(
                             &HostView::epolls, [](const EpollView& e) { return e.ready().size > 0; },
                             [](EpollView& e) { e.lists[0].first = {}; })},
      {"epolls[].is_scanning",
       in(&HostView::epolls, kAny, [](EpollView& e) { e.is_scanning = !e.is_scanning; })},
      {"items[].events", in(&HostView::items, kAny, [](ItemView& i) { i.events ^= 1; })},
      {"items[].data", in(&HostView::items, kAny, [](ItemView& i) { ++i.data; })},
      {"items[].is_black", in(&HostView::items, kAny, [](ItemView& i) { i.is_black = !i.is_black; })},
      {"items[].is_listed", in(&HostView::items, kAny, [](ItemView& i) { i.is_listed = !i.is_listed; })},
  };
}

std::vector<Planted> socket_changes() {
  return {
      {"sockets[].state", in(&HostView::sockets, kAny, [](SocketView& s) { s.state = TcpState::kClosing; })},
      {"sockets[].local_port", in(&HostView::sockets, kAny, [](SocketView& s) { ++s.local_port; })},
      {"sockets[].owner", in(&HostView::sockets, kAny, [](SocketView& s) { s.owner = TaskId{77}; })},
      {"sockets[].accept_queue",
       in(
           &HostView::sockets, [](const SocketView& s) { return s.state == TcpState::kListen; },
           [](SocketView& s) { ++s.accept_queue; })},
      {"tcp[].snd_nxt", in(&HostView::tcp, has_socket, [](TcpView& t) { ++t.snd_nxt; })},
      {"tcp[].rcv_wnd", in(&HostView::tcp, has_socket, [](TcpView& t) { ++t.rcv_wnd; })},
      {"tcp[].pingpong", in(&HostView::tcp, has_socket, [](TcpView& t) { ++t.pingpong; })},
      {"tcp[].srtt_us", in(&HostView::tcp, has_socket, [](TcpView& t) { ++t.srtt_us; })},
      {"tcp[].wmem_queued", in(&HostView::tcp, has_socket, [](TcpView& t) { ++t.wmem_queued; })},
      {"tcp[].snd_cwnd", in(&HostView::tcp, has_socket, [](TcpView& t) { ++t.snd_cwnd; })},
      {"tcp[].snd_ssthresh", in(&HostView::tcp, has_socket, [](TcpView& t) { ++t.snd_ssthresh; })},
      {"tcp[].rmem_alloc", in(&HostView::tcp, has_socket, [](TcpView& t) { ++t.rmem_alloc; })},
      {"tcp[].rcvbuf", in(&HostView::tcp, has_socket, [](TcpView& t) { ++t.rcvbuf; })},
      {"tcp[].sndbuf", in(&HostView::tcp, has_socket, [](TcpView& t) { ++t.sndbuf; })},
      {"tcp[].rto_jiffies", in(
                                &HostView::tcp, [](const TcpView& t) { return t.srtt_us == 0; },
                                [](TcpView& t) { ++t.rto_jiffies; })},
      {"tcp[].rto_jiffies", in(&HostView::tcp, has_socket, [](TcpView& t) { ++t.rto_jiffies; })},
      {"tcp[].timers", in(&HostView::tcp, has_socket, [](TcpView& t) { ++t.timers[0].armed; })},
      {"files[].descriptors", in(&HostView::files, kAny, [](FileView& f) { ++f.descriptors; })},
      {"files[].kind", in(&HostView::files, kAny, [](FileView& f) { f.kind = FileKind::kEventfd; })},
      {"processes[].descriptors",
       in(
           &HostView::processes, [](const ProcessView& p) { return p.descriptors.contains(3); },
           [](ProcessView& p) { p.descriptors[3] = FileId{1234}; })},
      {"processes[].futexes",
       in(&HostView::processes, kAny, [](ProcessView& p) { p.futexes[9].waiting.push_back(TaskId{1}); })},
      {"mutexes", [](HostView& h) { return h.mutexes[EpollId{}].waiting.push_back(TaskId{1}), true; }},
      {"processes[].tasks", in(&HostView::processes, kAny, [](ProcessView& p) { ++p.tasks; })},
  };
}

std::vector<Planted> planted_changes() {
  std::vector<Planted> changes = cpu_changes();
  for (const auto& more : {epoll_changes(), socket_changes()})
    changes.insert(changes.end(), more.begin(), more.end());
  return changes;
}

/// "hosts[1].items[4].events" as "items[].events", or what begins so.
bool names(const ViewDifference& difference, std::string_view wanted) {
  std::string path;
  bool is_number = false;
  for (const char c : difference.path.substr(difference.path.find('.') + 1)) {
    if (c == '[') path += c, is_number = true;
    if (c == ']') is_number = false;
    if (!is_number) path += c;
  }
  return path.starts_with(wanted);
}

}  // namespace

TEST_CASE("views agree with the model: a silent change of any viewed object is found", "[views]") {
  // Over the wire, so that there is a NIC; each change is planted as soon as there is something to plant it in.
  const ResolvedScenario scenario =
      scenario_of("thundering_herd", "wire", {"run.clients.args.connections=2"});
  WatchedRun run(scenario);
  std::set<std::string_view> left;
  for (const Planted& planted : planted_changes()) left.insert(planted.path);
  while (!left.empty() && run.step()) {
    if (!run.view().hosts.contains(1)) continue;
    for (const Planted& planted : planted_changes()) {
      if (!left.contains(planted.path)) continue;
      const SimulationView truth = run.view();
      if (!planted.change(*run.view().hosts.edit(1))) continue;
      CAPTURE(planted.path);
      const auto found = run.compare_everything();
      REQUIRE(found.has_value());
      CAPTURE(found->text());
      CHECK(names(*found, planted.path));
      left.erase(planted.path);
      run.view() = truth;
      REQUIRE_FALSE(run.compare_everything().has_value());
    }
  }
  CAPTURE(left.empty() ? std::string_view() : *left.begin());
  CHECK(left.empty());
}

TEST_CASE("views agree with the model: an object that only one of them has is found", "[views]") {
  WatchedRun run(scenario_of("thundering_herd", "each", {"run.clients.args.connections=1"}));
  while (run.view().hosts.empty() || run.view().hosts.find(1)->sockets.size() < 2) REQUIRE(run.step());
  HostView& host = *run.view().hosts.edit(1);
  SECTION("a task that the view forgot") {
    host.tasks.erase(TaskId{1});
    CHECK(run.compare_everything()->text() == "hosts[1].tasks[1]: missing / there");
  }
  SECTION("a file that the view made up") {
    host.files[FileId{500}].id = FileId{500};
    CHECK(run.compare_everything()->text() == "hosts[1].files[500]: there / missing");
  }
  SECTION("a waiter that is in no queue") {
    host.waiters[WaiterId{900}].id = WaiterId{900};
    CHECK(run.compare_everything()->path == "hosts[1].waiters");
  }
}

TEST_CASE("views agree with the model: what is wrong is found by the next event that names it", "[views]") {
  WatchedRun run(scenario_of("thundering_herd", "each", {"run.clients.args.connections=20"}));
  while (run.view().hosts.empty() || run.view().hosts.find(1)->items.empty()) REQUIRE(run.step());
  static_cast<void>(run.compare_noted());
  const ItemId item = (*run.view().hosts.find(1)->items.begin()).first;
  ++run.view().hosts.edit(1)->items.edit(item)->data;
  std::optional<ViewDifference> found;
  while (!found && run.step()) found = run.compare_noted();
  REQUIRE(found.has_value());
  CHECK(found->path == fmt::format("hosts[1].items[{}].data", item.value));
}
