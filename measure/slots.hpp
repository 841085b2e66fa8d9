#pragma once
// What every thread and process of a run says about itself, in memory that the whole run shares: where it is, what it
// sleeps in, and what it asks of the warden.
//
// Plain words only: a slot is written by its own thread and read by other processes while it runs. Pointers to text are
// those of the program's own image, which all processes of a run have at the same place, since they are forked.

#include <array>
#include <atomic>
#include <cstdint>

#include "kernel_model/syscalls.hpp"
#include "measure/futex_word.hpp"

namespace stackscope {

/// Where a thread is.
enum class Whereabouts : std::uint32_t {
  kOutside,       // in the program's own code, or in ours
  kInCall,        // in a call of the program's
  kComputes,      // in compute()
  kWaitsForLock,  // for the interpreter's lock
  kAsksWarden,    // in wait_until_blocked(), wakeups() or counter()
};

enum class SlotState : std::uint32_t { kFree, kStarting, kLive, kEnded };

/// What a thread asks the warden, who may open files, as a program may not.
enum class Request : std::uint32_t { kNone, kWaitUntilBlocked, kWakeups, kCounter };

/// A call in progress, for people: its name and arguments.
struct CallInProgress {
  static constexpr std::size_t kMostArguments = 6;
  const char* name = nullptr;
  std::uint32_t name_length = 0;
  std::uint32_t count = 0;
  std::array<std::int64_t, kMostArguments> arguments{};
};

struct ThreadSlot {
  static constexpr std::size_t kMostAsked = 64;
  static constexpr std::size_t kLongestName = 64;

  FutexWord state;                               // a SlotState; whoever joins the thread sleeps here
  std::uint32_t ordinal;                         // of the slot, from 0
  std::uint32_t process;                         // ordinal of the process's slot
  std::int32_t number;                           // Syscalls::thread_number()
  std::atomic<std::int32_t> tid;                 // as the program sees it
  std::atomic<std::int32_t> host_pid, host_tid;  // as the supervisor's /proc names it; 0: not known yet
  std::atomic<std::int64_t> ended_ns;            // CLOCK_MONOTONIC when its body was over; 0: it is not

  std::atomic<std::uint32_t> whereabouts;
  std::atomic<std::uint32_t> calls;  // entered so far
  CallInProgress call;
  std::atomic<std::int64_t> switches_before;  // voluntary context switches when the call in progress began
  std::atomic<std::int64_t> wakeups;          // sleeps in calls of the program's that are over

  FutexWord request;  // a Request, back to kNone when it is answered
  std::uint32_t asked_count;
  std::array<std::uint32_t, kMostAsked> asked;  // ordinals of slots
  std::array<char, kLongestName> name;
  bool has_answer;
  std::int64_t answer;

  std::atomic<std::uint32_t> chunk;  // where its events go on, + 1; 0: nowhere yet

  SlotState slot_state() const { return static_cast<SlotState>(state.load(std::memory_order_acquire)); }
  Whereabouts where() const { return static_cast<Whereabouts>(whereabouts.load(std::memory_order_acquire)); }
  void set_where(Whereabouts to) {
    whereabouts.store(static_cast<std::uint32_t>(to), std::memory_order_release);
  }
};

struct ProcessSlot {
  std::uint32_t ordinal;
  std::uint32_t program;                    // which of the run's programs it belongs to
  std::atomic<std::int32_t> pid;            // as programs see it
  std::atomic<std::uint32_t> has_ended;     // its threads run no more
  std::atomic<std::uint32_t> is_collected;  // the warden has its status
  std::atomic<std::int32_t> status;         // as wait() gave it; of a program's first process only
  std::array<FutexWord, Syscalls::kSharedWords> words;
};

}  // namespace stackscope
