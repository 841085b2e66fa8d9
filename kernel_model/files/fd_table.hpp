#pragma once
// Open files of a host, and the descriptors by which a process names them.
//
// A file lives as long as somebody holds it: each descriptor does, and each call under way (FileRef), so that closing a
// descriptor in one thread takes nothing away from a call in another.
//
// Linux:     fs/file.c alloc_fd(), fd_install(), file_close_fd(), do_dup2(); fs/file_table.c __fput()
// Invariant: a file is released once, when its last reference goes: first the instances that watch it forget it, then
//            it is released itself.
// Differs:   released by whoever lets go last, inside that call; Linux does so on the way back to user mode, unless in
//            close(). Who could notice: a call during which another thread closes its file, by some nanoseconds.
// Differs:   close-on-exec is kept and told, but nothing here executes another program.
// Differs:   standard input, output and error are numbers without a file: dup2() may put one there, other calls find none.

#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "kernel_model/costs/file_costs.hpp"
#include "kernel_model/files/file.hpp"

namespace stackscope {

class Scheduler;

/// All open files of a host.
class Files {
 public:
  /// What must happen before a file is released: epoll instances forget it (release_watchers).
  using BeforeRelease = void (*)(File& file);

  /// `scheduler` and `costs` outlive this.
  Files(Scheduler& scheduler, const FileCosts& costs, BeforeRelease before_release);

  Scheduler& scheduler() { return scheduler_; }
  const FileCosts& costs() const { return costs_; }

  /// The identity of a file that is about to be made.
  FileId next_id() { return ids_.next(); }

  /// Takes a new file over; the caller holds the one reference. `object` is what the file stands for: its SocketId's or
  /// EpollId's number, or 0.
  template <class F>
  F& adopt(std::unique_ptr<F> file, std::uint32_t object = 0) {
    F& adopted = *file;
    take(std::move(file), object);
    return adopted;
  }

  void hold(File& file) { ++file.references; }
  /// Lets go of one reference; the last one releases and destroys the file. REQUIRES: task context.
  void let_go(File& file);

  /// The file with this identity, or null if it is not open any more.
  File* find(FileId id) const;
  /// Calls `visit(file, is_open)` for each, also for those that nobody holds any more and that are still being released.
  void for_each(auto visit) const {
    for (const auto& file : open_) {
      if (file != nullptr) visit(*file, true);
    }
    for (const auto& file : released_) visit(*file, false);
  }

 private:
  void take(std::unique_ptr<File> file, std::uint32_t object);

  Scheduler& scheduler_;
  const FileCosts& costs_;
  BeforeRelease before_release_;
  Ordinals<FileId> ids_;
  std::deque<std::unique_ptr<File>> open_;  // in order of identity; null where closed
  std::vector<std::unique_ptr<File>>
      released_;                  // whose release is under way; not the fiber's, which may be dropped in it
  std::uint32_t first_open_ = 1;  // the identity of open_.front()
};

/// A file that a call under way holds; empty where the descriptor named none. Linux: CLASS(fd)
class FileRef {
 public:
  FileRef() = default;
  FileRef(Files& files, File& file) : files_(&files), file_(&file) { files.hold(file); }
  FileRef(FileRef&& other) noexcept : files_(other.files_), file_(std::exchange(other.file_, nullptr)) {}
  FileRef& operator=(FileRef&&) = delete;
  ~FileRef() {
    if (file_ != nullptr) files_->let_go(*file_);
  }

  explicit operator bool() const { return file_ != nullptr; }
  File* get() const { return file_; }
  File& operator*() const { return *file_; }
  File* operator->() const { return file_; }
  /// The file as what it is, or null if it is of another kind.
  template <class F>
  F* as() const {
    return dynamic_cast<F*>(file_);
  }

