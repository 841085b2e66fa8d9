// Views against a machine that remembers in plain containers what it told.

#include <catch2/catch.hpp>
#include <vector>

#include "analysis/fields.hpp"
#include "tests/analysis/random_machine.hpp"

using namespace stackscope;
using namespace stackscope::testing;

namespace {

using Ids = std::vector<std::uint32_t>;

Ids ids(const auto& container) { return {container.begin(), container.end()}; }

/// The ids that a walk visits.
auto collector(Ids& into) {
  return [&into](auto id, const auto&) { into.push_back(id.value); };
}

template <class Machine>
void compare_queues(const HostView& host, const Machine& machine) {
  for (const auto& [queue, waiters] : machine.waiters) {
    const WaitQueueView* view = host.wait_queues.find(WaitQueueId{queue});
    Ids seen;
    if (view != nullptr) host.for_each_waiter(*view, collector(seen));
    REQUIRE(seen == ids(waiters));
  }
  const EpollView& epoll = *host.epolls.find(EpollId{1});
  const std::list<std::uint32_t>* lists[] = {&machine.ready, &machine.scan, &machine.overflow};
  for (std::size_t i = 0; i < 3; ++i) {
    Ids seen;
    host.for_each_listed(epoll, static_cast<EpollList>(i), collector(seen));
    REQUIRE(seen == ids(*lists[i]));
    REQUIRE(epoll.lists[i].size == seen.size());
  }
  REQUIRE(epoll.items == machine.tree.nodes().size());
  REQUIRE(epoll.root == machine.tree.root());
  Ids seen;
  host.for_each_to_accept(*host.sockets.find(SocketId{1}), collector(seen));
  REQUIRE(seen == ids(machine.to_accept));
}

template <class Machine>
void compare_hardware(const HostView& host, const Machine& machine) {
  const auto packets = [](const PagedQueue<RingEntryView>& ring) {
    Ids seen;
    for (const auto& [place, entry] : ring) seen.push_back(entry.packet.value);
    return seen;
  };
  if (const NicView* nic = host.nics.find(QueueId{1})) {
    REQUIRE(packets(nic->rx) == ids(machine.rx.packets));
    REQUIRE(packets(nic->tx) == ids(machine.tx.packets));
    REQUIRE(nic->drops == machine.drops);
  }
  const CpuView& cpu = host.cpus[0];
  REQUIRE(cpu.task.value == machine.current);
  REQUIRE(cpu.depth == 1);
  REQUIRE(cpu.pending_softirqs == machine.pending_softirqs);
  Ids backlog;
  for (const auto& [place, packet] : cpu.backlog) backlog.push_back(packet.value);
  REQUIRE(backlog == ids(machine.cpu_backlog));
}

template <class Machine>
void compare_objects(const HostView& host, const Machine& machine) {
  for (const auto& [id, task] : machine.tasks) {
    const TaskView& view = *host.tasks.find(TaskId{id});
    const bool same = (view.state == TaskState::kSleeping) == task.sleeps && view.wakings == task.wakings &&
                      view.returns == task.returns && view.call.empty() != task.in_call &&
                      view.is_on_cpu == (id == machine.current);
    REQUIRE(same);
  }
  REQUIRE(host.sockets.size() == machine.sockets.size() + 1);
  for (const auto& [id, socket] : machine.sockets) {
    const SocketView& view = *host.sockets.find(SocketId{id});
    Ids backlog;
    host.for_each_backlogged(view, collector(backlog));
    REQUIRE(backlog == ids(socket.backlog));
    REQUIRE(view.bytes_received == socket.received);
    const TcpView* tcp = host.tcp.find(SocketId{id});
    REQUIRE(tcp != nullptr);
    if (socket.received == 0) continue;  // the machine has told its sequence numbers with the first bytes
    REQUIRE(tcp->snd_nxt == socket.snd_nxt);
    REQUIRE(tcp->rcv_nxt == socket.rcv_nxt);
    REQUIRE(tcp->timer(TimerFunction::kTcpDelack).is_armed() == socket.delack_armed);
  }
  REQUIRE(host.processes.find(ProcessId{1})->descriptors.size() == machine.descriptors_of_process.size());
  for (const auto& [fd, file] : machine.descriptors_of_process) {
    REQUIRE(host.file_of(ProcessId{1}, fd) == FileId{file});
  }
}

}  // namespace

TEST_CASE("the view is what the machine remembers, after every happening", "[view]") {
  for (const std::uint64_t seed : {1, 2, 3}) {
    Story story;
    story.on(0, 0);
    const auto tell = [&story](const auto& record) { story.later().tell(record); };
    RandomMachine machine(tell, seed);
    for (int i = 0; i < 3'000; ++i) {
      machine.step();
      REQUIRE(story.problems() == 0);
      compare_queues(story.at(0), machine);
      compare_hardware(story.at(0), machine);
      if (i % 10 == 0) compare_objects(story.at(0), machine);
    }
    CHECK(story.view().run.last.value == story.recording().size());
  }
}

