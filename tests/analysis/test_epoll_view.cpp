// An epoll instance as its records tell it: the tree after every operation, the lists through a scan.

#include <catch2/catch.hpp>
#include <vector>

#include "analysis/fields.hpp"
#include "tests/analysis/red_black_tree.hpp"
#include "tests/analysis/story.hpp"

using namespace stackscope;
using namespace stackscope::testing;

namespace {

struct WatchedFiles {
  Story story;
  EpollId epoll{1};
  explicit WatchedFiles(std::uint32_t items = 0) {
    story.host(0, 1).tell(EpollCreated{epoll, FileId{1}, WaitQueueId{1}});
    for (std::uint32_t i = 1; i <= items; ++i) add(i, i);
  }
  void add(std::uint32_t item, std::uint64_t data) {
    story.tell(EpollItemAdded{epoll, ItemId{item}, FileId{2}, static_cast<std::int32_t>(item), 1, data});
  }
  const EpollView& view() const { return *story.at(0).epolls.find(epoll); }
  std::vector<std::uint32_t> list(EpollList which) const {
    std::vector<std::uint32_t> items;
    story.at(0).for_each_listed(view(), which,
                                [&](ItemId id, const ItemView&) { items.push_back(id.value); });
    CHECK(items.size() == view().list(which).size);
    return items;
  }
  void listed(std::uint32_t item, EpollList to, bool at_head = false) {
    story.tell(EpollListed{epoll, ItemId{item}, to, at_head});
  }
  void unlisted(std::uint32_t item, EpollList from) { story.tell(EpollUnlisted{epoll, ItemId{item}, from}); }
};

using Ids = std::vector<std::uint32_t>;

/// Blacks on every way down; -1 where it is no red-black tree.
int black_height(const HostView& host, ItemId id) {
  if (!id) return 1;
  const ItemView& item = *host.items.find(id);
  const auto is_red = [&](ItemId child) { return child && !host.items.find(child)->is_black; };
  if (!item.is_black && (is_red(item.left) || is_red(item.right))) return -1;
  const int left = black_height(host, item.left), right = black_height(host, item.right);
  return left == right && left > 0 ? left + (item.is_black ? 1 : 0) : -1;
}

}  // namespace

