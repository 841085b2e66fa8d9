#pragma once
// A machine that does random but possible things, tells them, and remembers them in plain containers: what the views are
// held against.

#include <deque>
#include <list>
#include <map>
#include <set>
#include <vector>

#include "tests/analysis/red_black_tree.hpp"
#include "tests/analysis/story.hpp"

namespace stackscope::testing {

template <class Tell>
class RandomMachine {
 public:
  struct TaskState {
    bool sleeps = true, in_call = false;
    std::uint64_t wakings = 0, returns = 0;
  };
  struct SocketState {
    std::uint32_t snd_nxt = 0, rcv_nxt = 0;
    std::uint64_t received = 0;
    bool delack_armed = false;
    std::deque<std::uint32_t> backlog;
  };
  struct Ring {
    std::deque<std::uint32_t> packets;
    std::uint32_t next_slot = 0;
  };

  static constexpr std::uint32_t kTasks = 6, kListener = 1, kItems = 40;

  /// `tell` takes any record. With so many connections from the start.
  RandomMachine(Tell tell, std::uint64_t seed, std::uint32_t connections_at_first = 20)
      : tree(EpollId{1}, tell), tell_(tell), dice_(seed) {
    tell_(HostStarted{{}, 1, 250});
    for (std::uint32_t i = 1; i <= kTasks; ++i) {
      tell_(TaskCreated{TaskId{i}, ProcessId{1}, StringId{}, SchedPolicy::kFifo, 50});
      tasks[i].sleeps = false;
    }
    tell_(EpollCreated{EpollId{1}, FileId{1}, WaitQueueId{1}});
    tell_(SocketCreated{SocketId{kListener}, {}, WaitQueueId{2}});
    while (sockets.size() < connections_at_first) connect();
  }

  /// One random happening: some records.
  void step() {
    switch (dice_.below(10)) {
      case 0:
        return wait_queues();
      case 1:
        return interest();
      case 2:
        return ready_list();
      case 3:
        return frames();
      case 4:
        return descriptors();
      case 5:
        return connections();
      case 6:
        return interrupts();
      case 7:
        return schedule();
      default:
        return segments();
    }
  }

  std::map<std::uint32_t, TaskState> tasks;
  std::map<std::uint32_t, std::list<std::uint32_t>> waiters;  // by wait queue
  std::map<std::uint32_t, SocketState> sockets;               // connections
  std::deque<std::uint32_t> to_accept;
  std::list<std::uint32_t> ready, scan, overflow;
  bool is_scanning = false;
  std::map<std::int32_t, std::uint32_t> descriptors_of_process;
  Ring rx, tx;
  std::uint64_t drops = 0;
  std::uint32_t current = 0;
  std::deque<std::uint32_t> cpu_backlog;
  std::uint32_t pending_softirqs = 0;
  RedBlackTree<Tell> tree;

 private:
  std::uint32_t any_key(const auto& map) {
    auto it = map.begin();
    std::advance(it, static_cast<std::ptrdiff_t>(dice_.below(std::min<std::uint64_t>(map.size(), 64))));
    return static_cast<std::uint32_t>(it->first);
  }

  void wait_queues() {
    const auto queue = static_cast<std::uint32_t>(1 + dice_.below(4));
    auto& list = waiters[queue];
    if (list.size() < 12 && !dice_.one_in(3)) {
      const bool head = dice_.one_in(2);
      list.insert(head ? list.begin() : list.end(), ++last_waiter_);
      tell_(WaiterAdded{WaitQueueId{queue}, WaiterId{last_waiter_}, {}, {}, dice_.one_in(2), head});
    } else if (!list.empty()) {
      auto victim = std::next(list.begin(), static_cast<std::ptrdiff_t>(dice_.below(list.size())));
      tell_(WaiterRemoved{WaitQueueId{queue}, WaiterId{*victim}});
      list.erase(victim);
    }
  }

