#pragma once
// One machine, as the records up to a moment tell it.

#include <cstdint>
#include <vector>

#include "analysis/cpu_view.hpp"
#include "analysis/epoll_view.hpp"
#include "analysis/net_view.hpp"
#include "analysis/paged_map.hpp"
#include "analysis/wait_view.hpp"

namespace stackscope {

/// A host; an ideal one has no CPUs. Everything by identity, in order of creation.
struct HostView {
  std::uint8_t number = 0;
  StringId name;
  std::uint16_t hz = 0;
  std::vector<CpuView> cpus;
  PagedMap<TaskId, TaskView> tasks;
  PagedMap<ProcessId, ProcessView> processes;
  PagedMap<FileId, FileView> files;
  PagedMap<WaitQueueId, WaitQueueView> wait_queues;
  PagedMap<WaiterId, WaiterView> waiters;
  PagedMap<EpollId, EpollView> epolls;
  PagedMap<ItemId, ItemView> items;
  PagedMap<EpollId, MutexView> mutexes;  // 0: the one that all instances share
  PagedMap<QueueId, NicView> nics;
  PagedMap<SocketId, SocketView> sockets;
  PagedMap<SocketId, TcpView> tcp;
  PagedMap<PacketId, BacklogEntryView> backlogged;
  std::uint64_t packets_dropped = 0;  // by the kernel
  PacketId last_dropped;
  DropReason last_drop_reason{};

  void describe(auto&& field) const {
    field("number", number), field("name", name), field("hz", hz), field("cpus", cpus), field("tasks", tasks);
    field("processes", processes), field("files", files), field("wait_queues", wait_queues);
    field("waiters", waiters), field("epolls", epolls), field("items", items), field("mutexes", mutexes);
    field("nics", nics);
    field("sockets", sockets), field("tcp", tcp), field("backlogged", backlogged);
    field("packets_dropped", packets_dropped), field("last_dropped", last_dropped);
    field("last_drop_reason", last_drop_reason);
  }

  // --- walking the lists: `visit(id, view)` in order -------------------------------------------------------------

  void for_each_waiter(const WaitQueueView& queue, auto visit) const {
    for_each_in(waiters, queue.waiters, &WaiterView::link, visit);
  }
  void for_each_listed(const EpollView& epoll, EpollList which, auto visit) const {
    const bool overflow = which == EpollList::kOverflow;
    for_each_in(items, epoll.list(which), overflow ? &ItemView::overflow_link : &ItemView::ready_link, visit);
  }
  void for_each_to_accept(const SocketView& listener, auto visit) const {
    for_each_in(sockets, listener.to_accept, &SocketView::accept_link, visit);
  }
  void for_each_backlogged(const SocketView& socket, auto visit) const {
    for_each_in(backlogged, socket.backlog, &BacklogEntryView::link, visit);
  }
  /// The interest tree from the left to the right.
  void for_each_in_tree(const EpollView& epoll, auto visit) const {
    for (ItemId item = leftmost(epoll.root); item; item = next_in_tree(item)) visit(item, *items.find(item));
  }

  /// The first item of the tree below this one; 0 for none.
  ItemId leftmost(ItemId item) const;
  /// The item that comes after this one in the tree's order; 0 after the last.
  ItemId next_in_tree(ItemId item) const;

  /// The file that a descriptor of a process names; 0 for none.
  FileId file_of(ProcessId process, std::int32_t descriptor) const;
};

}  // namespace stackscope
