#include "analysis/host_view.hpp"

namespace stackscope {

ItemId HostView::leftmost(ItemId item) const {
  while (item && items.find(item)->left) item = items.find(item)->left;
  return item;
}

ItemId HostView::next_in_tree(ItemId item) const {
  const ItemView* view = items.find(item);
  if (view->right) return leftmost(view->right);
  while (view->parent && items.find(view->parent)->right == view->id) view = items.find(view->parent);
  return view->parent;
}

FileId HostView::file_of(ProcessId process, std::int32_t descriptor) const {
  const ProcessView* const table = processes.find(process);
  const FileId* const file = table == nullptr ? nullptr : table->descriptors.find(descriptor);
  return file == nullptr ? FileId{} : *file;
}

}  // namespace stackscope
