#pragma once
// Sleeping on a word of memory, with the kernel's own futex and nothing around it.
//
// Linux: kernel/futex/syscalls.c sys_futex()

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace stackscope {

using FutexWord = std::atomic<std::uint32_t>;
static_assert(FutexWord::is_always_lock_free && sizeof(FutexWord) == sizeof(std::uint32_t));

/// The result of the system call, or −errno.
inline long futex(FutexWord& word, int operation, std::uint32_t value, const timespec* timeout,
                  std::uint32_t bits = FUTEX_BITSET_MATCH_ANY) {
  const long result = ::syscall(SYS_futex, &word, operation, value, timeout, nullptr, bits);
  return result < 0 ? -errno : result;
}

/// Sleeps until the word is no longer `value`. Words that two processes share are `shared`.
inline void wait_while(FutexWord& word, std::uint32_t value, bool shared) {
  const int operation = shared ? FUTEX_WAIT : FUTEX_WAIT_PRIVATE;
  while (word.load(std::memory_order_acquire) == value) futex(word, operation, value, nullptr);
}

/// Changes the word and wakes whoever sleeps on it.
inline void set_and_wake(FutexWord& word, std::uint32_t value, bool shared) {
  word.store(value, std::memory_order_release);
  futex(word, shared ? FUTEX_WAKE : FUTEX_WAKE_PRIVATE, INT32_MAX, nullptr);
}

}  // namespace stackscope
