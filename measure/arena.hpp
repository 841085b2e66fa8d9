#pragma once
// The memory that all processes of a run share: slots, the ring of printed lines, and the events that were recorded.
//
// It is made once and used by one run after another; only what a run touched is cleared for the next.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "measure/print_ring.hpp"
#include "measure/slots.hpp"

namespace stackscope {

/// A piece of the budget for events; one thread writes into it.
struct EventChunk {
  static constexpr std::size_t kBytes = 32 * 1024;
  std::uint32_t thread;             // ordinal of its slot
  std::atomic<std::uint32_t> used;  // bytes
  alignas(8) std::array<std::byte, kBytes - 8> bytes;
};
static_assert(sizeof(EventChunk) == EventChunk::kBytes);

struct Arena {
  static constexpr std::uint32_t kMostThreads = 4096;
  static constexpr std::uint32_t kMostProcesses = 1024;
  static constexpr std::uint32_t kMostChunks = 4096;  // 128 MiB

  // What the run is, told before anything starts.
  std::int32_t warden_pid;  // as programs see it
  bool owns_pids;           // a PID namespace of the run's own
  bool owns_network;
  bool sets_cubic;  // TCP sockets would otherwise get another congestion control
  bool records;
  bool cannot_start, refused_scheduling, refused_sysctl;  // what the warden found out
  std::int64_t descriptors;                               // the most that a process may have
  std::atomic<std::int64_t> start_ns;                     // CLOCK_MONOTONIC
  std::atomic<std::int64_t> over_ns;   // CLOCK_MONOTONIC: what threads do afterwards is being ended
  FutexWord gate;                      // 1: programs may start
  std::atomic<std::uint32_t> stops;    // the supervisor wants the warden to end the run
  std::atomic<std::uint32_t> is_over;  // the warden says: every program that had to end has ended

  std::atomic<std::uint32_t> threads, processes, chunks;  // slots taken
  std::atomic<std::uint64_t> lost_events;
  std::array<ThreadSlot, kMostThreads> thread;
  std::array<ProcessSlot, kMostProcesses> process;
  PrintRing printed;
  std::array<EventChunk, kMostChunks> chunk;

  /// The next slot, its state kStarting; null where all are taken.
  ThreadSlot* take_thread(std::uint32_t of_process, int number);
  ProcessSlot* take_process(std::uint32_t of_program);
  /// The next chunk for this thread's events, or null.
  EventChunk* take_chunk(ThreadSlot& slot);

  std::uint32_t thread_count() const { return used(threads, kMostThreads); }
  std::uint32_t process_count() const { return used(processes, kMostProcesses); }
  std::uint32_t chunk_count() const { return used(chunks, kMostChunks); }
  /// The thread of that process with this tid, or null.
  ThreadSlot* find_thread(std::uint32_t of_process, int tid);
  /// Whether that thread can no longer run: it has ended, or its process has.
  bool has_ended(const ThreadSlot& slot) const;

  /// Somebody waited for that process, and heard `status`; other news than its end are none.
  ProcessSlot* set_ended(int pid, int status);

  /// As new, for the next run. REQUIRES: no process of the last one is left.
  void clear();

 private:
  static std::uint32_t used(const std::atomic<std::uint32_t>& taken, std::uint32_t most) {
    const std::uint32_t count = taken.load(std::memory_order_acquire);
    return count < most ? count : most;
  }
};

struct ArenaUnmap {
  void operator()(Arena* arena) const;
};
using SharedArena = std::unique_ptr<Arena, ArenaUnmap>;

/// Throws std::system_error.
SharedArena make_arena();

}  // namespace stackscope
