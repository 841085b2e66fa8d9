#pragma once
// The warden of a run: makes the namespace's network, starts the programs, collects the dead, answers the programs'
// requests, and ends what is left. See real_run.hpp.
//
// It waits for signals alone: SIGCHLD, and SIGUSR1 from whoever wants something. They are blocked, so none is lost, and the
// kernel keeps blocked signals even for the first process of a namespace. Linux: kernel/signal.c sig_ignored()

#include <span>

#include "measure/arena.hpp"
#include "measure/real_run.hpp"

namespace stackscope {

/// What the supervisor has prepared for it.
struct WardenTask {
  Arena& arena;
  std::span<const RealProgram> programs;
  const RealOptions& options;
  bool maps_user;  // it is in a user namespace of its own
  bool makes_network;
  int network;                           // a namespace to join, or −1
  int out, err;                          // its standard output and error
  std::span<const int> ignored_signals;  // which programs shall not ignore
  int supervisor;                        // pid, as the supervisor knows itself
  unsigned uid, gid;                     // the supervisor's
};

/// The warden's life; does not return. In a process of its own, which is a copy of the supervisor.
[[noreturn]] void run_warden(const WardenTask& task);

}  // namespace stackscope
