#include "kernel_model/files/fd_table.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

#include "kernel_model/scheduler/scheduler.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/check_in_debug.hpp"

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

int FdTable::reserve() {
  files_.scheduler().cpu().charge(files_.costs().fd_install);
  std::size_t word = static_cast<std::size_t>(next_) / 64;
  while (word < used_.size() && used_[word] == ~std::uint64_t{0}) ++word;
  const int fd = static_cast<int>(word * 64) + (word < used_.size() ? std::countr_one(used_[word]) : 0);
  if (fd >= most_) return -EMFILE;
  if (word == used_.size()) {
    used_.push_back(0);
    files_of_.resize(used_.size() * 64);
  }
  used_[word] |= std::uint64_t{1} << (fd % 64);
  next_ = fd + 1;
  return fd;
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

int FdTable::open(File& file) {
  const int fd = reserve();
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
  for (int fd = 0; fd < static_cast<int>(files_of_.size()); ++fd) {
    if (is_open(fd)) close(fd);
  }
}

}  // namespace stackscope
