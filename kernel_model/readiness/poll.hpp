#pragma once
// poll(2) and select(2): they ask every file each time, and hang into all their wait queues to sleep.
//
// Linux:     fs/select.c do_poll(), do_pollfd(), core_sys_select(), do_select(), max_select_fd(), select_poll_one(),
//            __pollwait(), pollwake(), poll_freewait()
// Invariant: a file is hooked at most once a call and wait queue, on the first round only, and only until something is
//            found ready; a hooked file is held until the call ends.
// Differs:   no busy polling of NIC queues.

#include <list>
#include <poll.h>
#include <span>
#include <vector>

#include "kernel_model/costs/file_costs.hpp"
#include "kernel_model/files/fd_table.hpp"
#include "kernel_model/files/file.hpp"
#include "kernel_model/scheduler/wait_queue.hpp"
#include "sim/time.hpp"

namespace stackscope {

class PollCall;
class Scheduler;

/// How a call hangs in a file's wait queue. Linux: struct poll_table_entry
struct PollHook {
  WaitEntry entry;
  File* file;
  Events key;      // what the file was asked for: other wake-ups of it are ignored
  PollCall* call;  // whose
};

/// All of one call. They belong to its caller, off the stack: a dropped fiber frees nothing.
using PollHooks = std::list<PollHook>;

/// One call under way, of the current task: whom it asks, where it hangs, and until when. Linux: struct poll_wqueues
class PollCall final : public PollTable {
 public:
  /// A negative timeout is forever. REQUIRES: task context; `hooks` is empty.
  PollCall(Files& files, FdTable& fds, PollHooks& hooks, Duration timeout);
  ~PollCall() override;
  PollCall(const PollCall&) = delete;
  PollCall& operator=(const PollCall&) = delete;

  FdTable& fds() { return fds_; }
  Scheduler& scheduler() { return files_.scheduler(); }
  const FileCosts& costs() const { return files_.costs(); }

  /// What the file that `fd` names reports now, all of it; POLLNVAL where it names none. `key` wakes the call later.
  Events ask(int fd, Events key);
  /// Something is ready, or the first round is over: nothing is hooked from now on.
  void stop_hooking() { hooks_more_ = false; }
  bool is_time_up() const { return is_time_up_; }
  /// Sleeps unless a hook was called since the last time. Linux: poll_schedule_timeout()
  void sleep();

 private:
  void wait_on(File& file, WaitQueue& queue) override;
  static int wake(WaitEntry& entry, std::uint32_t events, bool sync);

  Files& files_;
  FdTable& fds_;
  PollHooks& hooks_;
  Instant until_;
  Duration slack_;
  Events key_ = 0;  // of who is asked
  bool is_time_up_ = false;
  bool hooks_more_ = true;
  bool triggered_ = false;
};

/// Fills each `revents`; returns for how many it is not 0, which is none if the time ran out, or −EINTR.
/// Linux: do_poll()
int poll_files(PollCall& call, std::span<pollfd> asked);

/// Sets of descriptors, a bit each; empty: none is asked for. Linux: fd_set_bits
struct SelectSets {
  std::span<unsigned long> read, write, except;
};

/// The first `n` descriptors, or as many as the table has room for: how many bits are set in the sets, which then hold
/// what is ready; 0 if the time ran out; or −errno, with the sets as they were: EINVAL (n negative), EBADF, EINTR.
/// `found` is room for the result, the caller's as hooks are. Linux: core_sys_select()
int select_files(PollCall& call, int n, const SelectSets& sets, std::vector<unsigned long>& found);

}  // namespace stackscope
