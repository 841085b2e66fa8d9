// The interest tree against the textbook: red-black trees as Cormen, Leiserson, Rivest and Stein print them, with a
// sentinel and both mirror images written out, on arrays.

#include <catch2/catch.hpp>
#include <deque>
#include <set>

#include "sim/random.hpp"
#include "tests/kernel_model/support/epoll_replay.hpp"
#include "tests/kernel_model/support/machine.hpp"

using namespace stackscope;
using stackscope::test::EpollReplay;
using stackscope::test::Machine;

namespace {

class Textbook {
 public:
  void insert(int key) {
    const int z = static_cast<int>(nodes_.size());
    nodes_.push_back({key, nil, nil, nil, true});
    int y = nil;
    for (int x = root_; x != nil; x = key < at(x).key ? at(x).left : at(x).right) y = x;
    at(z).parent = y;
    (y == nil ? root_ : key < at(y).key ? at(y).left : at(y).right) = z;
    insert_fixup(z);
  }

  void erase(int key) {
    int z = root_;
    while (at(z).key != key) z = key < at(z).key ? at(z).left : at(z).right;
    int y = z, x = nil;
    bool y_was_red = at(y).red;
    if (at(z).left == nil) {
      x = at(z).right;
      transplant(z, x);
    } else if (at(z).right == nil) {
      x = at(z).left;
      transplant(z, x);
    } else {
      y = at(z).right;
      while (at(y).left != nil) y = at(y).left;
      y_was_red = at(y).red;
      x = at(y).right;
      if (at(y).parent == z) {
        at(x).parent = y;
      } else {
        transplant(y, x);
        at(y).right = at(z).right;
        at(at(y).right).parent = y;
      }
      transplant(z, y);
      at(y).left = at(z).left;
      at(at(y).left).parent = y;
      at(y).red = at(z).red;
    }
    if (!y_was_red) erase_fixup(x);
  }

  std::string text() const { return text(root_); }

 private:
  static constexpr int nil = 0;
  struct Node {
    int key, parent, left, right;
    bool red;
  };
  Node& at(int i) { return nodes_[static_cast<std::size_t>(i)]; }

  void left_rotate(int x) {
    const int y = at(x).right;
    at(x).right = at(y).left;
    if (at(y).left != nil) at(at(y).left).parent = x;
    transplant(x, y);
    at(y).left = x;
    at(x).parent = y;
  }
  void right_rotate(int x) {
    const int y = at(x).left;
    at(x).left = at(y).right;
    if (at(y).right != nil) at(at(y).right).parent = x;
    transplant(x, y);
    at(y).right = x;
    at(x).parent = y;
  }
  void transplant(int u, int v) {
    const int p = at(u).parent;
    (p == nil ? root_ : u == at(p).left ? at(p).left : at(p).right) = v;
    at(v).parent = p;
  }

  void insert_fixup(int z) {
    while (at(at(z).parent).red) {
      const int p = at(z).parent, g = at(p).parent;
      if (p == at(g).left) {
        const int y = at(g).right;
        if (at(y).red) {
          at(p).red = at(y).red = false;
          at(g).red = true;
          z = g;
          continue;
        }
        if (z == at(p).right) left_rotate(z = p);
        at(at(z).parent).red = false;
        at(g).red = true;
        right_rotate(g);
      } else {
        const int y = at(g).left;
        if (at(y).red) {
          at(p).red = at(y).red = false;
          at(g).red = true;
          z = g;
          continue;
        }
        if (z == at(p).left) right_rotate(z = p);
        at(at(z).parent).red = false;
        at(g).red = true;
        left_rotate(g);
      }
    }
    at(root_).red = false;
  }

  void erase_fixup(int x) {
    while (x != root_ && !at(x).red) {
      const int p = at(x).parent;
      if (x == at(p).left) {
        int w = at(p).right;
        if (at(w).red) {
          at(w).red = false;
          at(p).red = true;
          left_rotate(p);
          w = at(p).right;
        }
        if (!at(at(w).left).red && !at(at(w).right).red) {
          at(w).red = true;
          x = p;
          continue;
        }
        if (!at(at(w).right).red) {
          at(at(w).left).red = false;
          at(w).red = true;
          right_rotate(w);
          w = at(p).right;
        }
        at(w).red = at(p).red;
        at(p).red = at(at(w).right).red = false;
        left_rotate(p);
      } else {
        int w = at(p).left;
        if (at(w).red) {
          at(w).red = false;
          at(p).red = true;
          right_rotate(p);
          w = at(p).left;
        }
        if (!at(at(w).right).red && !at(at(w).left).red) {
          at(w).red = true;
          x = p;
          continue;
        }
        if (!at(at(w).left).red) {
          at(at(w).right).red = false;
          at(w).red = true;
          left_rotate(w);
          w = at(p).left;
        }
        at(w).red = at(p).red;
        at(p).red = at(at(w).left).red = false;
        right_rotate(p);
      }
      x = root_;
    }
    at(x).red = false;
  }

  std::string text(int i) const {
    if (i == nil) return "";
    const Node& node = nodes_[static_cast<std::size_t>(i)];
    return "(" + text(node.left) + std::to_string(node.key) + (node.red ? "r" : "b") + text(node.right) + ")";
  }

  std::deque<Node> nodes_{{0, nil, nil, nil, false}};
  int root_ = nil;
};

/// Returns the blacks on every way down; fails where the rules of colour or order are broken.
int check_rules(const InterestNode* node, const InterestNode* parent) {
  if (node == nullptr) return 0;
  REQUIRE(node->parent == parent);
  REQUIRE((parent == nullptr ? node->is_black : parent->is_black || node->is_black));
  const int left = check_rules(node->child[0], node);
  REQUIRE(left == check_rules(node->child[1], node));
  return left + (node->is_black ? 1 : 0);
}

/// The model's tree and the textbook's side by side; a node's item is its key.
struct Trees {
  Machine machine;
  EpollReplay replay;
  InterestTree tree{EpollId{1}, machine.trace};
  Textbook textbook;
  std::map<int, InterestNode> nodes;

