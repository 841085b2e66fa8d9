#pragma once
// Open files, and the one question that select, poll and epoll ask them.
//
// Linux: include/linux/fs.h struct file, struct file_operations; include/linux/poll.h struct poll_table_struct

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernel_model/vocabulary/buffer.hpp"
#include "kernel_model/vocabulary/file_records.hpp"

namespace stackscope {

class EpollItem;
class File;
class WaitQueue;

/// Poll bits, as <sys/epoll.h> numbers them (EPOLLIN …).
using Events = std::uint32_t;

/// Whoever asks a file may hang a waiter into its wait queue while asking. Linux: poll_table
class PollTable {
 public:
  virtual ~PollTable() = default;
  /// The file's answer may change when `queue` is woken. Linux: poll_wait()
  virtual void wait_on(File& file, WaitQueue& queue) = 0;
};

/// An open file description: what descriptors name. Linux: struct file
class File {
 public:
  File(FileId id, FileKind kind, int flags) : flags_(flags), id_(id), kind_(kind) {}
  virtual ~File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  FileId id() const { return id_; }
  FileKind kind() const { return kind_; }
  /// O_NONBLOCK and friends, shared by all descriptors of this file.
  int flags() const { return flags_; }
  void set_flags(int flags) { flags_ = flags; }
  bool is_nonblocking() const;

  /// What is ready now. With a table, the asker is also told where to wait. REQUIRES: task context, or the context of a
  /// wake-up, without a table. Linux: vfs_poll()
  virtual Events poll(PollTable* table) = 0;
  virtual bool can_poll() const { return true; }

  virtual std::int64_t read(Buffer) { return -EINVAL; }
  virtual std::int64_t write(ConstBuffer) { return -EINVAL; }
  /// All parts in one call, in order. Here: one read or write a part, until one is short; what moved counts more than
  /// the error that ended it. Files that take parts as one (Linux: read_iter, write_iter) override these.
  /// REQUIRES: the parts have a byte. Linux: fs/read_write.c do_loop_readv_writev()
  virtual std::int64_t readv(std::span<const Buffer> parts);
  virtual std::int64_t writev(std::span<const ConstBuffer> parts);
  /// What only this kind of file knows; requests for every file are the descriptor layer's. Linux: unlocked_ioctl
  virtual int ioctl(unsigned long /*request*/, int& /*value*/) { return -ENOTTY; }

  /// The last descriptor is gone; the file is destroyed afterwards. Linux: file_operations.release
  virtual void release() = 0;

  /// epoll items that watch this file. Linux: f_ep
  std::vector<EpollItem*>& watchers() { return watchers_; }

  /// Descriptors and calls under way that hold it. Linux: f_ref
  std::uint32_t references = 0;

 private:
  int flags_;
  FileId id_;
  FileKind kind_;
  std::vector<EpollItem*> watchers_;
};

}  // namespace stackscope
