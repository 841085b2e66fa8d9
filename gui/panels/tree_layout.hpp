#pragma once
// Where the nodes of an interest tree go: in order from left to right, a level a row; what does not fit becomes a triangle
// that says how many it stands for. No drawing here.

#include <vector>

#include "analysis/host_view.hpp"
#include "gui/draw/registry.hpp"

namespace stackscope::gui {

struct TreeNode {
  ItemId item;
  std::size_t parent = 0;       // its place among the nodes; the root's is its own
  float x = 0, y = 0;           // of its centre
  std::uint32_t collapsed = 0;  // > 0: it stands for a subtree of so many
};

/// Parents before children. `focus` is shown whatever else has to be collapsed: the way from the root to it stays open.
std::vector<TreeNode> lay_out_tree(const HostView& host, const EpollView& epoll, const Rect& area,
                                   float node_width, float row_height, ItemId focus);

}  // namespace stackscope::gui
