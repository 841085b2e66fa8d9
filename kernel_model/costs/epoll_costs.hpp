#pragma once
// What epoll instances charge, without the polled files' own share and without wait queues and switching.

#include "kernel_model/costs/cost.hpp"

namespace stackscope {

struct EpollCosts {
  Cost create, wait, scan, scan_item, copy_event;
  Cost ctl, ctl_add, ctl_modify, ctl_delete, tree_step;
  Cost callback, release_item;

  void describe(auto&& field) {
    field("create", create, "to make an epoll instance");
    field("wait", wait, "epoll_wait before it looks for ready items");
    field("scan", scan, "to take the ready list aside and to put back what is left");
    field("scan_item", scan_item, "to take an item off the list, without asking its file");
    field("copy_event", copy_event, "to copy one event to the program and to relist its item");
    field("ctl", ctl, "epoll_ctl's checks, for every operation");
    field("ctl_add", ctl_add, "to make an item and hook it up, without tree steps");
    field("ctl_modify", ctl_modify, "to change an item");
    field("ctl_delete", ctl_delete, "to unhook and free an item, without tree steps");
    field("tree_step", tree_step, "one level down the interest tree");
    field("callback", callback, "an item's callback in its file's wake-up");
    field("release_item", release_item, "to free an item because its file or instance is closed");
  }
};

}  // namespace stackscope
