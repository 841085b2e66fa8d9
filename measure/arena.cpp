#include "measure/arena.hpp"

#include <cerrno>
#include <cstring>
#include <new>
#include <sys/mman.h>
#include <sys/wait.h>
#include <system_error>

namespace stackscope {

namespace {

/// Slots are not given out twice, so counting on beyond the end is how one learns that there is none.
bool take(std::atomic<std::uint32_t>& taken, std::uint32_t most, std::uint32_t& ordinal) {
  ordinal = taken.fetch_add(1, std::memory_order_acq_rel);
  if (ordinal < most) return true;
  taken.fetch_sub(1, std::memory_order_acq_rel);
  return false;
}

}  // namespace

ThreadSlot* Arena::take_thread(std::uint32_t of_process, int number) {
  std::uint32_t ordinal = 0;
  if (!take(threads, kMostThreads, ordinal)) return nullptr;
  ThreadSlot& slot = thread[ordinal];
  slot.ordinal = ordinal;
  slot.process = of_process;
  slot.number = number;
  slot.state.store(static_cast<std::uint32_t>(SlotState::kStarting), std::memory_order_release);
  return &slot;
}

ProcessSlot* Arena::take_process(std::uint32_t of_program) {
  std::uint32_t ordinal = 0;
  if (!take(processes, kMostProcesses, ordinal)) return nullptr;
  process[ordinal].ordinal = ordinal;
  process[ordinal].program = of_program;
  return &process[ordinal];
}

EventChunk* Arena::take_chunk(ThreadSlot& slot) {
  std::uint32_t ordinal = 0;
  if (!take(chunks, kMostChunks, ordinal)) return nullptr;
  chunk[ordinal].thread = slot.ordinal;
  chunk[ordinal].used.store(0, std::memory_order_release);
  slot.chunk.store(ordinal + 1, std::memory_order_release);
  return &chunk[ordinal];
}

ThreadSlot* Arena::find_thread(std::uint32_t of_process, int tid) {
  for (std::uint32_t i = thread_count(); i-- > 0;) {  // the latest first: numbers can come again
    ThreadSlot& slot = thread[i];
    if (slot.process == of_process && slot.tid.load(std::memory_order_acquire) == tid) return &slot;
  }
  return nullptr;
}

bool Arena::has_ended(const ThreadSlot& slot) const {
  const SlotState state = slot.slot_state();
  return state == SlotState::kEnded || state == SlotState::kFree ||
         process[slot.process].has_ended.load(std::memory_order_acquire) != 0;
}

ProcessSlot* Arena::set_ended(int pid, int status) {
  if (!WIFEXITED(status) && !WIFSIGNALED(status)) return nullptr;
  for (std::uint32_t i = process_count(); i-- > 0;) {
    if (process[i].pid.load(std::memory_order_acquire) != pid) continue;
    process[i].status.store(status, std::memory_order_relaxed);
    process[i].has_ended.store(1, std::memory_order_release);
    return &process[i];
  }
  return nullptr;
}

void Arena::clear() {
  const std::uint32_t used_threads = thread_count(), used_processes = process_count();
  std::memset(static_cast<void*>(thread.data()), 0, used_threads * sizeof(ThreadSlot));
  std::memset(static_cast<void*>(process.data()), 0, used_processes * sizeof(ProcessSlot));
  std::memset(static_cast<void*>(this), 0, offsetof(Arena, thread));
  printed.init();
}

SharedArena make_arena() {
  void* const memory = ::mmap(nullptr, sizeof(Arena), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "no memory to share");
  // Not constructed: all its members are plain words, for which zero is the beginning, and most are never touched.
  SharedArena arena{static_cast<Arena*>(memory)};
  arena->printed.init();
  return arena;
}

void ArenaUnmap::operator()(Arena* arena) const { ::munmap(static_cast<void*>(arena), sizeof(Arena)); }

}  // namespace stackscope
