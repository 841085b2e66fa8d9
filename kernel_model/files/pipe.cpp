#include "kernel_model/files/pipe.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <sys/epoll.h>

#include "kernel_model/scheduler/scheduler.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/check_in_debug.hpp"
#include "sim/mutant.hpp"

namespace stackscope {

namespace {

constexpr std::array<std::byte, Pipe::kPage> kNothing{};
constexpr std::span<const std::byte> kZeros{kNothing};  // what a slot without data reads as

}  // namespace

Pipe::Pipe(FileId reading, FileId writing, Scheduler& scheduler, const FileCosts& costs)
    : scheduler_(scheduler),
      costs_(costs),
      reading_(reading),
      writing_(writing),
      readers_(scheduler),
      writers_(scheduler) {}

// --- reading ---------------------------------------------------------------------------------------------------------

// Linux: anon_pipe_read()
std::int64_t Pipe::read(const File& end, std::span<const Buffer> to) {
  const std::size_t size = total_size(to);
  if (size == 0) return 0;
  mutex_.lock(scheduler_);
  scheduler_.cpu().charge(costs_.pipe_read);
  std::size_t done = 0;
  int error = 0;
  bool made_room = false, has_slept = false;
  for (;;) {
    bool goes_on = true;
    while (goes_on && !is_empty()) {
      const bool was_full = is_full();
      const std::uint32_t before = slots();
      goes_on = drain_slot(end, to, size, done);
      made_room |= was_full && slots() < before;
    }
    if (done > 0 || !goes_on || !has_writer_) break;
    if (end.is_nonblocking()) {
      error = -EAGAIN;
      break;
    }
    mutex_.unlock(scheduler_);
    if (!wait_until(readers_, WaitReason::kData, [this] { return !is_empty() || !has_writer_; }))
      return -EINTR;
    has_slept = true;
    mutex_.lock(scheduler_);
  }
  const bool leaves_some = has_slept && !is_empty();
  mutex_.unlock(scheduler_);
  if (made_room) wake_writer();
  if (leaves_some) wake_reader();
  return done > 0 ? static_cast<std::int64_t>(done) : error;
}

// Takes from the first slot what `to` has room for. Returns whether the read goes on with the next one: not when there
// is no more room, nor after a packet, whose rest is lost.
bool Pipe::drain_slot(const File& end, std::span<const Buffer> to, std::size_t size, std::size_t& done) {
  const std::size_t taken = std::min<std::size_t>(ring_.front().size, size - done);
  if (done > 0) scheduler_.cpu().charge(costs_.pipe_slot);
  scheduler_.cpu().charge(costs_.pipe_copy.of(static_cast<std::int64_t>(taken)));
  Slot& slot = ring_.front();
  scatter(slot.data.empty() ? kZeros.first(taken) : std::span{slot.data}.subspan(slot.offset, taken), to,
          done);
  done += taken;
  const bool was_packet = slot.is_packet;
  const std::uint32_t gone = was_packet ? slot.size : static_cast<std::uint32_t>(taken);
  slot.offset += gone, slot.size -= gone;
  bytes_ -= gone;
  if (slot.size == 0) ring_.pop_front();
  changed(end);
  return (!was_packet || MUTANT("packets run together")) && done < size;
}

// --- writing ---------------------------------------------------------------------------------------------------------

// Linux: anon_pipe_write()
std::int64_t Pipe::write(const File& end, Parts from, bool in_packets) {
  const std::size_t size = total_size(from);
  if (size == 0) return 0;
  mutex_.lock(scheduler_);
  scheduler_.cpu().charge(costs_.pipe_write);
  bool was_empty = has_reader_ && is_empty(), has_slept = false;
  std::size_t done = has_reader_ ? merge(end, from, size) : 0;
  int error = 0;
  while (done < size) {
    if (!has_reader_) {
      error = -EPIPE;
      break;
    }
    if (!is_full()) {
      if (done > 0) scheduler_.cpu().charge(costs_.pipe_slot);
      done += fill_slot(end, from, done, size - done, in_packets);
      continue;
    }
    if (end.is_nonblocking()) {
      error = -EAGAIN;
      break;
    }
    if (scheduler_.signal_pending()) {
      error = -EINTR;
      break;
    }
    mutex_.unlock(scheduler_);
    if (was_empty) wake_reader();
    wait_until(writers_, WaitReason::kSpace, [this] { return !is_full() || !has_reader_; });
    mutex_.lock(scheduler_);
    was_empty = is_empty();
    has_slept = true;
  }
  const bool leaves_room = has_slept && !is_full();
  mutex_.unlock(scheduler_);
  if (was_empty || was_polled_) wake_reader();
  if (leaves_room) wake_writer();
  return done > 0 ? static_cast<std::int64_t>(done) : error;
}

// The bytes that do not fill a page join the last slot, all or none. Whether this write is in packets does not matter.
std::size_t Pipe::merge(const File& end, Parts from, std::size_t size) {
  const std::uint32_t odd = static_cast<std::uint32_t>(size % kPage);
  if (odd == 0 || is_empty() || MUTANT("pipe writes never share a page")) return 0;
  const Slot& last = ring_.back();
  if (last.is_packet || last.offset + last.size + odd > kPage) return 0;
  scheduler_.cpu().charge(costs_.pipe_copy.of(odd));
  append(ring_.back(), from, 0, odd);
  bytes_ += odd;
  changed(end);
  return odd;
}

std::size_t Pipe::fill_slot(const File& end, Parts from, std::size_t at, std::size_t left, bool in_packets) {
  const std::size_t taken = std::min<std::size_t>(left, kPage);
  scheduler_.cpu().charge(costs_.pipe_copy.of(static_cast<std::int64_t>(taken)));
  append(ring_.emplace_back(), from, at, taken);
  ring_.back().is_packet = in_packets;
  bytes_ += static_cast<std::uint32_t>(taken);
  changed(end);
  return taken;
}

// A slot has bytes once one of its writes had some.
void Pipe::append(Slot& slot, Parts from, std::size_t at, std::size_t length) {
  const std::size_t begin = slot.offset + slot.size;
  slot.size += static_cast<std::uint32_t>(length);
  const bool has_data =
      std::ranges::any_of(from, [](const ConstBuffer& part) { return part.data != nullptr; });
  if (!has_data && slot.data.empty()) return;
  slot.data.resize(begin + length);
  gather(from, at, std::span{slot.data}.subspan(begin));
}

// --- waiting and waking ----------------------------------------------------------------------------------------------

// Returns false where a signal ended it first. Linux: wait_event_interruptible_exclusive()
template <class Condition>
bool Pipe::wait_until(WaitQueue& queue, WaitReason reason, Condition condition) {
  if (condition()) return true;
  const Instant since = scheduler_.engine().now();
  WaitEntry entry = entry_for_current(scheduler_, true);
  for (;;) {
    if (!entry.is_queued()) queue.add(entry, WaitPlace::kTail);
    scheduler_.set_sleeping();
    if (condition() || scheduler_.signal_pending()) break;
    scheduler_.schedule();
  }
  const bool holds = condition();
  scheduler_.set_running();
  queue.remove(entry);
  scheduler_.trace().emit(Waited{reason, since, scheduler_.current().id(), {}});
  return holds;
}

// Both look at nobody first: the queue's lock is taken even where it is empty.
void Pipe::wake_reader() { readers_.wake_up(EPOLLIN | EPOLLRDNORM, 1, true); }
void Pipe::wake_writer() { writers_.wake_up(EPOLLOUT | EPOLLWRNORM, 1, true); }

void Pipe::changed(const File& end) {
  scheduler_.trace().emit(
      PipeChanged{end.id(), end.id() == reading_ ? writing_ : reading_, bytes_, slots(), max_usage_});
  check_in_debug(*this);
}

// Linux: pipe_release()
void Pipe::release(const File& end) {
  mutex_.lock(scheduler_);
  (end.id() == reading_ ? has_reader_ : has_writer_) = false;
  if (has_reader_ != has_writer_) {
    readers_.wake_up(0, 0);
    writers_.wake_up(0, 0);
  }
  mutex_.unlock(scheduler_);
}

// --- its size --------------------------------------------------------------------------------------------------------

// Linux: pipe_set_size(), round_pipe_size(), pipe_resize_ring()
int Pipe::set_size(const File& end, int size) {
  if (size < 0) return -EINVAL;  // as an unsigned number above 2^31
  const std::uint32_t rounded = std::bit_ceil(std::max(static_cast<std::uint32_t>(size), kPage));
  const std::uint32_t wanted = rounded / kPage;
  mutex_.lock(scheduler_);
  scheduler_.cpu().charge(costs_.pipe_resize);
  int result = static_cast<int>(wanted * kPage);
  if (wanted > max_usage_ && rounded > kMaxSize) {
    result = -EPERM;
  } else if (wanted < slots()) {
    result = -EBUSY;
  } else {
    max_usage_ = wanted;
    changed(end);
    writers_.wake_up(0);
  }
  mutex_.unlock(scheduler_);
  return result;
}

void Pipe::check_invariants() const {
  std::uint32_t sum = 0;
  for (const Slot& slot : ring_) {
    assert(slot.size > 0 && slot.offset + slot.size <= kPage);
    assert(slot.data.empty() || slot.data.size() == slot.offset + slot.size);
    sum += slot.size;
  }
  assert(sum == bytes_ && ring_.size() <= max_usage_ && "what is in it");
}

}  // namespace stackscope
