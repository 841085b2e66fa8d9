#pragma once
// What `stackscope calibrate` runs, on both kernels: the calls of a server and its client one after the other, and wake-ups.
//
// An exercise knows nothing of any scenario. Its steps are told by the entries of its calls: a step lasts from one to the next, so
// that all time is in one of them, that of the program and of the recording included.

#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel_model/syscalls.hpp"

namespace stackscope {

/// The two CPUs of an exercise, by the numbers of the kernel on which it runs.
using CpuPair = std::array<int, 2>;

/// A call of a thread's round, and the step that begins when the call is entered, or returns, and ends when a later one is entered.
struct Step {
  std::string_view call, name;  // no name: it is not measured
  bool from_return = false;
  std::size_t calls = 1;  // how many calls later
};

struct Exercise {
  std::string name;
  std::function<int(Syscalls&)> body;
  int threads = 1;
  std::vector<int> cpus;              // on which its threads may run; they choose among them
  std::span<const Step> round;        // of one of its threads, over and over
  std::vector<std::string> wake_ups;  // the names of its wake-ups, over and over
};

/// One thread makes each call once a round, after a pause. Steps: "getpid", "write", "read", "socket", "connect", "epoll_wait",
/// "accept4", "close", "close_last", and the whole "round"; after a pause "awake", from its end over getpid().
Exercise each_call(int rounds, Duration pause, int cpu);

/// One thread connects after each pause, another takes the connection and closes it, each on a CPU of its own. Steps of the
/// second: "accept4", from epoll_wait()'s return on, and "close".
Exercise serve(int rounds, Duration pause, CpuPair cpus);

/// One thread wakes another that waits in an epoll instance, and then gives its CPU away, on which both run. Steps: "call_near",
/// what the waker's write() takes; "wake_near", until the woken one makes its next call; of which "woken_near" from the
/// decision to wake it until it is on a run queue, and "run_near" from there.
Exercise wake_near(int rounds, int cpu);

/// The same from one CPU to another, which sleeps, twice a round: after a pause, and again 100 us after that. Steps: "call_late"
/// and so on, "call_soon" and so on.
Exercise wake_far(int rounds, Duration pause, CpuPair cpus);

/// The same to a CPU that computes for a thread which makes room. Steps: "call_busy" and so on.
Exercise wake_busy(int rounds, CpuPair cpus);

}  // namespace stackscope
