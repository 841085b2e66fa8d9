#include "kernel_model/files/fd_table.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

#include "kernel_model/scheduler/scheduler.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/check_in_debug.hpp"
#include "sim/mutant.hpp"

namespace stackscope {

// --- files -----------------------------------------------------------------------------------------------------------

Files::Files(Scheduler& scheduler, const FileCosts& costs, BeforeRelease before_release)
    : scheduler_(scheduler), costs_(costs), before_release_(before_release) {}

void Files::take(std::unique_ptr<File> file, std::uint32_t object) {
  assert(file->references == 0);
  // Made at the same time, files may come in another order than their identities.
  for (; first_open_ > file->id().value; --first_open_) open_.emplace_front();
  while (first_open_ + open_.size() <= file->id().value) open_.emplace_back();
  file->references = 1;
  scheduler_.trace().emit(FileOpened{file->id(), file->kind(), object});
  open_[file->id().value - first_open_] = std::move(file);
}

File* Files::find(FileId id) const {
  const std::uint32_t index = id.value - first_open_;
  return id.value >= first_open_ && index < open_.size() ? open_[index].get() : nullptr;
}

/// Linux: __fput()
void Files::let_go(File& file) {
  assert(file.references > 0);
  if (--file.references > 0) return;
  scheduler_.cpu().charge(costs_.file_release);
  released_.push_back(std::move(open_[file.id().value - first_open_]));
  scheduler_.trace().emit(FileReleased{file.id()});
  if (!file.watchers().empty()) before_release_(file);
  file.release();
  const auto found = std::ranges::find(released_, &file, &std::unique_ptr<File>::get);
  const std::unique_ptr<File> last = std::move(*found);
  released_.erase(found);
  while (!open_.empty() && open_.front() == nullptr) {
    open_.pop_front();
    ++first_open_;
  }
}

// --- descriptors -----------------------------------------------------------------------------------------------------

// Linux: dup_fd(), sane_fdtable_size()
FdTable::FdTable(ProcessId process, const FdTable& parent)
    : process_(process),
      files_(parent.files_),
      most_(parent.most_),
      first_(parent.first_),
      files_of_(64),
      used_{0},
      close_on_exec_{0} {
  for (std::size_t word = parent.used_.size(); word-- > 0;) {
    if (parent.used_[word] == 0) continue;
    grow_to(static_cast<int>(word * 64 + 63));
    break;
  }
  for (std::size_t i = 0; i < used_.size() * 64; ++i) {
    const int fd = static_cast<int>(i);
    File* const file = parent.file_of(fd);
    if (file == nullptr && (fd >= first_ || !parent.is_taken(fd))) continue;
    used_[i / 64] |= std::uint64_t{1} << (i % 64);
    if (file == nullptr) continue;
    files_.hold(*file);
    set_close_on_exec(fd, parent.close_on_exec(fd));
    install(fd, *file);
  }
  while (is_taken(next_)) ++next_;
}

// Linux: expand_files()
void FdTable::grow_to(int fd) {
  if (fd >= max_fds_) max_fds_ = static_cast<int>(std::bit_ceil(static_cast<unsigned>(fd) + 1));
  const std::size_t words = static_cast<std::size_t>(fd) / 64 + 1;
  if (words <= used_.size()) return;
  used_.resize(words);
  close_on_exec_.resize(words);
  files_of_.resize(words * 64);
}

// Linux: alloc_fd()
int FdTable::reserve_from(int from, bool close_on_exec) {
  files_.scheduler().cpu().charge(files_.costs().fd_install);
  const int start = std::max(from, MUTANT("descriptors are not the lowest") && next_ > 0 ? next_ + 1 : next_);
  std::size_t word = static_cast<std::size_t>(start) / 64;
  std::uint64_t taken = (std::uint64_t{1} << (start % 64)) - 1;  // below the start
  while (word < used_.size() && (used_[word] | taken) == ~std::uint64_t{0}) ++word, taken = 0;
  if (word < used_.size()) taken |= used_[word];
  const int fd = static_cast<int>(word * 64) + std::countr_one(taken);
  if (fd >= most_) return -EMFILE;
  grow_to(fd);
  used_[word] |= std::uint64_t{1} << (fd % 64);
  set_close_on_exec(fd, close_on_exec);
  if (from <= next_) next_ = fd + 1;
  return fd;
}

void FdTable::set_close_on_exec(int fd, bool on) {
  std::uint64_t& word = close_on_exec_[static_cast<std::size_t>(fd) / 64];
  const std::uint64_t bit = std::uint64_t{1} << (fd % 64);
  word = on ? word | bit : word & ~bit;
}

void FdTable::unreserve(int fd) {
  assert(!is_open(fd));
  used_[static_cast<std::size_t>(fd) / 64] &= ~(std::uint64_t{1} << (fd % 64));
  next_ = std::min(next_, fd);
}

void FdTable::install(int fd, File& file) {
  assert(!is_open(fd) && (used_[static_cast<std::size_t>(fd) / 64] >> (fd % 64) & 1) && file.references > 0);
  files_of_[static_cast<std::size_t>(fd)] = &file;
  files_.scheduler().trace().emit(FdInstalled{process_, fd, file.id()});
  check_in_debug(*this);
}

int FdTable::open(File& file, bool close_on_exec) {
  const int fd = reserve(close_on_exec);
  fd < 0 ? files_.let_go(file) : install(fd, file);
  return fd;
}

File* FdTable::file_of(int fd) const {
  return fd >= 0 && static_cast<std::size_t>(fd) < files_of_.size() ? files_of_[static_cast<std::size_t>(fd)]
                                                                    : nullptr;
}

FileRef FdTable::get(int fd) {
  files_.scheduler().cpu().charge(files_.costs().fd_lookup);
  File* const file = file_of(fd);
  return file != nullptr ? FileRef{files_, *file} : FileRef{};
}

int FdTable::dup(int fd) {
  FileRef file = get(fd);
  if (!file) return -EBADF;
  files_.hold(*file);
  return open(*file);
}

int FdTable::dup_from(File& file, int from, bool close_on_exec) {
  if (from < 0 || from >= most_) return -EINVAL;
  const int fd = reserve_from(from, close_on_exec);
  if (fd < 0) return fd;
  files_.hold(file);
  install(fd, file);
  return fd;
}

int FdTable::dup_onto(int fd, int to, bool close_on_exec) {
  assert(fd != to);
  if (to < 0 || to >= most_) return -EBADF;
  files_.scheduler().cpu().charge(files_.costs().fd_install);
  File* const file = file_of(fd);
  if (file == nullptr) return -EBADF;
  grow_to(to);
  File* const displaced = file_of(to);
  const std::uint64_t bit = std::uint64_t{1} << (to % 64);
  std::uint64_t& used = used_[static_cast<std::size_t>(to) / 64];
  if (displaced == nullptr && (used & bit) != 0 && to >= first_) return -EBUSY;
  files_.hold(*file);
  used |= bit;
  set_close_on_exec(to, close_on_exec);
  if (displaced != nullptr) files_.scheduler().trace().emit(FdClosed{process_, to});
  files_of_[static_cast<std::size_t>(to)] = nullptr;
  install(to, *file);
  if (displaced != nullptr) files_.let_go(*displaced);
  return to;
}

int FdTable::close(int fd) {
  files_.scheduler().cpu().charge(files_.costs().fd_close);
  File* const file = file_of(fd);
  if (file == nullptr) return -EBADF;
  files_of_[static_cast<std::size_t>(fd)] = nullptr;
  unreserve(fd);
  files_.scheduler().trace().emit(FdClosed{process_, fd});
  check_in_debug(*this);
  files_.let_go(*file);
  return 0;
}

// The last words of a large table: each descriptor comes by here.
void FdTable::check_invariants() const {
  constexpr std::size_t kMost = 256;
  assert(files_of_.size() == used_.size() * 64);
  for (std::size_t fd = files_of_.size() > kMost ? files_of_.size() - kMost : 0; fd < files_of_.size();
       ++fd) {
    const bool is_used = (used_[fd / 64] >> (fd % 64) & 1) != 0;
    assert((is_used || static_cast<int>(fd) >= next_) && "no free descriptor lies below next_");
    assert(files_of_[fd] == nullptr || (is_used && files_of_[fd]->references > 0));
  }
}

void FdTable::close_all() {
  for (std::size_t i = 0; i < files_of_.size(); ++i) {
    File* const file = std::exchange(files_of_[i], nullptr);
    if (file == nullptr) continue;
    const int fd = static_cast<int>(i);
    files_.scheduler().cpu().charge(files_.costs().fd_close);
    unreserve(fd);
    files_.scheduler().trace().emit(FdClosed{process_, fd});
    closing_.push_back(file);
    files_.scheduler().cond_resched();
  }
  while (!closing_.empty()) {
    File& last = *closing_.back();
    closing_.pop_back();
    files_.let_go(last);
  }
}

}  // namespace stackscope
