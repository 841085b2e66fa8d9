// Copies of a map share what neither has written to since.

#include <catch2/catch.hpp>
#include <map>
#include <vector>

#include "analysis/paged_map.hpp"
#include "analysis/paged_queue.hpp"
#include "kernel_model/vocabulary/ids.hpp"
#include "tests/analysis/story.hpp"

using namespace stackscope;
using stackscope::testing::Dice;

namespace {

using Map = PagedMap<SocketId, std::uint64_t>;

/// How many blocks (pages and shelves) the first does not share with the second.
std::size_t unshared(const Map& map, const Map& with) {
  std::size_t blocks = 0;
  map.visit_unshared(with, [&](std::size_t) { ++blocks; }, [](auto, auto) {});
  return blocks;
}

void check_equal(const Map& map, const std::map<std::uint32_t, std::uint64_t>& expected) {
  REQUIRE(map.size() == expected.size());
  auto next = expected.begin();
  for (const auto& [key, value] : map) {
    REQUIRE(next != expected.end());
    REQUIRE(key.value == next->first);
    REQUIRE(value == next->second);
    ++next;
  }
  REQUIRE(next == expected.end());
}

}  // namespace

TEST_CASE("a map finds what was put in, in order, also far apart", "[paged]") {
  Map map;
  std::map<std::uint32_t, std::uint64_t> expected;
  Dice dice(1);
  for (int i = 0; i < 20'000; ++i) {
    const auto key =
        static_cast<std::uint32_t>(dice.one_in(50) ? 0xfffffff0U + dice.below(16) : dice.below(5'000));
    if (dice.one_in(2)) {
      map[SocketId{key}] = expected[key] = dice.below(1'000'000);
    } else {
      REQUIRE(map.erase(SocketId{key}) == (expected.erase(key) == 1));
    }
    const auto probe = static_cast<std::uint32_t>(dice.below(5'000));
    const std::uint64_t* found = map.find(SocketId{probe});
    REQUIRE((found != nullptr) == expected.contains(probe));
    if (found != nullptr) REQUIRE(*found == expected[probe]);
    if (i % 500 == 0) check_equal(map, expected);
  }
  check_equal(map, expected);
}

TEST_CASE("an erased value is forgotten, and empty pages are given back", "[paged]") {
  Map map;
  map[SocketId{7}] = 5;
  CHECK(map.erase(SocketId{7}));
  CHECK_FALSE(map.erase(SocketId{7}));
  CHECK(map[SocketId{7}] == 0);
  map.erase(SocketId{7});
  CHECK(unshared(map, Map()) == 0);
}

TEST_CASE("a copy shares all pages; a write clones one page and its shelf", "[paged]") {
  Map map;
  for (std::uint32_t i = 1; i < 50'000; ++i) map[SocketId{i}] = i;
  const Map kept = map;
  CHECK(unshared(map, kept) == 0);
  *map.edit(SocketId{20'000}) = 1;
  CHECK(unshared(map, kept) == 2);
  *map.edit(SocketId{20'001}) = 1;  // on the same page
  CHECK(unshared(map, kept) == 2);
  *map.edit(SocketId{20'016}) = 1;  // on the next page of the shelf
  CHECK(unshared(map, kept) == 3);
  CHECK(*kept.find(SocketId{20'000}) == 20'000);
  CHECK(*map.find(SocketId{20'000}) == 1);
  CHECK(map.edit(SocketId{60'000}) == nullptr);
  CHECK(unshared(map, kept) == 3);
}

TEST_CASE("a stray ordinal costs one shelf and one page", "[paged]") {
  Map map;
  map[SocketId{0xffffffff}] = 1;
  map[SocketId{1}] = 2;
  CHECK(unshared(map, Map()) == 4);
  CHECK(*map.find(SocketId{0xffffffff}) == 1);
  CHECK((*map.begin()).first == SocketId{1});
}

TEST_CASE("a queue gives out what came first, and its copy keeps what it had", "[paged]") {
  PagedQueue<int> queue;
  for (int i = 0; i < 100; ++i) queue.push_back(i);
  const PagedQueue<int> kept = queue;
  for (int i = 0; i < 99; ++i) {
    REQUIRE(*queue.front() == i);
    queue.pop_front();
  }
  CHECK(queue.size() == 1);
  CHECK(*queue.back() == 99);
  queue.pop_back();
  CHECK(queue.front() == nullptr);
  CHECK(queue.back() == nullptr);
  CHECK(kept.size() == 100);
  CHECK(*kept.front() == 0);
}