  Trees() {
    machine.trace.set_observer([this](const RawRecord& record) { replay(record); });
  }
  void insert(int key) {
    const ItemId id{static_cast<std::uint32_t>(key)};
    tree.insert(nodes.try_emplace(key, id, InterestKey{FileId{id.value}, key}).first->second);
    textbook.insert(key);
  }
  void erase(int key) {
    tree.erase(nodes.at(key));
    nodes.erase(key);
    textbook.erase(key);
  }
  void check() {
    REQUIRE(test::text(tree.root()) == textbook.text());
    REQUIRE(replay.of(EpollId{1}).tree.text() == textbook.text());
    check_rules(tree.root(), nullptr);
    for (const auto& [key, node] : nodes) REQUIRE(tree.broken_rule(&node) == nullptr);
  }
};

}  // namespace

TEST_CASE("ten files added in order make the tree that lib/rbtree.c makes", "[epoll][tree]") {
  Trees trees;
  for (int key = 1; key <= 10; ++key) trees.insert(key);
  CHECK(test::text(trees.tree.root()) == "(((1b)2b(3b))4b((5b)6b((7b)8r(9b(10r)))))");
}

TEST_CASE("after any insertions and erasures the shape is the textbook's, and the records replay to it",
          "[epoll][tree]") {
  const std::uint64_t seed = GENERATE(1, 2, 3, 4);
  const std::int64_t most = GENERATE(8, 60, 700);
  INFO("seed " << seed << ", keys up to " << most);
  Trees trees;
  RandomStream random{seed, "tree"};
  std::set<int> present;
  for (int step = 0; step < 2500; ++step) {
    const int key = static_cast<int>(random.between(1, most));
    if (present.insert(key).second) {
      trees.insert(key);
    } else {
      trees.erase(key);
      present.erase(key);
    }
    if (most < 100 || step % 50 == 0) trees.check();
  }
  while (!present.empty()) {
    auto any = present.begin();
    std::advance(any, static_cast<long>(random.below(present.size())));
    trees.erase(*any);
    present.erase(any);
    if (most < 100 || present.size() < 20) trees.check();
  }
  CHECK(trees.tree.empty());
}

TEST_CASE("the tree is walked in the order of files, then descriptors", "[epoll][tree]") {
  Machine machine;
  InterestTree tree{EpollId{1}, machine.trace};
  InterestNode b{ItemId{1}, {FileId{2}, 9}}, a{ItemId{2}, {FileId{2}, 3}}, c{ItemId{3}, {FileId{7}, 1}};
  CHECK(tree.insert(b) == 0);
  CHECK(tree.insert(c) == 1);
  CHECK(tree.insert(a) == 1);
  REQUIRE(tree.first() == &a);
  CHECK(InterestTree::next(a) == &b);
  CHECK(InterestTree::next(b) == &c);
  CHECK(InterestTree::next(c) == nullptr);
  std::uint32_t steps = 0;
  CHECK(tree.find({FileId{7}, 1}, steps) == &c);
  CHECK(steps == 1);
  CHECK(tree.find({FileId{2}, 4}, steps) == nullptr);
  CHECK(steps == 2);
}

TEST_CASE("the tree's own check sees each rule broken, from the item that was touched", "[epoll][tree]") {
  Trees trees;
  for (int key = 1; key <= 10; ++key) trees.insert(key);  // (((1b)2b(3b))4b((5b)6b((7b)8r(9b(10r)))))
  auto& nodes = trees.nodes;
  const auto broken = [&](int touched) {
    const char* const rule = trees.tree.broken_rule(&nodes.at(touched));
    return std::string(rule != nullptr ? rule : "");
  };
  REQUIRE(broken(10).empty());

  SECTION("colours") {
    nodes.at(9).is_black = false;
    CHECK(broken(10) == "a red item has a red child");
    CHECK(broken(1).empty());  // the change is not on its way, nor on a left edge beside it
    nodes.at(9).is_black = true;
    nodes.at(7).is_black = false;
    CHECK(broken(10) == "a red item has a red child");  // a child beside the way
    nodes.at(7).is_black = true;
    nodes.at(8).is_black = true;
    CHECK(broken(10) == "two ways down differ in black items");
    nodes.at(4).is_black = false;
    CHECK(broken(1) == "the root is red");
  }
  SECTION("links") {
    nodes.at(10).parent = &nodes.at(8);
    CHECK(broken(10) == "a parent does not have its child");
    CHECK(broken(9) == "a child has another parent");
    nodes.at(10).parent = &nodes.at(9);
    nodes.at(4).parent = &nodes.at(6);
    CHECK(broken(10) == "a parent does not have its child");  // nor does the walk go round for ever
    nodes.at(4).parent = nullptr;
    nodes.at(6).parent = nullptr;
    CHECK(broken(10) == "the way up does not lead to the root");
  }
  SECTION("order") {
    nodes.at(9).key.file = FileId{11};
    CHECK(broken(9) == "a child stands on the wrong side");
    CHECK(broken(10) == "an item stands on the wrong side of one above it");
    nodes.at(9).key.file = FileId{9};
    nodes.at(5).key.file = FileId{3};  // less than its parent 6, as it should be, but also than 4
    CHECK(broken(5) == "an item stands on the wrong side of one above it");
  }
}
