#pragma once
// poll(2): asks every file each time, and hangs into all their wait queues to sleep.
//
// Linux:     fs/select.c do_poll(), do_pollfd(), __pollwait(), pollwake(), poll_freewait()
// Invariant: a file is hooked at most once a call, on the first round only, and only until something is found ready.
// Differs:   no busy polling; no limit on descriptors here (EINVAL beyond RLIMIT_NOFILE is the
//            descriptor layer's).

#include <poll.h>
#include <span>

#include "kernel_model/costs/file_costs.hpp"
#include "kernel_model/files/file.hpp"
#include "kernel_model/scheduler/wait_queue.hpp"
#include "sim/time.hpp"

namespace stackscope {

class PollQueues;
class Scheduler;

/// How a call hangs in a file's wait queue. Linux: struct poll_table_entry
struct PollHook {
  WaitEntry entry;
  Events key = 0;                // what the file was asked for: other wake-ups of it are ignored
  PollQueues* queues = nullptr;  // the call's
};

/// A descriptor that is asked about. The caller holds the file, and keeps this in its place, until the call returns.
struct PollTarget {
  File* file;       // null: `fd` names nothing, POLLNVAL
  std::int32_t fd;  // negative ones are skipped
  std::int16_t events;
  std::int16_t revents = 0;
  PollHook hook = {};  // here, so that it belongs to the caller: a dropped fiber frees nothing
};

/// Fills each `revents`; returns for how many it is not 0, which is none if the time ran out. A negative timeout is
/// forever. REQUIRES: task context. Linux: do_sys_poll()
int poll_files(Scheduler& scheduler, const FileCosts& costs, std::span<PollTarget> targets, Duration timeout);

}  // namespace stackscope