 private:
  Files* files_ = nullptr;
  File* file_ = nullptr;
};

/// A process's descriptors. Linux: struct files_struct
class FdTable {
 public:
  /// `most`: RLIMIT_NOFILE. Numbers below `first` are taken from the start, as standard input, output and error are.
  FdTable(ProcessId process, Files& files, int most = 1024, int first = 0)
      : process_(process),
        files_(files),
        most_(most),
        first_(first),
        next_(first),
        files_of_(64),
        used_{(std::uint64_t{1} << first) - 1},
        close_on_exec_{0} {}
  /// A child's: the same files under the same numbers, close-on-exec as it is; not what a call under way has reserved.
  /// Told, but charges nothing. Linux: dup_fd()
  FdTable(ProcessId process, const FdTable& parent);
  FdTable(const FdTable&) = delete;
  FdTable& operator=(const FdTable&) = delete;

  /// The lowest free descriptor, which is the caller's from now on and names nothing yet; or −EMFILE.
  /// Linux: get_unused_fd_flags()
  int reserve(bool close_on_exec = false) { return reserve_from(0, close_on_exec); }
  /// Takes a reserved descriptor back. Linux: put_unused_fd()
  void unreserve(int fd);
  /// A reserved descriptor names `file` from now on; the caller's reference becomes the descriptor's.
  void install(int fd, File& file);
  /// Both in one; on −EMFILE the reference is let go.
  int open(File& file, bool close_on_exec = false);

  /// The file, held until the result goes; empty for EBADF. Linux: fdget()
  FileRef get(int fd);
  /// dup(2): the new descriptor, −EBADF or −EMFILE.
  int dup(int fd);
  /// F_DUPFD, F_DUPFD_CLOEXEC: the lowest free number from `from` on; −EINVAL (`from` out of range) or −EMFILE.
  /// REQUIRES: the caller holds `file`. Linux: f_dupfd()
  int dup_from(File& file, int from, bool close_on_exec);
  /// dup3(2) of two numbers that differ: `to`, −EBADF (either), or −EBUSY where a call under way has reserved `to`. What
  /// `to` named is let go when it names the new file already. Linux: ksys_dup3(), do_dup2()
  int dup_onto(int fd, int to, bool close_on_exec);
  /// REQUIRES: is_open(fd). Linux: set_close_on_exec()
  void set_close_on_exec(int fd, bool on);
  bool close_on_exec(int fd) const {
    return (close_on_exec_[static_cast<std::size_t>(fd) / 64] >> (fd % 64) & 1) != 0;
  }
  /// close(2): 0 or −EBADF. May release the file.
  int close(int fd);
  /// All of them, as at a process's end: first every number goes, then every file is let go, the last number's first.
  /// REQUIRES: no other thread uses the table. Linux: close_files(); the files wait in task_works, which run backwards
  void close_all();
  /// How many numbers there is room for: 64, doubled each time that a number does not fit. Linux: fdtable.max_fds
  int max_fds() const { return max_fds_; }
  /// RLIMIT_NOFILE.
  int most() const { return most_; }
  /// Its bit is set in Linux's open_fds: it names a file, or a call under way has reserved it.
  bool is_taken(int fd) const {
    return static_cast<std::size_t>(fd) / 64 < used_.size() &&
           (used_[static_cast<std::size_t>(fd) / 64] >> (fd % 64) & 1) != 0;
  }

  bool is_open(int fd) const { return file_of(fd) != nullptr; }
  ProcessId process() const { return process_; }
  /// Calls `visit(fd, file)` for each descriptor that names a file, in order.
  void for_each(auto visit) const {
    for (std::size_t fd = 0; fd < files_of_.size(); ++fd) {
      if (files_of_[fd] != nullptr) visit(static_cast<int>(fd), *files_of_[fd]);
    }
  }
  /// Asserts what the headers say always holds. For debug builds.
  void check_invariants() const;

 private:
  File* file_of(int fd) const;
  int reserve_from(int from, bool close_on_exec);
  void grow_to(int fd);

  ProcessId process_;
  Files& files_;
  int most_;
  int first_;
  int next_ = 0;                              // no free descriptor lies below; Linux: next_fd
  std::vector<File*> files_of_;               // by descriptor; null where it names nothing
  std::vector<std::uint64_t> used_;           // a bit a descriptor, reserved ones included; Linux: open_fds
  std::vector<std::uint64_t> close_on_exec_;  // a bit a descriptor; Linux: close_on_exec
  int max_fds_ = 64;
  std::vector<File*> closing_;  // while all are closed
};

}  // namespace stackscope
