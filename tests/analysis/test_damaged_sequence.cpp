// Records that cannot be: the views stay whole, and count them.

#include <catch2/catch.hpp>
#include <vector>

#include "analysis/fields.hpp"
#include "tests/analysis/random_machine.hpp"

using namespace stackscope;
using namespace stackscope::testing;

namespace {

struct Encoded {
  RecordHeader header;
  Bytes fields;
};

std::vector<Encoded> random_records(std::uint64_t seed, int steps) {
  Story story;
  story.on(0, 0);
  const auto tell = [&story](const auto& record) { story.later().tell(record); };
  RandomMachine machine(tell, seed);
  for (int i = 0; i < steps; ++i) machine.step();
  std::vector<Encoded> records;
  for (const RawRecord& record : story.recording().records()) {
    records.push_back({record.header, {record.fields.begin(), record.fields.end()}});
  }
  return records;
}

/// Lists and trees hold what they say, and every walk ends.
void check_whole(const SimulationView& view) {
  for (const auto& [number, host] : view.hosts) {
    std::size_t waiters = 0, items = 0;
    for (const auto& [id, queue] : host.wait_queues) {
      std::size_t seen = 0;
      host.for_each_waiter(queue,
                           [&](WaiterId, const WaiterView& waiter) { seen += waiter.queue == queue.id; });
      REQUIRE(seen == queue.waiters.size);
      waiters += seen;
    }
    REQUIRE(waiters == host.waiters.size());
    for (const auto& [id, epoll] : host.epolls) {
      for (const EpollList which : {EpollList::kReady, EpollList::kScan, EpollList::kOverflow}) {
        std::size_t seen = 0;
        host.for_each_listed(epoll, which,
                             [&](ItemId, const ItemView& item) { seen += item.epoll == epoll.id; });
        REQUIRE(seen == epoll.list(which).size);
      }
      host.for_each_in_tree(epoll, [&](ItemId, const ItemView& item) {
        REQUIRE(item.is_in_tree);
        REQUIRE(item.epoll == epoll.id);
        ++items;
      });
    }
    std::size_t in_trees = 0, backlogged = 0;
    for (const auto& [id, item] : host.items) in_trees += item.is_in_tree;
    REQUIRE(items == in_trees);
    for (const auto& [id, socket] : host.sockets) {
      std::size_t to_accept = 0;
      host.for_each_to_accept(socket,
                              [&](SocketId, const SocketView& waits) { to_accept += waits.is_to_accept; });
      REQUIRE(to_accept == socket.to_accept.size);
      backlogged += socket.backlog.size;
    }
    REQUIRE(backlogged == host.backlogged.size());
  }
}

SimulationView fold_all(const std::vector<Encoded>& records) {
  SimulationView view(Schema::of<Records>());
  std::uint64_t id = 0;
  for (const Encoded& record : records) {
    view.apply({RecordId{++id}, record.header, record.fields});
    if (id % 64 == 0) check_whole(view);
  }
  check_whole(view);
  return view;
}

}  // namespace

TEST_CASE("the undamaged sequence has no problems", "[damaged]") {
  CHECK(fold_all(random_records(1, 1'000)).run.problems == 0);
}

TEST_CASE("without its beginning, a recording is all problems and no state", "[damaged]") {
  std::vector<Encoded> records = random_records(2, 200);
  records.erase(records.begin());  // the host
  const SimulationView view = fold_all(records);
  CHECK(view.hosts.empty());
  CHECK(view.run.problems == records.size());
  CHECK(view.run.first_problem == RecordId{1});
}

TEST_CASE("records that are lost, doubled, swapped or overwritten leave the views whole", "[damaged]") {
  for (std::uint64_t seed = 10; seed < 40; ++seed) {
    std::vector<Encoded> records = random_records(seed, 600);
    Dice dice(seed);
    for (int i = 0; i < 60; ++i) {
      const std::size_t place = 1 + dice.below(records.size() - 1),
                        other = 1 + dice.below(records.size() - 1);
      switch (dice.below(4)) {
        case 0:
          records.erase(records.begin() + static_cast<std::ptrdiff_t>(place));
          break;
        case 1:
          records.insert(records.begin() + static_cast<std::ptrdiff_t>(place), Encoded(records[other]));
          break;
        case 2:
          std::swap(records[place], records[other]);
          break;
        default:
          for (std::byte& byte : records[place].fields) {
            if (dice.one_in(4)) byte = static_cast<std::byte>(dice.below(2) * 255);
          }
      }
      if (dice.one_in(10)) records[place].header.place = {static_cast<std::uint8_t>(dice.below(3)), 200};
    }
    CHECK(fold_all(records).run.problems > 0);
  }
}

TEST_CASE("records of every kind with any content leave the views whole", "[damaged]") {
  const Schema schema = Schema::of<Records>();
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Dice dice(seed);
    SimulationView view(schema);
    Story story;
    story.host(0, 2);
    view.apply(story.recording().at(RecordId{1}));
    for (std::uint64_t id = 2; id < 4'000; ++id) {
      RecordHeader header;
      header.kind = static_cast<std::uint16_t>(dice.below(schema.size() + 1));
      header.place = {0, static_cast<std::uint8_t>(dice.below(3))};
      // Small numbers meet each other, all kinds of nonsense comes besides.
      Bytes fields(header.kind < schema.size() ? schema.kind(header.kind).field_bytes : 0);
      if (header.kind < schema.size()) {
        for (const FieldSchema& field : schema.kind(header.kind).fields) {
          fields[field.offset] = static_cast<std::byte>(dice.one_in(20) ? 255 : dice.below(6));
        }
      }
      view.apply({RecordId{id}, header, fields});
      if (id % 100 == 0) check_whole(view);
    }
    CHECK(view.run.problems > 0);
  }
}

namespace old {
/// What sock:created looked like before it knew its wait queue, and when its fields stood in another order.
struct SocketCreated {
  static constexpr std::string_view kName = "sock:created";
  static constexpr std::string_view kSentence = "A socket came to be.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId listener, socket;
  void describe(auto&& field) const { field("listener", listener), field("socket", socket); }
};
struct Forgotten {
  static constexpr std::string_view kName = "sock:forgotten";
  static constexpr std::string_view kSentence = "Nobody tells this any more.";
  static constexpr Layer kLayer = Layer::kKernel;
  std::uint32_t depth;
  void describe(auto&& field) const { field("depth", depth); }
};
}  // namespace old

TEST_CASE("a recording of an older program folds by names", "[view][old]") {
  const Schema schema =
      Schema::of<RecordList<old::Forgotten, old::SocketCreated, HostStarted, InetSockSetState>>();
  SimulationView view(schema);
  std::uint64_t id = 0;
  const auto apply = [&]<class R>(const R& record) {
    Bytes fields(field_bytes<R>());
    encode_fields(record, fields.data());
    RecordHeader header;
    header.kind = *schema.find(R::kName);
    view.apply({RecordId{++id}, header, fields});
  };
  apply(HostStarted{{}, 1, 250});
  apply(old::Forgotten{3});
  apply(old::SocketCreated{SocketId{9}, SocketId{4}});
  apply(InetSockSetState{SocketId{4}, TcpState::kClose, TcpState::kSynRecv});
  CHECK(view.run.problems == 0);
  const SocketView& socket = *view.hosts.find(0)->sockets.find(SocketId{4});
  CHECK(socket.listener == SocketId{9});
  CHECK(socket.state == TcpState::kSynRecv);
  CHECK(socket.wait_queue == WaitQueueId{});
}
