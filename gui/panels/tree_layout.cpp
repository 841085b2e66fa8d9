#include "gui/panels/tree_layout.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace stackscope::gui {
namespace {

class Layout {
 public:
  Layout(const HostView& host, const Rect& area, float node_width, float row_height)
      : host_(host), area_(area), node_width_(node_width), row_height_(row_height) {}

  std::vector<TreeNode> lay_out(ItemId root, ItemId focus) {
    if (!root) return {};
    open_way_to(focus);
    count(root);
    const auto levels = static_cast<std::uint32_t>(std::max(1.0F, area_.h / row_height_));
    place(root, 0, {area_.x, area_.right()}, 0, levels);
    return std::move(nodes_);
  }

 private:
  struct Span {
    float from, to;
    float width() const { return to - from; }
  };

  const ItemView& item(ItemId id) const { return *host_.items.find(id); }

  void open_way_to(ItemId focus) {
    const ItemView* view = host_.items.find(focus);
    if (view == nullptr || !view->is_in_tree) return;
    for (ItemId at = focus; at && on_the_way_.insert(at.value).second;) at = item(at).parent;
  }

  // A red-black tree of 50,000 has 30 levels: recursion is shallow.
  std::uint32_t count(ItemId id) {
    if (!id) return 0;
    return sizes_[id.value] = 1 + count(item(id).left) + count(item(id).right);
  }

  bool is_way(ItemId id) const { return on_the_way_.contains(id.value); }

  void place(ItemId id, std::size_t parent, Span span, std::uint32_t depth, std::uint32_t levels) {
    const std::uint32_t size = sizes_.at(id.value);
    const bool has_room = span.width() >= node_width_ && depth + 1 < levels;
    const bool is_leaf = size == 1 && depth < levels;
    TreeNode node{id, parent, 0, area_.y + (static_cast<float>(depth) + 0.5F) * row_height_, 0};
    if (!has_room && !is_leaf && !is_way(id)) node.collapsed = size;
    const ItemView& view = item(id);
    const std::uint32_t left = view.left ? sizes_.at(view.left.value) : 0,
                        right = view.right ? sizes_.at(view.right.value) : 0;
    const float middle =
        node.collapsed > 0 ? (span.from + span.to) / 2 : split(view, span, depth, left, right);
    node.x = std::clamp(middle, area_.x + node_width_ / 2, area_.right() - node_width_ / 2);
    const std::size_t index = nodes_.size();
    nodes_.push_back({node.item, depth == 0 ? index : parent, node.x, node.y, node.collapsed});
    if (node.collapsed > 0 || depth + 1 >= levels) return;
    if (view.left) place(view.left, index, {span.from, middle - node_width_ * 0.25F}, depth + 1, levels);
    if (view.right) place(view.right, index, {middle + node_width_ * 0.25F, span.to}, depth + 1, levels);
  }

  /// A tree that fits is laid out by its nodes; in one that does not each half has the same room, but on the way to the focus
  /// as much as one node beside the other needs.
  float split(const ItemView& item, Span span, std::uint32_t depth, std::uint32_t left,
              std::uint32_t right) const {
    const float total = static_cast<float>(left + right + 1);
    if (total * node_width_ <= span.width())
      return span.from + span.width() * (static_cast<float>(left) + 0.5F) / total;
    const bool goes_left = item.left && is_way(item.left), goes_right = item.right && is_way(item.right);
    if (!goes_left && !goes_right) return (span.from + span.to) / 2;
    const auto nodes =
        static_cast<float>(on_the_way_.size() - std::min<std::size_t>(depth, on_the_way_.size()));
    const float most = std::max(span.width() - node_width_, span.width() / 2);
    const float room = std::clamp(nodes * node_width_, span.width() / 2, most);
    return goes_left ? span.from + room : span.to - room;
  }

  const HostView& host_;
  Rect area_;
  float node_width_, row_height_;
  std::unordered_map<std::uint32_t, std::uint32_t> sizes_;
  std::unordered_set<std::uint32_t> on_the_way_;
  std::vector<TreeNode> nodes_;
};

}  // namespace

std::vector<TreeNode> lay_out_tree(const HostView& host, const EpollView& epoll, const Rect& area,
                                   float node_width, float row_height, ItemId focus) {
  return Layout(host, area, node_width, row_height).lay_out(epoll.root, focus);
}

}  // namespace stackscope::gui