  void interest() {
    if (tree.nodes().size() < kItems || dice_.one_in(2)) {
      tell_(EpollItemAdded{EpollId{1}, ItemId{++last_item_}, FileId{1}, 3, 1, dice_.below(1000)});
      tree.insert(ItemId{last_item_}, dice_.below(1000));
    } else {
      const std::uint32_t item = any_key(tree.nodes());
      unlist_everywhere(item);
      tree.erase(ItemId{item});
      tell_(EpollItemRemoved{EpollId{1}, ItemId{item}});
    }
  }
  bool unlist(std::list<std::uint32_t>& list, EpollList which, std::uint32_t item) {
    if (std::ranges::find(list, item) == list.end()) return false;
    list.remove(item);
    tell_(EpollUnlisted{EpollId{1}, ItemId{item}, which});
    return true;
  }
  void unlist_everywhere(std::uint32_t item) {
    unlist(ready, EpollList::kReady, item), unlist(scan, EpollList::kScan, item);
    unlist(overflow, EpollList::kOverflow, item);
  }
  void ready_list() {
    if (dice_.one_in(6)) {
      is_scanning = !is_scanning;
      if (is_scanning) {
        tell_(EpollScanBegan{EpollId{1}});
        scan.swap(ready);
      } else {
        tell_(EpollScanEnded{EpollId{1}});
        ready.splice(ready.begin(), scan);
      }
      return;
    }
    if (tree.nodes().empty()) return;
    const std::uint32_t item = any_key(tree.nodes());
    if (unlist(scan, EpollList::kScan, item) || unlist(ready, EpollList::kReady, item)) return;
    if (unlist(overflow, EpollList::kOverflow, item)) return;
    const bool to_overflow = is_scanning && dice_.one_in(2), head = dice_.one_in(3);
    auto& list = to_overflow ? overflow : ready;
    list.insert(head ? list.begin() : list.end(), item);
    tell_(
        EpollListed{EpollId{1}, ItemId{item}, to_overflow ? EpollList::kOverflow : EpollList::kReady, head});
  }

  void frames() {
    if (dice_.one_in(2)) {
      if (rx.packets.size() == 16) {
        ++drops;
        tell_(FrameDropped{QueueId{1}, PacketId{++last_packet_}});
      } else if (dice_.one_in(3) && !rx.packets.empty()) {
        tell_(RxRingTaken{QueueId{1}, PacketId{rx.packets.front()}});
        rx.packets.pop_front();
      } else {
        rx.packets.push_back(++last_packet_);
        tell_(FrameArrived{QueueId{1}, PacketId{last_packet_}, rx.next_slot++ % 16, 74});
      }
    } else if (tx.packets.size() == 16 || (dice_.one_in(3) && !tx.packets.empty())) {
      tell_(TxRingCompleted{QueueId{1}, PacketId{tx.packets.front()}});
      tx.packets.pop_front();
    } else {
      tx.packets.push_back(++last_packet_);
      tell_(TxRingQueued{QueueId{1}, PacketId{last_packet_}, tx.next_slot++ % 16});
    }
  }

  void descriptors() {
    const auto fd = static_cast<std::int32_t>(dice_.below(200));
    if (descriptors_of_process.erase(fd) == 1) {
      tell_(FdClosed{ProcessId{1}, fd});
    } else {
      tell_(FileOpened{FileId{++last_file_ + 1}, FileKind::kEventfd, 0});
      descriptors_of_process[fd] = last_file_ + 1;
      tell_(FdInstalled{ProcessId{1}, fd, FileId{last_file_ + 1}});
    }
  }

  void connect() {
    const std::uint32_t id = ++last_socket_;
    sockets[id];
    to_accept.push_back(id);
    tell_(SocketCreated{SocketId{id}, SocketId{kListener}, {}});
    tell_(SocketNamed{SocketId{id}, 1, 2, 80, static_cast<std::uint16_t>(id)});
    tell_(InetSockSetState{SocketId{id}, TcpState::kSynRecv, TcpState::kEstablished});
  }
  void connections() {
    if (dice_.one_in(3)) return connect();
    if (dice_.one_in(2) && !to_accept.empty()) {
      tell_(Accepted{SocketId{kListener}, SocketId{to_accept.front()}});
      to_accept.pop_front();
    } else if (sockets.size() > 10) {
      const std::uint32_t id = any_key(sockets);
      std::erase(to_accept, id);
      sockets.erase(id);
      tell_(SocketDestroyed{SocketId{id}});
    }
  }

