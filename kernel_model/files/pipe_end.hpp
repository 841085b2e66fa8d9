#pragma once
// One end of a pipe, as a program holds it.
//
// Linux:     fs/pipe.c create_pipe_files(), pipe_poll(), is_packetized(); fs/read_write.c vfs_read(), vfs_write()
// Invariant: a pipe lives as long as one of its ends.
// Differs:   an end cannot be opened anew by name (/proc/self/fd, mkfifo), so each end is one file, and a reader sees
//            EPOLLHUP whenever the writing end is gone (of a FIFO only once there was a writer).

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "kernel_model/files/fd_table.hpp"
#include "kernel_model/files/pipe.hpp"

namespace stackscope {

class PipeEnd final : public File {
 public:
  /// `flags`: O_RDONLY or O_WRONLY; O_NONBLOCK; of the writing end O_DIRECT, which makes packets.
  PipeEnd(FileId id, int flags, Scheduler& scheduler, const FileCosts& costs, std::shared_ptr<Pipe> pipe);

  Pipe& pipe() const { return *pipe_; }
  bool is_reading() const { return pipe_->reading_end() == id(); }

  Events poll(PollTable* table) override;
  /// As Pipe::read(); −EBADF of the writing end.
  std::int64_t read(Buffer to) override { return readv({&to, 1}); }
  std::int64_t readv(std::span<const Buffer> parts) override;
  /// As Pipe::write(); −EBADF of the reading end.
  std::int64_t write(ConstBuffer from) override { return writev({&from, 1}); }
  std::int64_t writev(std::span<const ConstBuffer> parts) override;
  /// FIONREAD, at either end. Linux: pipe_ioctl()
  int ioctl(unsigned long request, int& value) override;
  void release() override;

 private:
  Scheduler& scheduler_;
  const FileCosts& costs_;
  std::shared_ptr<Pipe> pipe_;
};

/// A new pipe's two ends, reading and writing; the caller holds a reference to each. Charges nothing.
/// `flags`: O_NONBLOCK, O_DIRECT; O_CLOEXEC is the descriptors'.
std::pair<PipeEnd&, PipeEnd&> make_pipe(Files& files, int flags);
/// The same with a descriptor for each, in order: 0, or −EMFILE, which leaves nothing behind and `fds` alone.
int open_pipe(FdTable& table, Files& files, int flags, std::array<int, 2>& fds);

}  // namespace stackscope
