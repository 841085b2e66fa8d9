#include "kernel_model/files/eventfd.hpp"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <sys/epoll.h>

#include "kernel_model/files/wait_in_file.hpp"
#include "sim/mutant.hpp"

namespace stackscope {

Eventfd::Eventfd(FileId id, unsigned count, int flags, Scheduler& scheduler, const FileCosts& costs)
    : File(id, FileKind::kEventfd, O_RDWR | (flags & EFD_NONBLOCK)),
      scheduler_(scheduler),
      costs_(costs),
      count_(count),
      is_semaphore_((flags & EFD_SEMAPHORE) != 0),
      waiting_(scheduler) {
  if (count_ > 0) scheduler_.trace().emit(EventfdChanged{id, count_});
}

Events Eventfd::poll(PollTable* table) {
  if (table != nullptr) table->wait_on(*this, waiting_);
  scheduler_.cpu().charge(costs_.eventfd_poll);
  Events ready = 0;
  if (count_ > 0) ready |= EPOLLIN;
  if (has_room_for(1)) ready |= EPOLLOUT;
  return ready;
}

std::int64_t Eventfd::read(Buffer to) {
  if (to.size < sizeof count_) return -EINVAL;
  scheduler_.cpu().charge(costs_.eventfd_read);
  if (const int error = wait_in_file(*this, waiting_, WaitReason::kData, [this] { return count_ > 0; }))
    return error;
  const std::uint64_t taken = is_semaphore_ && !MUTANT("semaphore is emptied") ? 1 : count_;
  if (to.data != nullptr) std::memcpy(to.data, &taken, sizeof taken);
  change(count_ - taken, EPOLLOUT);
  return sizeof taken;
}

std::int64_t Eventfd::readv(std::span<const Buffer> parts) {
  std::uint64_t taken = 0;
  const std::int64_t result =
      read({reinterpret_cast<std::byte*>(&taken), std::min(total_size(parts), sizeof taken)});
  if (result > 0) scatter(std::as_bytes(std::span{&taken, 1}), parts);
  return result;
}

std::int64_t Eventfd::write(ConstBuffer from) {
  if (from.size != sizeof count_) return -EINVAL;
  std::uint64_t added = 1;
  if (from.data != nullptr) std::memcpy(&added, from.data, sizeof added);
  if (added == UINT64_MAX && !MUTANT("eventfd takes the largest number")) return -EINVAL;
  scheduler_.cpu().charge(costs_.eventfd_write);
  if (const int error =
          wait_in_file(*this, waiting_, WaitReason::kSpace, [&] { return has_room_for(added); }))
    return error;
  change(count_ + added, EPOLLIN);
  return sizeof added;
}

void Eventfd::change(std::uint64_t count, Events happened) {
  count_ = count;
  scheduler_.trace().emit(EventfdChanged{id(), count_});
  if (waiting_.is_active()) waiting_.wake_up(happened);
}

void Eventfd::release() { waiting_.wake_up(EPOLLHUP); }

}  // namespace stackscope
