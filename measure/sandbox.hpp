#pragma once
// What a process must be before a program runs in it: its namespaces, descriptors and limits.

#include <cstdint>

#include "measure/real_run.hpp"

namespace stackscope {

/// Maps the user's numbers into the caller's new user namespace, as themselves.
bool map_own_user(unsigned uid, unsigned gid);
/// A network namespace for the caller, with loopback up and Linux 6.18's defaults. Null errno's: false where refused.
bool make_own_network();
/// Whether TCP sockets made here get another congestion control than cubic.
bool has_other_congestion_control();
/// Descriptors 0 to 2 are /dev/null, `out` and `err`; all others are closed.
void keep_descriptors(int out, int err);
/// Which signals the caller ignores, as its children would.
std::vector<int> ignored_signals();
/// Limits of a program's process, no core dumps, SIGPIPE ignored. Returns the most descriptors that were to be had.
std::int64_t set_limits(std::int64_t memory_bytes);
std::int64_t most_descriptors();
/// Policy, priority, niceness and CPUs. False where one was refused.
bool set_scheduling(const RealProgram& program);

/// A network namespace that one run after another uses, as long as no socket is left in it.
class ReusedNetwork {
 public:
  ReusedNetwork() = default;
  ~ReusedNetwork();
  ReusedNetwork(const ReusedNetwork&) = delete;
  ReusedNetwork& operator=(const ReusedNetwork&) = delete;
  /// Its descriptor, made anew where it has to be; −1 where that is refused.
  int clean();

 private:
  bool is_clean(int own) const;
  void make(int own);
  int network_ = -1;
};

}  // namespace stackscope
