#pragma once
// What the model says of an object, in a view's shape, so that views can be held against it field by field.
//
// `show(id, view)` gets the view that the records add up to, overwrites in it every field that the model knows, and
// returns whether the model has such an object at all. What only records tell (counts of what happened, since when,
// names of calls) stays as it was told.

#include <optional>
#include <vector>

#include "analysis/host_view.hpp"
#include "kernel_model/host/host.hpp"
#include "kernel_model/host/ideal_host.hpp"

namespace stackscope {

class TcpSocketFile;

/// A wait queue of the model, and whose it is.
struct ModelQueue {
  const WaitQueue* queue = nullptr;
  SocketId socket;
  EpollId epoll;
};

class ModelHost {
 public:
  explicit ModelHost(Host& host) : host_(&host), tcp_(&host.tcp()), number_(host.config().ordinal) {}
  explicit ModelHost(IdealHost& peer) : tcp_(&peer.tcp()), number_(peer.config().ordinal) {}

  std::uint8_t number() const { return number_; }

  bool show(std::uint8_t cpu, CpuView& view) const;
  bool show(TaskId id, TaskView& view) const;
  bool show(ProcessId id, ProcessView& view) const;
  bool show(FileId id, FileView& view) const;
  bool show(WaitQueueId id, WaitQueueView& view) const;
  bool show(EpollId id, EpollView& view) const;
  bool show(EpollId id, MutexView& view) const;
  bool show(ItemId id, ItemView& view, const EpollView* told) const;
  bool show(QueueId id, NicView& view) const;
  bool show(SocketId id, SocketView& view) const;
  bool show(SocketId id, TcpView& view) const;

  /// The entries of a queue in order, each over what was told of it: `told(id)`.
  void for_each_waiter(WaitQueueId id, auto visit) const {
    const ModelQueue found = queue(id);
    if (found.queue == nullptr) return;
    for (const WaitEntry* entry = found.queue->head(); entry != nullptr; entry = entry->next) visit(*entry);
  }
  static void show(const WaitEntry& entry, WaiterView& view);

  /// The packets that wait for a socket's owner, in order; those that the owner has taken over to process are not here.
  std::vector<PacketId> backlog(SocketId id) const;

  // All that the model has.
  std::uint8_t cpus() const { return host_ == nullptr ? 0 : host_->processors().count(); }
  std::vector<TaskId> tasks() const;
  std::vector<ProcessId> processes() const;
  std::vector<FileId> files() const;
  std::vector<WaitQueueId> wait_queues() const;
  std::vector<EpollId> epolls() const;
  std::vector<ItemId> items() const;
  std::vector<QueueId> nics() const;
  std::vector<SocketId> sockets() const;

 private:
  ModelQueue queue(WaitQueueId id) const;
  std::vector<ModelQueue> queues() const;
  std::vector<const Epoll*> instances() const;
  const TcpSocketFile* user_of(const TcpSocket& socket) const;
  const TimeWait* time_wait(SocketId id) const;

  Host* host_ = nullptr;  // null for an ideal host
  TcpStack* tcp_;
  std::uint8_t number_;
};

}  // namespace stackscope
