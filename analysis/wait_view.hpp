#pragma once
// Wait queues, files and descriptor tables.

#include <cstdint>
#include <vector>

#include "analysis/linked_list.hpp"
#include "analysis/paged_map.hpp"
#include "kernel_model/vocabulary/file_records.hpp"

namespace stackscope {

/// An entry in a wait queue: a thread that sleeps, or an epoll item whose callback hangs here.
struct WaiterView {
  WaiterId id;
  WaitQueueId queue;
  TaskId task;
  ItemId item;
  bool exclusive = false;
  Instant since;
  ListLink<WaiterId> link;
  void describe(auto&& field) const {
    field("id", id), field("queue", queue), field("task", task), field("item", item),
        field("exclusive", exclusive);
    field("since", since), field("link", link);
  }
};

/// Linux: struct wait_queue_head. Its entries in order: for_each_waiter() of HostView.
struct WaitQueueView {
  WaitQueueId id;
  SocketId socket;  // whose it is, where that was told
  EpollId epoll;
  ListView<WaiterId> waiters;
  std::uint64_t wakes = 0;  // how often its callbacks were called
  std::uint32_t last_events = 0, last_called = 0;
  void describe(auto&& field) const {
    field("id", id), field("socket", socket), field("epoll", epoll), field("waiters", waiters),
        field("wakes", wakes);
    field("last_events", last_events), field("last_called", last_called);
  }
};

/// Who sleeps until a word of a process's memory changes, in the order in which they are woken; there while somebody does.
struct FutexView {
  std::vector<TaskId> waiting;
  void describe(auto&& field) const { field("waiting", waiting); }
};

/// Who waits for the mutex of an epoll instance, in the order in which it will be theirs; there while somebody does.
struct MutexView {
  std::vector<TaskId> waiting;
  void describe(auto&& field) const { field("waiting", waiting); }
};

/// An open file description.
struct FileView {
  FileId id;
  FileKind kind{};
  std::uint32_t object = 0;       // the SocketId or EpollId behind it; of a pipe its reading end's FileId
  std::uint32_t descriptors = 0;  // that name it
  std::uint64_t eventfd_count = 0;
  std::uint64_t timerfd_ticks = 0;
  Instant timerfd_armed_until = Instant::never();
  std::uint32_t pipe_bytes = 0, pipe_slots = 0, pipe_max_usage = 0;  // both ends tell the same
  std::uint32_t unix_bytes = 0, unix_messages = 0;                   // that can be read from it
  void describe(auto&& field) const {
    field("id", id), field("kind", kind), field("object", object), field("descriptors", descriptors);
    field("eventfd_count", eventfd_count), field("timerfd_ticks", timerfd_ticks),
        field("timerfd_armed_until", timerfd_armed_until);
    field("pipe_bytes", pipe_bytes), field("pipe_slots", pipe_slots), field("pipe_max_usage", pipe_max_usage);
    field("unix_bytes", unix_bytes), field("unix_messages", unix_messages);
  }
};

/// The threads that share a descriptor table. Linux: files_struct.
struct ProcessView {
  ProcessId id;
  std::uint32_t tasks = 0;  // that live
  PagedMap<std::int32_t, FileId, 64> descriptors;
  PagedMap<std::uint32_t, FutexView> futexes;  // by the word's ordinal
  void describe(auto&& field) const {
    field("id", id), field("tasks", tasks), field("descriptors", descriptors), field("futexes", futexes);
  }
};

}  // namespace stackscope
