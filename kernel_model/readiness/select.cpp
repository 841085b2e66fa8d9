// select(2): poll(2) with bits.

#include <algorithm>
#include <bit>

#include "kernel_model/readiness/poll.hpp"
#include "kernel_model/scheduler/scheduler.hpp"
#include "sim/mutant.hpp"

namespace stackscope {

namespace {

constexpr std::size_t kBits = 64;  // Linux: BITS_PER_LONG

/// What counts as readable, writable, exceptional. Linux: POLLIN_SET, POLLOUT_SET, POLLEX_SET
constexpr Events kIn = POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR | POLLNVAL;
constexpr Events kOut = POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR | POLLNVAL;
constexpr Events kExcept = POLLPRI | POLLNVAL;

unsigned long word_of(std::span<const unsigned long> set, std::size_t word) {
  return word < set.size() ? set[word] : 0;
}

/// The first `n` bits of three sets.
class Asked {
 public:
  Asked(const SelectSets& sets, std::size_t n) : sets_(sets), n_(n) {}
  std::size_t words() const { return (n_ + kBits - 1) / kBits; }
  unsigned long all(std::size_t word) const {
    const unsigned long any =
        word_of(sets_.read, word) | word_of(sets_.write, word) | word_of(sets_.except, word);
    const std::size_t left = n_ - word * kBits;
    return left < kBits ? any & ((1ul << left) - 1) : any;
  }
  const SelectSets& sets() const { return sets_; }

 private:
  const SelectSets& sets_;
  std::size_t n_;
};

/// Each descriptor that is asked for must be taken; one that a call under way holds is, and is then found to name nothing.
/// Linux: max_select_fd()
bool are_taken(const FdTable& fds, const Asked& asked) {
  for (std::size_t word = 0; word < asked.words(); ++word) {
    for (unsigned long bits = asked.all(word); bits != 0; bits &= bits - 1) {
      if (!fds.is_taken(static_cast<int>(word * kBits) + std::countr_zero(bits))) return false;
    }
  }
  return true;
}

/// Three results a word, in one row.
struct Found {
  std::vector<unsigned long>& words;
  unsigned long& at(std::size_t word, std::size_t which) { return words[word * 3 + which]; }
};

/// Linux: select_poll_one() and what do_select() makes of its answer. Returns in how many sets it is ready.
int ask_one(PollCall& call, const Asked& asked, Found found, std::size_t word, unsigned long bit) {
  const int fd = static_cast<int>(word * kBits) + std::countr_zero(bit);
  const bool in = (word_of(asked.sets().read, word) & bit) != 0;
  const bool out = (word_of(asked.sets().write, word) & bit) != 0;
  const bool except = (word_of(asked.sets().except, word) & bit) != 0;
  call.scheduler().cpu().charge(call.costs().poll_fd);
  const Events ready = call.ask(fd, kExcept | (in ? kIn : 0u) | (out ? kOut : 0u));
  int count = 0;
  const auto tell = [&](bool wanted, Events set, std::size_t which) {
    if (!wanted || !(ready & set)) return;
    found.at(word, which) |= bit;
    ++count;
    call.stop_hooking();
  };
  tell(in, kIn, 0), tell(out, kOut, 1), tell(except, kExcept, 2);
  return count;
}

/// Linux: do_select()
int select_rounds(PollCall& call, const Asked& asked, Found found) {
  for (;;) {
    int count = 0;
    for (std::size_t word = 0; word < asked.words(); ++word) {
      const unsigned long bits = asked.all(word);
      for (unsigned long left = bits; left != 0; left &= left - 1)
        count += ask_one(call, asked, found, word, left & -left);
      if (bits != 0) call.scheduler().cond_resched();
    }
    call.stop_hooking();
    if (count > 0 || call.is_time_up()) return count;
    if (call.scheduler().signal_pending()) return -EINTR;
    call.sleep();
  }
}

}  // namespace

int select_files(PollCall& call, int n, const SelectSets& sets, std::vector<unsigned long>& found) {
  if (n < 0) return -EINVAL;
  const Asked asked{sets, static_cast<std::size_t>(std::min(n, call.fds().max_fds()))};
  if (!are_taken(call.fds(), asked) && !MUTANT("select takes closed descriptors")) return -EBADF;
  found.assign(asked.words() * 3, 0);
  const int result = select_rounds(call, asked, Found{found});
  if (result < 0) return result;
  // Whole words are written back, what lies behind them is left. Linux: set_fd_set()
  const auto put = [&](std::span<unsigned long> set, std::size_t which) {
    for (std::size_t word = 0; word < std::min(asked.words(), set.size()); ++word)
      set[word] = Found{found}.at(word, which);
  };
  put(sets.read, 0), put(sets.write, 1), put(sets.except, 2);
  return result;
}

}  // namespace stackscope
