#pragma once
// Records of files, descriptors, epoll instances, futexes and timers.

#include <cstdint>
#include <iterator>
#include <string_view>

#include "kernel_model/vocabulary/ids.hpp"
#include "sim/record.hpp"

namespace stackscope {

enum class FileKind : std::uint8_t { kSocket, kEpoll, kEventfd, kPipe, kTimerfd };
constexpr std::string_view name_of(FileKind kind) {
  constexpr std::string_view kNames[] = {"socket", "epoll", "eventfd", "pipe", "timerfd"};
  const auto index = static_cast<std::size_t>(kind);
  return index < std::size(kNames) ? kNames[index] : std::string_view{};
}

struct FileOpened {
  static constexpr std::string_view kName = "file:opened";
  static constexpr std::string_view kSentence = "An open file description came to be.";
  static constexpr Layer kLayer = Layer::kKernel;
  FileId file;
  FileKind kind;
  std::uint32_t
      object;  // the SocketId or EpollId behind it, of a pipe its reading end's FileId; others have none
  void describe(auto&& field) const { field("file", file), field("kind", kind), field("object", object); }
};

struct FileReleased {
  static constexpr std::string_view kName = "file:released";
  static constexpr std::string_view kSentence = "The last descriptor of a file was closed.";
  static constexpr Layer kLayer = Layer::kKernel;
  FileId file;
  void describe(auto&& field) const { field("file", file); }
};

struct FdInstalled {
  static constexpr std::string_view kName = "file:fd_installed";
  static constexpr std::string_view kSentence = "A descriptor of a process now names a file.";
  static constexpr Layer kLayer = Layer::kKernel;
  ProcessId process;
  std::int32_t fd;
  FileId file;
  void describe(auto&& field) const { field("process", process), field("fd", fd), field("file", file); }
};

struct FdClosed {
  static constexpr std::string_view kName = "file:fd_closed";
  static constexpr std::string_view kSentence = "A descriptor of a process names nothing any more.";
  static constexpr Layer kLayer = Layer::kKernel;
  ProcessId process;
  std::int32_t fd;
  void describe(auto&& field) const { field("process", process), field("fd", fd); }
};

struct EventfdChanged {
  static constexpr std::string_view kName = "eventfd:count";
  static constexpr std::string_view kSentence = "An eventfd's counter changed.";
  static constexpr Layer kLayer = Layer::kKernel;
  FileId file;
  std::uint64_t count;
  void describe(auto&& field) const { field("file", file), field("count", count); }
};

struct TimerfdChanged {
  static constexpr std::string_view kName = "timerfd:changed";
  static constexpr std::string_view kSentence =
      "A timerfd's ticks changed, or when it fires; the end of time where it is not armed.";
  static constexpr Layer kLayer = Layer::kKernel;
  FileId file;
  std::uint64_t ticks;
  Instant armed_until;
  void describe(auto&& field) const {
    field("file", file), field("ticks", ticks), field("armed_until", armed_until);
  }
};

/// How many pages a pipe takes as it is made. Linux: PIPE_DEF_BUFFERS
inline constexpr std::uint32_t kPipeDefBuffers = 16;

struct PipeChanged {
  static constexpr std::string_view kName = "pipe:changed";
  static constexpr std::string_view kSentence =
      "Something was written to a pipe or read from it, or its size was changed.";
  static constexpr Layer kLayer = Layer::kKernel;
  FileId file;       // the end at which it happened
  FileId other_end;  // which may be closed
  std::uint32_t bytes;
  std::uint32_t slots;      // pages that hold them
  std::uint32_t max_usage;  // the most there can be
  void describe(auto&& field) const {
    field("file", file), field("other_end", other_end), field("bytes", bytes), field("slots", slots);
    field("max_usage", max_usage);
  }
};

struct UnixQueueChanged {
  static constexpr std::string_view kName = "unix:queue";
  static constexpr std::string_view kSentence =
      "A Unix socket got something to read, or something was read from it.";
  static constexpr Layer kLayer = Layer::kKernel;
  FileId file;  // whose queue it is
  std::uint32_t bytes;
  std::uint32_t messages;
  void describe(auto&& field) const {
    field("file", file), field("bytes", bytes), field("messages", messages);
  }
};

struct EpollCreated {
  static constexpr std::string_view kName = "epoll:created";
  static constexpr std::string_view kSentence = "An epoll instance was created.";
  static constexpr Layer kLayer = Layer::kKernel;
  EpollId epoll;
  FileId file;
  WaitQueueId wait_queue;  // where epoll_wait sleeps
  void describe(auto&& field) const {
    field("epoll", epoll), field("file", file), field("wait_queue", wait_queue);
  }
};

struct EpollDestroyed {
  static constexpr std::string_view kName = "epoll:destroyed";
  static constexpr std::string_view kSentence = "An epoll instance is gone, with all its items.";
  static constexpr Layer kLayer = Layer::kKernel;
  EpollId epoll;
  void describe(auto&& field) const { field("epoll", epoll); }
};

struct EpollItemAdded {
  static constexpr std::string_view kName = "epoll:item_added";
  static constexpr std::string_view kSentence = "A file is now watched by an epoll instance.";
  static constexpr Layer kLayer = Layer::kKernel;
  EpollId epoll;
  ItemId item;
  FileId file;
  std::int32_t fd;
  std::uint32_t events;
  std::uint64_t data;
  void describe(auto&& field) const {
    field("epoll", epoll), field("item", item), field("file", file), field("fd", fd);
    field("events", events), field("data", data);
  }
};

struct EpollItemModified {
  static constexpr std::string_view kName = "epoll:item_modified";
  static constexpr std::string_view kSentence =
      "The events an item is interested in changed; a spent one-shot item has none.";
  static constexpr Layer kLayer = Layer::kKernel;
  EpollId epoll;
  ItemId item;
  std::uint32_t events;
  std::uint64_t data;
  void describe(auto&& field) const {
    field("epoll", epoll), field("item", item), field("events", events), field("data", data);
  }
};

struct EpollItemRemoved {
  static constexpr std::string_view kName = "epoll:item_removed";
  static constexpr std::string_view kSentence = "A file is no longer watched.";
  static constexpr Layer kLayer = Layer::kKernel;
  EpollId epoll;
  ItemId item;
  void describe(auto&& field) const { field("epoll", epoll), field("item", item); }
};

struct TreeLinked {
  static constexpr std::string_view kName = "epoll:tree_linked";
  static constexpr std::string_view kSentence = "An item became a red leaf of the interest tree.";
  static constexpr Layer kLayer = Layer::kKernel;
  EpollId epoll;
  ItemId item, parent;  // parent 0: the root
  bool is_left;
  void describe(auto&& field) const {
    field("epoll", epoll), field("item", item), field("parent", parent), field("is_left", is_left);
  }
};

struct TreeRotated {
  static constexpr std::string_view kName = "epoll:tree_rotated";
  static constexpr std::string_view kSentence =
      "A rotation: the item went down, its child on the other side took its place.";
  static constexpr Layer kLayer = Layer::kKernel;
  EpollId epoll;
  ItemId item;  // goes down
  bool to_left;
  void describe(auto&& field) const { field("epoll", epoll), field("item", item), field("to_left", to_left); }
};

struct TreeColoured {
  static constexpr std::string_view kName = "epoll:tree_coloured";
  static constexpr std::string_view kSentence = "An item of the interest tree changed colour.";
  static constexpr Layer kLayer = Layer::kKernel;
  EpollId epoll;
  ItemId item;
  bool is_black;
  void describe(auto&& field) const {
    field("epoll", epoll), field("item", item), field("is_black", is_black);
  }
};

/// With no or one child, that child (or nothing) takes the item's place. With two, the next item in order
/// does: it leaves its own place to its right child, and takes over the item's children. Colours are told
/// separately.
struct TreeSpliced {
  static constexpr std::string_view kName = "epoll:tree_spliced";
  static constexpr std::string_view kSentence = "An item left the interest tree and another took its place.";
  static constexpr Layer kLayer = Layer::kKernel;
  EpollId epoll;
  ItemId item, successor;  // successor 0: nothing
  void describe(auto&& field) const {
    field("epoll", epoll), field("item", item), field("successor", successor);
  }
};

/// Which list of an epoll instance. While events are copied to the program the ready list is `kScan`, and
/// what becomes ready meanwhile goes to `kOverflow`. Linux: rdllist, txlist, ovflist.
enum class EpollList : std::uint8_t { kReady, kScan, kOverflow };
constexpr std::string_view name_of(EpollList list) {
  constexpr std::string_view kNames[] = {"ready", "scan", "overflow"};
  return static_cast<std::size_t>(list) < 3 ? kNames[static_cast<std::size_t>(list)] : std::string_view{};
}

struct EpollListed {
  static constexpr std::string_view kName = "epoll:listed";
  static constexpr std::string_view kSentence = "An item joined one of its instance's lists.";
  static constexpr Layer kLayer = Layer::kKernel;
  EpollId epoll;
  ItemId item;
  EpollList list;
  bool at_head;
  void describe(auto&& field) const {
    field("epoll", epoll), field("item", item), field("list", list), field("at_head", at_head);
  }
};

struct EpollUnlisted {
  static constexpr std::string_view kName = "epoll:unlisted";
  static constexpr std::string_view kSentence = "An item left one of its instance's lists.";
  static constexpr Layer kLayer = Layer::kKernel;
  EpollId epoll;
  ItemId item;
  EpollList list;
  void describe(auto&& field) const { field("epoll", epoll), field("item", item), field("list", list); }
};

struct EpollScanBegan {
  static constexpr std::string_view kName = "epoll:scan_began";
  static constexpr std::string_view kSentence =
      "The whole ready list was taken aside to be reported; news go to the overflow list.";
  static constexpr Layer kLayer = Layer::kKernel;
  EpollId epoll;
  void describe(auto&& field) const { field("epoll", epoll); }
};

/// What overflowed has by then been moved to the head of the ready list; what is left of the scan is put
/// before it.
struct EpollScanEnded {
  static constexpr std::string_view kName = "epoll:scan_ended";
  static constexpr std::string_view kSentence =
      "The rest of the scan went back to the head of the ready list.";
  static constexpr Layer kLayer = Layer::kKernel;
  EpollId epoll;
  void describe(auto&& field) const { field("epoll", epoll); }
};

struct EpollReported {
  static constexpr std::string_view kName = "epoll:reported";
  static constexpr std::string_view kSentence = "An item's events were copied to the program.";
  static constexpr Layer kLayer = Layer::kKernel;
  EpollId epoll;
  ItemId item;
  std::uint32_t events;
  void describe(auto&& field) const { field("epoll", epoll), field("item", item), field("events", events); }
};

enum class TimerFunction : std::uint8_t {
  kTcpDelack,
  kTcpWrite,
  kTcpKeepalive,
  kTcpSynAck,
  kTimeWait,
  kProcessTimeout
};
constexpr std::string_view name_of(TimerFunction function) {
  constexpr std::string_view kNames[] = {"tcp_delack_timer",    "tcp_write_timer",  "tcp_keepalive_timer",
                                         "reqsk_timer_handler", "tw_timer_handler", "process_timeout"};
  return static_cast<std::size_t>(function) < 6 ? kNames[static_cast<std::size_t>(function)]
                                                : std::string_view{};
}

struct TimerStart {
  static constexpr std::string_view kName = "timer:timer_start";
  static constexpr std::string_view kSentence = "A timer of the timer wheel was armed.";
  static constexpr Layer kLayer = Layer::kKernel;
  TimerFunction function;
  SocketId socket;
  std::uint64_t expires;  // jiffies
  std::int32_t timeout;   // jiffies from now
  void describe(auto&& field) const {
    field("function", function), field("socket", socket), field("expires", expires),
        field("timeout", timeout);
  }
};

struct TimerCancel {
  static constexpr std::string_view kName = "timer:timer_cancel";
  static constexpr std::string_view kSentence = "A timer of the timer wheel was disarmed.";
  static constexpr Layer kLayer = Layer::kKernel;
  TimerFunction function;
  SocketId socket;
  void describe(auto&& field) const { field("function", function), field("socket", socket); }
};

struct TimerExpire {
  static constexpr std::string_view kName = "timer:timer_expire_entry";
  static constexpr std::string_view kSentence = "A timer of the timer wheel fired.";
  static constexpr Layer kLayer = Layer::kKernel;
  TimerFunction function;
  SocketId socket;
  void describe(auto&& field) const { field("function", function), field("socket", socket); }
};

struct HrtimerStart {
  static constexpr std::string_view kName = "timer:hrtimer_start";
  static constexpr std::string_view kSentence =
      "A high-resolution timer was armed: it may fire from softexpires on, and must at expires.";
  static constexpr Layer kLayer = Layer::kKernel;
  TaskId task;  // whose timeout it is; 0: a timerfd's
  Instant softexpires, expires;
  void describe(auto&& field) const {
    field("task", task), field("softexpires", softexpires), field("expires", expires);
  }
};

struct HrtimerCancel {
  static constexpr std::string_view kName = "timer:hrtimer_cancel";
  static constexpr std::string_view kSentence = "A high-resolution timer was disarmed.";
  static constexpr Layer kLayer = Layer::kKernel;
  TaskId task;
  void describe(auto&& field) const { field("task", task); }
};

struct HrtimerExpire {
  static constexpr std::string_view kName = "timer:hrtimer_expire_entry";
  static constexpr std::string_view kSentence = "A high-resolution timer fired.";
  static constexpr Layer kLayer = Layer::kKernel;
  TaskId task;
  void describe(auto&& field) const { field("task", task); }
};

}  // namespace stackscope