TEST_CASE("the interest tree is the tree that told of itself, after every operation", "[epoll][tree]") {
  WatchedFiles files;
  const auto tell = [&files](const auto& record) { files.story.tell(record); };
  RedBlackTree tree(files.epoll, tell);
  Dice dice(5);
  std::vector<std::uint32_t> alive;
  std::uint32_t last = 0;
  for (int operation = 0; operation < 2'000; ++operation) {
    const bool grows = alive.empty() || dice.below(100) < (operation < 1'000 ? 60U : 40U);
    if (grows) {
      const std::uint64_t key = dice.below(1'000'000);
      files.add(++last, key);
      tree.insert(ItemId{last}, key);
      alive.push_back(last);
    } else {
      const std::size_t victim = dice.below(alive.size());
      tree.erase(ItemId{alive[victim]});
      files.story.tell(EpollItemRemoved{files.epoll, ItemId{alive[victim]}});
      alive.erase(alive.begin() + static_cast<std::ptrdiff_t>(victim));
    }
    const HostView& host = files.story.at(0);
    REQUIRE(files.story.problems() == 0);
    REQUIRE(host.items.size() == tree.nodes().size());
    REQUIRE(files.view().root == tree.root());
    for (const auto& [id, node] : tree.nodes()) {
      const ItemView& item = *host.items.find(ItemId{id});
      const bool same = item.parent == node.parent && item.left == node.left && item.right == node.right &&
                        item.is_black == node.is_black && item.data == node.key;
      REQUIRE(same);
    }
    std::uint64_t before = 0, seen = 0;
    bool sorted = true;
    host.for_each_in_tree(files.view(), [&](ItemId, const ItemView& item) {
      sorted = sorted && before <= item.data, before = item.data, ++seen;
    });
    REQUIRE(sorted);
    REQUIRE(seen == tree.nodes().size());
    REQUIRE(black_height(host, files.view().root) > 0);
  }
}

TEST_CASE("tree operations that cannot be change nothing", "[epoll][tree][damaged]") {
  WatchedFiles files(4);
  const auto link = [&](std::uint32_t item, std::uint32_t parent, bool left) {
    files.story.tell(TreeLinked{files.epoll, ItemId{item}, ItemId{parent}, left});
  };
  link(1, 0, false), link(2, 1, false), link(3, 2, false);
  const SimulationView before = files.story.view();
  std::uint64_t problems = 0;
  const auto refused = [&] { return files.story.problems() == ++problems; };
  link(4, 0, false);  // there is a root
  CHECK(refused());
  link(4, 2, false);  // 3 hangs there
  CHECK(refused());
  link(4, 9, false);  // nobody
  CHECK(refused());
  link(2, 3, true);  // is in the tree
  CHECK(refused());
  files.story.tell(TreeRotated{files.epoll, ItemId{1}, false});  // no left child
  CHECK(refused());
  files.story.tell(TreeSpliced{files.epoll, ItemId{2}, ItemId{1}});  // its child is 3
  CHECK(refused());
  files.story.tell(TreeColoured{files.epoll, ItemId{4}, true});  // not in the tree
  CHECK(refused());
  files.story.tell(TreeRotated{EpollId{2}, ItemId{1}, true});  // no such instance
  CHECK(refused());
  CHECK_FALSE(compare_views(before.hosts, files.story.view().hosts));
}

TEST_CASE("ready, scan and overflow: what a level-triggered wait does", "[epoll][lists]") {
  WatchedFiles files(4);
  files.listed(1, EpollList::kReady), files.listed(2, EpollList::kReady), files.listed(3, EpollList::kReady);
  CHECK(files.list(EpollList::kReady) == Ids{1, 2, 3});
  files.story.tell(EpollScanBegan{files.epoll});
  CHECK(files.list(EpollList::kReady).empty());
  CHECK(files.list(EpollList::kScan) == Ids{1, 2, 3});

  files.unlisted(1, EpollList::kScan);
  files.story.tell(EpollReported{files.epoll, ItemId{1}, 5});
  files.listed(1, EpollList::kReady);  // level-triggered: again next time
  CHECK(files.list(EpollList::kReady) == Ids{1});
  files.listed(4, EpollList::kOverflow), files.listed(3, EpollList::kOverflow);
  CHECK(files.list(EpollList::kOverflow) == Ids{4, 3});
  CHECK(files.story.at(0).items.find(ItemId{1})->last_reported == 5);

  files.unlisted(4, EpollList::kOverflow);
  files.listed(4, EpollList::kReady, true);
  files.unlisted(3, EpollList::kOverflow);  // it is in the scan still
  files.story.tell(EpollScanEnded{files.epoll});
  CHECK(files.list(EpollList::kReady) == Ids{2, 3, 4, 1});
  CHECK(files.list(EpollList::kScan).empty());
  CHECK(files.story.problems() == 0);

  SECTION("and what cannot be is refused") {
    files.listed(2, EpollList::kReady);   // twice
    files.unlisted(2, EpollList::kScan);  // not there
    files.unlisted(2, EpollList::kOverflow);
    files.listed(9, EpollList::kReady);  // nobody
    files.story.tell(EpollScanEnded{files.epoll});
    CHECK(files.story.problems() == 5);
    CHECK(files.list(EpollList::kReady) == Ids{2, 3, 4, 1});
  }
  SECTION("and an item that goes leaves the lists whole, in either order") {
    files.unlisted(3, EpollList::kReady), files.story.tell(EpollItemRemoved{files.epoll, ItemId{3}});
    files.story.tell(EpollItemRemoved{files.epoll, ItemId{4}}), files.unlisted(4, EpollList::kReady);
    CHECK(files.list(EpollList::kReady) == Ids{2, 1});
    CHECK(files.story.at(0).items.size() == 2);
    CHECK(files.view().items == 2);
  }
  SECTION("and with the instance all its items go") {
    files.story.tell(TreeLinked{files.epoll, ItemId{2}, {}, false});
    files.story.tell(EpollDestroyed{files.epoll});
    CHECK(files.story.at(0).items.empty());
    CHECK(files.story.at(0).wait_queues.empty());
  }
}