  void interrupts() {
    tell_(IrqHandlerEntry{IrqKind::kNic, QueueId{1}});
    tell_(SoftirqRaise{SoftirqVector::kNetRx});
    tell_(IrqHandlerExit{IrqKind::kNic, QueueId{1}});
    tell_(SoftirqEntry{SoftirqVector::kNetRx});
    if (cpu_backlog.size() < 8 && dice_.one_in(2)) {
      cpu_backlog.push_back(++last_packet_);
      tell_(NetifRx{DeviceKind::kLoopback, PacketId{last_packet_}, 60});
    } else if (!cpu_backlog.empty()) {
      tell_(NetifReceiveSkb{DeviceKind::kLoopback, PacketId{cpu_backlog.front()}, 60});
      cpu_backlog.pop_front();
    }
    if (dice_.one_in(3)) {
      tell_(SoftirqRaise{SoftirqVector::kTimer});
      pending_softirqs |= 1U << static_cast<unsigned>(SoftirqVector::kTimer);
    }
    tell_(SoftirqExit{SoftirqVector::kNetRx});
    if (pending_softirqs == 0) return;
    tell_(SoftirqEntry{SoftirqVector::kTimer});
    tell_(SoftirqExit{SoftirqVector::kTimer});
    pending_softirqs = 0;
  }

  void schedule() {
    const std::uint32_t next = any_key(tasks);
    if (next == current) return;
    if (tasks[next].sleeps) {
      tell_(SchedWaking{TaskId{next}, 0}), tell_(SchedWakeup{TaskId{next}, 0});
      ++tasks[next].wakings;
      tasks[next].sleeps = false;
    }
    if (current != 0) tasks[current].sleeps = tasks[current].in_call;
    const bool sleeps = current != 0 && tasks[current].sleeps;
    tell_(SchedSwitch{TaskId{current},
                      sleeps ? ::stackscope::TaskState::kSleeping : ::stackscope::TaskState::kRunning,
                      TaskId{next}});
    current = next;
    TaskState& task = tasks[next];
    if (task.in_call) {
      tell_(call::EpollWait::Exit{TaskId{next}, 1});
      ++task.returns;
    } else {
      tell_(call::EpollWait::Enter{TaskId{next}, {3, 64, -1}});
    }
    task.in_call = !task.in_call;
  }

  void segments() {
    if (sockets.empty()) return;
    const auto hit = sockets.lower_bound(static_cast<std::uint32_t>(dice_.below(last_socket_ + 1)));
    if (hit == sockets.end()) return;
    auto& [id, socket] = *hit;
    if (dice_.one_in(4)) {
      if (socket.backlog.size() < 4 && dice_.one_in(2)) {
        socket.backlog.push_back(++last_packet_);
        tell_(SocketBacklog{SocketId{id}, PacketId{last_packet_}, true});
      } else if (!socket.backlog.empty()) {
        tell_(SocketBacklog{SocketId{id}, PacketId{socket.backlog.front()}, false});
        socket.backlog.pop_front();
      }
    }
    socket.rcv_nxt += 100, socket.snd_nxt += 50, socket.received += 100;
    tell_(TcpReceiveSequence{SocketId{id}, socket.rcv_nxt, 0, 0, 65535, 768});
    tell_(TcpSendSequence{SocketId{id}, 0, socket.snd_nxt, 0, 65535});
    tell_(SockRecvLength{SocketId{id}, 100});
    socket.delack_armed = !socket.delack_armed;
    if (socket.delack_armed) {
      tell_(TimerStart{TimerFunction::kTcpDelack, SocketId{id}, 1000, 10});
    } else {
      tell_(TimerCancel{TimerFunction::kTcpDelack, SocketId{id}});
    }
  }

  Tell tell_;
  Dice dice_;
  std::uint32_t last_waiter_ = 0, last_item_ = 0, last_packet_ = 0, last_socket_ = kListener, last_file_ = 0;
};

}  // namespace stackscope::testing
