#include "kernel_model/files/pipe_end.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

#include "kernel_model/scheduler/scheduler.hpp"
#include "sim/mutant.hpp"

namespace stackscope {

PipeEnd::PipeEnd(FileId id, int flags, Scheduler& scheduler, const FileCosts& costs,
                 std::shared_ptr<Pipe> pipe)
    : File(id, FileKind::kPipe, flags), scheduler_(scheduler), costs_(costs), pipe_(std::move(pipe)) {}

Events PipeEnd::poll(PollTable* table) {
  pipe_->note_polled();
  if (table != nullptr) table->wait_on(*this, is_reading() ? pipe_->readers() : pipe_->writers());
  scheduler_.cpu().charge(costs_.pipe_poll);
  Events ready = 0;
  if (is_reading()) {
    if (!pipe_->is_empty()) ready |= EPOLLIN | EPOLLRDNORM;
    if (!pipe_->has_writer() && !MUTANT("pipe without writer does not hang up")) ready |= EPOLLHUP;
  } else {
    if (!pipe_->is_full()) ready |= EPOLLOUT | EPOLLWRNORM;
    if (!pipe_->has_reader()) ready |= EPOLLERR;
  }
  return ready;
}

std::int64_t PipeEnd::readv(std::span<const Buffer> parts) {
  return is_reading() ? pipe_->read(*this, parts) : -EBADF;
}

std::int64_t PipeEnd::writev(std::span<const ConstBuffer> parts) {
  return is_reading() ? -EBADF : pipe_->write(*this, parts, (flags() & O_DIRECT) != 0);
}

int PipeEnd::ioctl(unsigned long request, int& value) {
  if (request != FIONREAD) return -ENOTTY;
  value = static_cast<int>(pipe_->bytes());
  return 0;
}

void PipeEnd::release() { pipe_->release(*this); }

std::pair<PipeEnd&, PipeEnd&> make_pipe(Files& files, int flags) {
  const FileId reading = files.next_id(), writing = files.next_id();
  auto pipe = std::make_shared<Pipe>(reading, writing, files.scheduler(), files.costs());
  const auto end = [&](FileId id, int end_flags) -> PipeEnd& {
    return files.adopt(std::make_unique<PipeEnd>(id, end_flags, files.scheduler(), files.costs(), pipe),
                       reading.value);
  };
  PipeEnd& reader = end(reading, O_RDONLY | (flags & O_NONBLOCK));
  PipeEnd& writer = end(writing, O_WRONLY | (flags & (O_NONBLOCK | O_DIRECT)));
  return {reader, writer};
}

// Linux: __do_pipe_flags(), do_pipe2()
int open_pipe(FdTable& table, Files& files, int flags, std::array<int, 2>& fds) {
  const auto [reader, writer] = make_pipe(files, flags);
  const bool close_on_exec = (flags & O_CLOEXEC) != 0;
  const int lower = table.reserve(close_on_exec);
  const int upper = lower < 0 ? lower : table.reserve(close_on_exec);
  if (upper < 0) {
    if (lower >= 0) table.unreserve(lower);
    files.let_go(reader);
    files.let_go(writer);
    return upper;
  }
  fds = {lower, upper};
  table.install(lower, reader);
  table.install(upper, writer);
  return 0;
}

}  // namespace stackscope
