// A client that connects and reads all that the other end sends, with a receive buffer of a given size and at its own pace.

#include <sys/socket.h>

#include "kernel_model/vocabulary/parameter.hpp"
#include "userland/programs.hpp"
#include "userland/sockets.hpp"

namespace stackscope {
namespace {

class BulkClient {
 public:
  BulkClient(Syscalls& os, const Arguments& args)
      : os_(os),
        to_(args.address("to")),
        rcvbuf_(static_cast<int>(args.bytes("rcvbuf"))),
        read_(static_cast<std::size_t>(args.bytes("read"))),
        think_(args.duration("think")) {}

  bool transfer(std::uint64_t number) {
    const int fd = os_.socket(AF_INET, SOCK_STREAM, 0);
    if (!succeeded(os_, "failed: socket", fd)) return false;
    os_.request_begins(number, fd);
    const bool is_whole = prepare(fd) && connect(fd) && read_to_the_end(fd);
    if (is_whole) os_.request_ends(number, fd);
    os_.close(fd);
    return is_whole;
  }

 private:
  /// Before the handshake, which tells the window's scale. tcp(7)
  bool prepare(int fd) {
    return rcvbuf_ == 0 ||
           succeeded(os_, "failed: setsockopt", os_.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, rcvbuf_));
  }
  bool connect(int fd) {
    const SocketAddress server = internet_address(os_.address_of(to_.host), to_.port);
    return succeeded(os_, "failed: connect", os_.connect(fd, server));
  }
  bool read_to_the_end(int fd) {
    for (;;) {
      const std::int64_t n = os_.read(fd, {nullptr, read_});
      if (n == 0) return true;
      if (!succeeded(os_, "failed: read", n)) return false;
      if (think_) os_.nanosleep(think_);
    }
  }

  Syscalls& os_;
  const Address to_;
  const int rcvbuf_;
  const std::size_t read_;
  const Duration think_;
};

}  // namespace

void bulk_client(Syscalls& os, const Arguments& args) {
  BulkClient client(os, args);
  const std::int64_t transfers = args.integer("transfers");
  for (std::int64_t i = 0; i < transfers; ++i) {
    if (!client.transfer(static_cast<std::uint64_t>(i))) return;
  }
}

}  // namespace stackscope
