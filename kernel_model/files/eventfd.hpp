#pragma once
// A counter that wakes: written to add, read to take, or to take one (EFD_SEMAPHORE).
//
// Linux:     fs/eventfd.c eventfd_read(), eventfd_write(), eventfd_poll()
// Invariant: the counter never exceeds 2^64 − 2: a write that would make it so waits.
// Differs:   no eventfd_signal() from inside the kernel, so the counter never overflows to EPOLLERR; no signals, so no EINTR.

#include <cstdint>
#include <sys/eventfd.h>

#include "kernel_model/costs/file_costs.hpp"
#include "kernel_model/files/file.hpp"
#include "kernel_model/scheduler/wait_queue.hpp"

namespace stackscope {

class Eventfd final : public File {
 public:
  /// `flags`: EFD_SEMAPHORE, EFD_NONBLOCK; others are the descriptor layer's to refuse.
  Eventfd(FileId id, unsigned count, int flags, Scheduler& scheduler, const FileCosts& costs);

  std::uint64_t count() const { return count_; }
  const WaitQueue& wait_queue() const { return waiting_; }

  Events poll(PollTable* table) override;
  /// 8, or −errno: EINVAL (room for less than 8 bytes), EAGAIN. Without data the value is dropped.
  std::int64_t read(Buffer to) override;
  /// As one read: the parts together need room for 8 bytes. writev() takes each part as a write of its own.
  std::int64_t readv(std::span<const Buffer> parts) override;
  /// 8, or −errno: EINVAL (not 8 bytes, or the value 2^64 − 1), EAGAIN. Without data the value is 1.
  std::int64_t write(ConstBuffer from) override;
  void release() override;

 private:
  bool has_room_for(std::uint64_t value) const { return UINT64_MAX - count_ > value; }
  void change(std::uint64_t count, Events happened);

  Scheduler& scheduler_;
  const FileCosts& costs_;
  std::uint64_t count_;
  bool is_semaphore_;
  WaitQueue waiting_;  // Linux: wqh
};

}  // namespace stackscope
