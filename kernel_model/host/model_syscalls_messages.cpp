// The calls of the model that carry messages. Linux: net/socket.c __sys_sendto(), ____sys_sendmsg(), __sys_recvfrom(),
// ____sys_recvmsg(); net/core/scm.c scm_fp_copy(), scm_detach_fds()

#include <sys/socket.h>
#include <sys/uio.h>

#include "kernel_model/host/model_syscalls.hpp"
#include "kernel_model/host/socket_ref.hpp"
#include "kernel_model/host/system_call.hpp"

namespace stackscope {

namespace {

constexpr std::size_t kMostRights = 253;  // SCM_MAX_FD
/// Flags that are the kernel's own among a sender's. Linux: MSG_INTERNAL_SENDMSG_FLAGS
constexpr int kInternal = 0x8000000 | 0x80000 | 0x100000 | 0x200000;

/// Linux: move_addr_to_kernel(): none was given where it has no length
const SocketAddress* given(const SocketAddress* to) { return to != nullptr && *to ? to : nullptr; }

}  // namespace

std::int64_t ModelSyscalls::sendto(int fd, ConstBuffer from, int flags, const SocketAddress* to) {
  return system_call<call::Sendto>(
      host_,
      [&]() -> std::int64_t {
        const SocketRef socket{process_.fds, fd};
        if (!socket) return socket.error();
        return socket->send(
            OutgoingMessage{.parts = {&from, 1}, .flags = flags & ~kInternal, .to = given(to)});
      },
      fd, static_cast<std::int64_t>(from.size), flags, to != nullptr ? to->port() : 0);
}

std::int64_t ModelSyscalls::recvfrom(int fd, Buffer to, int flags, SocketAddress* from) {
  return system_call<call::Recvfrom>(
      host_,
      [&]() -> std::int64_t {
        const SocketRef socket{process_.fds, fd};
        if (!socket) return socket.error();
        IncomingMessage message{.parts = {&to, 1}, .flags = flags, .from = {}};
        const std::int64_t count = socket->receive(message);
        if (count >= 0 && from != nullptr) *from = message.from;
        return count;
      },
      fd, static_cast<std::int64_t>(to.size), flags);
}

std::int64_t ModelSyscalls::sendmsg(int fd, const SendMessage& message, int flags) {
  return system_call<call::Sendmsg>(
      host_,
      [&]() -> std::int64_t {
        const SocketRef socket{process_.fds, fd};
        if (!socket) return socket.error();
        if (message.parts.size() > UIO_MAXIOV) return -EMSGSIZE;
        rights_.clear();
        const int takes_rights = socket->takes_rights();
        if (takes_rights < 0) return takes_rights;
        if (takes_rights > 0) {
          if (const int error = hold_rights(message.rights)) return error;
        }
        const std::int64_t count = socket->send(OutgoingMessage{.parts = message.parts,
                                                                .flags = flags & ~kInternal,
                                                                .to = given(&message.to),
                                                                .rights = rights_});
        let_go_rights();
        return count;
      },
      fd, static_cast<std::int64_t>(message.parts.size()), flags);
}

std::int64_t ModelSyscalls::recvmsg(int fd, ReceiveMessage& message, int flags) {
  return system_call<call::Recvmsg>(
      host_,
      [&]() -> std::int64_t {
        const SocketRef socket{process_.fds, fd};
        if (!socket) return socket.error();
        if (message.parts.size() > UIO_MAXIOV) return -EMSGSIZE;
        rights_.clear();
        IncomingMessage incoming{.parts = message.parts, .flags = flags, .from = {}, .rights = &rights_};
        const std::int64_t count = socket->receive(incoming);
        if (count < 0) return count;
        message.from = incoming.from;
        message.flags = incoming.result_flags | (flags & MSG_CMSG_CLOEXEC);
        install_rights(message, (flags & MSG_CMSG_CLOEXEC) != 0);
        return count;
      },
      fd, static_cast<std::int64_t>(message.parts.size()), flags);
}

// --- descriptors on their way ----------------------------------------------------------------------------------------

int ModelSyscalls::hold_rights(std::span<const int> fds) {
  rights_.clear();
  if (fds.size() > kMostRights) return -EINVAL;
  for (const int fd : fds) {
    File* const file = process_.fds.get(fd).get();
    if (file == nullptr) {
      let_go_rights();
      return -EBADF;
    }
    host_.files().hold(*file);
    rights_.push_back(file);
  }
  return 0;
}

void ModelSyscalls::let_go_rights() {
  while (!rights_.empty()) {
    File* const last = rights_.back();
    rights_.pop_back();
    host_.files().let_go(*last);
  }
}

// As many as there is room for, each at the lowest free number; the others are let go.
void ModelSyscalls::install_rights(ReceiveMessage& message, bool close_on_exec) {
  message.rights.clear();
  std::size_t installed = 0;
  for (; installed < rights_.size() && installed < message.most_rights; ++installed) {
    const int fd = process_.fds.reserve(close_on_exec);
    if (fd < 0) break;
    process_.fds.install(fd, *rights_[installed]);
    message.rights.push_back(fd);
  }
  if (installed < rights_.size()) message.flags |= MSG_CTRUNC;
  rights_.erase(rights_.begin(), rights_.begin() + static_cast<std::ptrdiff_t>(installed));
  let_go_rights();
}

}  // namespace stackscope
