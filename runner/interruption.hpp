#pragma once
// Ctrl-C, and what a CI system sends before it kills: told to whoever works, so that it can stop and still say what it has.

#include <atomic>

namespace stackscope {

/// While it lives, SIGINT and SIGTERM end nothing: signal() is the number of the one that came. A second one ends the process
/// at once. REQUIRES: one at a time, in a process that is the command line's.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  /// 0 as long as none came. May be read by any thread.
  const std::atomic<int>& signal() const;
};

}  // namespace stackscope