TEST_CASE("a silent change of any field in a view is found, with its place", "[view][compare]") {
  Story story;
  story.on(0, 0);
  const auto tell = [&story](const auto& record) { story.later().tell(record); };
  RandomMachine machine(tell, 4);
  for (int i = 0; i < 500; ++i) machine.step();
  const SimulationView& view = story.view();
  SimulationView other = view;
  REQUIRE_FALSE(compare_views(view, other));

  HostView& host = *other.hosts.edit(0);
  const SocketId socket = (*host.tcp.begin()).first;
  const std::string tcp = fmt::format("hosts[0].tcp[{}]", socket.value);
  std::string path;
  SECTION("of TCP") { host.tcp.edit(socket)->rcv_wup += 1, path = tcp + ".rcv_wup: 0 / 1"; }
  SECTION("of a timer") { host.tcp.edit(socket)->timers[1].expires += 1, path = tcp + ".timers[1].expires"; }
  SECTION("of a thread") { host.tasks.edit(TaskId{2})->wakings += 1, path = "hosts[0].tasks[2].wakings"; }
  SECTION("of a CPU") {
    host.cpus[0].contexts[0].kind = ContextKind::kHardirq, path = "hosts[0].cpus[0].contexts[0].kind";
  }
  SECTION("of a list") {
    host.epolls.edit(EpollId{1})->lists[0].size += 1, path = "hosts[0].epolls[1].lists[0].size";
  }
  SECTION("in a ring") { host.nics.edit(QueueId{1})->rx.push_back({}), path = "hosts[0].nics[1].rx["; }
  SECTION("a descriptor less") {
    const auto& [fd, file] = *machine.descriptors_of_process.begin();
    host.processes.edit(ProcessId{1})->descriptors.erase(fd);
    path = fmt::format("hosts[0].processes[1].descriptors[{}]", fd);
  }
  const auto found = compare_views(view, other);
  REQUIRE(found);
  CHECK_THAT(found->text(), Catch::StartsWith(path));
}

TEST_CASE("every field of a view has a name and a text", "[view][fields]") {
  Story story;
  story.host(0, 1).tell(SocketCreated{SocketId{1}, {}, WaitQueueId{4}});
  story.tell(InetSockSetState{SocketId{1}, TcpState::kClose, TcpState::kListen});
  const auto texts = field_texts(*story.at(0).sockets.find(SocketId{1}));
  const auto text_of = [&texts](std::string_view name) {
    for (const FieldText& text : texts)
      if (text.name == name) return text.value;
    return std::string("missing");
  };
  CHECK(text_of("state") == "LISTEN");
  CHECK(text_of("wait_queue") == "#4");
  CHECK(text_of("backlog.size") == "0");
  CHECK(text_of("is_accepted") == "false");
}

TEST_CASE("a UDP socket's view holds the datagrams that wait, their bytes and their memory", "[view][udp]") {
  Story story;
  const SocketId id{1};
  story.host(0, 1).tell(SocketCreated{id, {}, WaitQueueId{4}});
  story.tell(UdpSocketCreated{id});
  const auto socket = [&]() -> const SocketView& { return *story.at(0).sockets.find(id); };
  story.tell(UdpQueued{id, PacketId{7}, 100, 768});
  story.tell(UdpQueued{id, PacketId{8}, 0, 1536});
  CHECK(socket().datagrams == 2);  // an empty one is one, too
  CHECK(socket().datagram_bytes == 100);
  CHECK(socket().rmem_alloc == 1536);

  SECTION("a look takes nothing away") {
    story.tell(UdpRead{id, PacketId{7}, 100, true, 1536});
    CHECK(socket().datagrams == 2);
    CHECK(socket().datagram_bytes == 100);
  }
  SECTION("what is read goes, its memory when the kernel gives it back") {
    story.tell(UdpRead{id, PacketId{7}, 100, false, 1536});
    CHECK(socket().datagrams == 1);
    CHECK(socket().datagram_bytes == 0);
    CHECK(socket().rmem_alloc == 1536);
    story.tell(UdpRead{id, PacketId{8}, 0, false, 0});
    CHECK(socket().datagrams == 0);
    CHECK(socket().rmem_alloc == 0);
    story.tell(UdpRead{id, PacketId{9}, 0, false, 0});
    CHECK(story.problems() == 1);  // nothing was there
    return;
  }
  SECTION("one that finds no room is counted, not queued") {
    story.tell(UdpFailQueueRcvSkb{id, PacketId{9}, 768, 1536, 2304});
    CHECK(socket().datagrams == 2);
    CHECK(socket().datagrams_dropped == 1);
  }
  SECTION("more read than there was is a problem") {
    story.tell(UdpRead{id, PacketId{7}, 101, false, 768});
    CHECK(story.problems() == 1);
    return;
  }
  CHECK(story.problems() == 0);
}

TEST_CASE("what waits in TIME_WAIT has a view of its own, by the socket's names", "[view][time_wait]") {
  Story story;
  story.host(0, 1).tell(SocketCreated{SocketId{1}, {}, {}});
  story.tell(SocketNamed{SocketId{1}, 10, 20, 4000, 80});
  story.tell(TimeWaitBegan{SocketId{2}, SocketId{1}, TcpState::kFinWait2});
  story.tell(InetSockSetState{SocketId{1}, TcpState::kFinWait2, TcpState::kClose});
  story.tell(SocketDestroyed{SocketId{1}});
  REQUIRE(story.at(0).sockets.find(SocketId{2}) != nullptr);
  CHECK(story.at(0).sockets.find(SocketId{1}) == nullptr);
  const SocketView rest = *story.at(0).sockets.find(SocketId{2});
  CHECK(rest.state == TcpState::kFinWait2);
  CHECK(rest.local_port == 4000);
  CHECK(rest.remote_address == 20);
  story.tell(TimeWaitSubstate{SocketId{2}, TcpState::kTimeWait});
  CHECK(story.at(0).sockets.find(SocketId{2})->state == TcpState::kTimeWait);
  story.tell(SocketDestroyed{SocketId{2}});
  CHECK(story.at(0).sockets.find(SocketId{2}) == nullptr);
  CHECK(story.at(0).tcp.find(SocketId{2}) == nullptr);
}
