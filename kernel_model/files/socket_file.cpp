#include "kernel_model/files/socket_file.hpp"

#include <sys/socket.h>

namespace stackscope {

SocketFile::SocketFile(FileId id, int flags, Scheduler& scheduler, const SocketCosts& costs)
    : File(id, FileKind::kSocket, flags), costs_(costs), waiting_(scheduler) {}

// Who asks for nothing is told 0, whatever the socket's state.
std::int64_t SocketFile::readv(std::span<const Buffer> parts) {
  if (total_size(parts) == 0) {
    charge(costs_.receive);
    return 0;
  }
  IncomingMessage message{.parts = parts, .from = {}};
  return receive(message);
}

std::int64_t SocketFile::writev(std::span<const ConstBuffer> parts) {
  return send(OutgoingMessage{.parts = parts});
}

}  // namespace stackscope
