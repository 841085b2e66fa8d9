// The model's calls on descriptors of any kind.
//
// Linux: fs/read_write.c vfs_read(), vfs_readv(), vfs_write(), vfs_writev(); fs/file.c ksys_dup3(); fs/fcntl.c do_fcntl(),
//        setfl(); fs/ioctl.c do_vfs_ioctl()

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#include "kernel_model/files/pipe_end.hpp"
#include "kernel_model/host/model_syscalls.hpp"
#include "kernel_model/host/system_call.hpp"

namespace stackscope {

namespace {

/// Whether the file was opened for this and knows how, in this order: 0, −EBADF, −EINVAL. Linux: FMODE_READ, FMODE_CAN_READ
int may_read(const File& file) {
  if ((file.flags() & O_ACCMODE) == O_WRONLY) return -EBADF;
  return file.kind() == FileKind::kEpoll ? -EINVAL : 0;
}
int may_write(const File& file) {
  if ((file.flags() & O_ACCMODE) == O_RDONLY) return -EBADF;
  return file.kind() == FileKind::kEpoll || file.kind() == FileKind::kTimerfd ? -EINVAL : 0;
}

/// Sockets and pipes tell by a signal where O_ASYNC is set; here they keep the flag alone. Linux: file_operations.fasync
bool has_fasync(const File& file) {
  return file.kind() == FileKind::kSocket || file.kind() == FileKind::kPipe;
}

void set_flag(File& file, int flag, bool on) {
  file.set_flags(on ? file.flags() | flag : file.flags() & ~flag);
}

/// F_SETFL: other bits than these are dropped in silence. Linux: setfl()
int set_flags(File& file, int flags) {
  constexpr int kSettable = O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME;  // Linux: SETFL_MASK
  if ((flags & O_DIRECT) != 0 && file.kind() != FileKind::kPipe) return -EINVAL;
  const int changed = kSettable | (has_fasync(file) ? O_ASYNC : 0);
  file.set_flags((flags & changed) | (file.flags() & ~changed));
  return 0;
}

/// Linux: fs/pipe.c pipe_fcntl()
int pipe_size(File& file, int command, int argument) {
  const auto* const end = dynamic_cast<const PipeEnd*>(&file);
  if (end == nullptr) return -EBADF;
  return command == F_GETPIPE_SZ ? end->pipe().size() : end->pipe().set_size(file, argument);
}

/// FIOASYNC: only a change needs a file that can. Linux: ioctl_fioasync()
int set_async(File& file, bool on) {
  if (((file.flags() & O_ASYNC) != 0) == on) return 0;
  if (!has_fasync(file)) return -ENOTTY;
  set_flag(file, O_ASYNC, on);
  return 0;
}

}  // namespace

// --- reading and writing ---------------------------------------------------------------------------------------------

std::int64_t ModelSyscalls::read(int fd, Buffer to) {
  return system_call<call::Read>(
      host_,
      [&]() -> std::int64_t {
        const FileRef file = process_.fds.get(fd);
        if (!file) return -EBADF;
        if (const int error = may_read(*file)) return error;
        return file->read(to);
      },
      fd, static_cast<std::int64_t>(to.size));
}

std::int64_t ModelSyscalls::write(int fd, ConstBuffer from) {
  return system_call<call::Write>(
      host_,
      [&]() -> std::int64_t {
        const FileRef file = process_.fds.get(fd);
        if (!file) return -EBADF;
        if (const int error = may_write(*file)) return error;
        return file->write(from);
      },
      fd, static_cast<std::int64_t>(from.size));
}

std::int64_t ModelSyscalls::readv(int fd, std::span<const Buffer> parts) {
  return system_call<call::Readv>(
      host_,
      [&]() -> std::int64_t {
        const FileRef file = process_.fds.get(fd);
        if (!file) return -EBADF;
        if (const int error = may_read(*file)) return error;
        if (parts.size() > UIO_MAXIOV) return -EINVAL;
        return total_size(parts) > 0 ? file->readv(parts) : 0;
      },
      fd, static_cast<std::int64_t>(parts.size()));
}

std::int64_t ModelSyscalls::writev(int fd, std::span<const ConstBuffer> parts) {
  return system_call<call::Writev>(
      host_,
      [&]() -> std::int64_t {
        const FileRef file = process_.fds.get(fd);
        if (!file) return -EBADF;
        if (const int error = may_write(*file)) return error;
        if (parts.size() > UIO_MAXIOV) return -EINVAL;
        return total_size(parts) > 0 ? file->writev(parts) : 0;
      },
      fd, static_cast<std::int64_t>(parts.size()));
}

// --- numbers ---------------------------------------------------------------------------------------------------------

int ModelSyscalls::close(int fd) {
  return static_cast<int>(system_call<call::Close>(host_, [&] { return process_.fds.close(fd); }, fd));
}

int ModelSyscalls::dup(int fd) {
  return static_cast<int>(system_call<call::Dup>(host_, [&] { return process_.fds.dup(fd); }, fd));
}

int ModelSyscalls::dup2(int old_fd, int new_fd) {
  return static_cast<int>(system_call<call::Dup2>(
      host_,
      [&] {
        if (old_fd == new_fd) return process_.fds.get(old_fd) ? old_fd : -EBADF;
        return process_.fds.dup_onto(old_fd, new_fd, false);
      },
      old_fd, new_fd));
}

int ModelSyscalls::dup3(int old_fd, int new_fd, int flags) {
  return static_cast<int>(system_call<call::Dup3>(
      host_,
      [&] {
        if ((flags & ~O_CLOEXEC) != 0 || old_fd == new_fd) return -EINVAL;
        return process_.fds.dup_onto(old_fd, new_fd, flags != 0);
      },
      old_fd, new_fd, flags));
}

// --- what descriptors and files are told -----------------------------------------------------------------------------

int ModelSyscalls::fcntl(int fd, int command, int argument) {
  const auto body = [&] {
    FdTable& fds = process_.fds;
    const FileRef file = fds.get(fd);
    if (!file) return -EBADF;
    switch (command) {
      case F_DUPFD:
        return fds.dup_from(*file, argument, false);
      case F_DUPFD_CLOEXEC:
        return fds.dup_from(*file, argument, true);
      case F_GETFD:
        return fds.close_on_exec(fd) ? FD_CLOEXEC : 0;
      case F_SETFD:
        return fds.set_close_on_exec(fd, (argument & FD_CLOEXEC) != 0), 0;
      case F_GETFL:
        return file->flags();
      case F_SETFL:
        return set_flags(*file, argument);
      case F_GETPIPE_SZ:
      case F_SETPIPE_SZ:
        return pipe_size(*file, command, argument);
      default:
        return -EINVAL;
    }
  };
  return static_cast<int>(system_call<call::Fcntl>(host_, body, fd, command, argument));
}

int ModelSyscalls::ioctl(int fd, unsigned long request, int& value) {
  const auto body = [&] {
    const FileRef file = process_.fds.get(fd);
    if (!file) return -EBADF;
    switch (request) {
      case FIOCLEX:
        return process_.fds.set_close_on_exec(fd, true), 0;
      case FIONCLEX:
        return process_.fds.set_close_on_exec(fd, false), 0;
      case FIONBIO:
        return set_flag(*file, O_NONBLOCK, value != 0), 0;
      case FIOASYNC:
        return set_async(*file, value != 0);
      case FIOQSIZE:
        return -ENOTTY;  // regular files and directories
      default:
        return file->ioctl(request, value);
    }
  };
  return static_cast<int>(
      system_call<call::Ioctl>(host_, body, fd, static_cast<std::int64_t>(request), value));
}

}  // namespace stackscope
