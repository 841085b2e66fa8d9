// The server of a piecewise client: it answers a request when it has read all of it, and not before.
//
// It knows one connection at a time, and blocks.

#include <netinet/tcp.h>
#include <sys/socket.h>

#include "kernel_model/vocabulary/parameter.hpp"
#include "userland/programs.hpp"
#include "userland/sockets.hpp"

namespace stackscope {
namespace {

class PiecewiseServer {
 public:
  PiecewiseServer(Syscalls& os, const Arguments& args)
      : os_(os),
        port_(static_cast<std::uint16_t>(args.integer("port"))),
        request_(args.bytes("request")),
        answer_(args.bytes("answer")),
        sets_quickack_(args.flag("quickack")) {}

  void run() {
    const int listener = listen_on(os_, {.port = port_, .backlog = 128, .blocking = true});
    if (listener < 0) return;
    for (;;) {
      const int fd = os_.accept4(listener, SOCK_CLOEXEC);
      if (!succeeded(os_, "failed: accept4", fd)) return;
      while (read_request(fd) && write_all(os_, fd, answer_) == answer_) {
      }
      os_.close(fd);
    }
  }

 private:
  /// False at its peer's end, or at a reset.
  bool read_request(int fd) {
    for (std::int64_t done = 0; done < request_;) {
      // Before each read, for the kernel goes its own way in between. tcp(7)
      if (sets_quickack_) os_.setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, 1);
      const std::int64_t n = os_.read(fd, {nullptr, static_cast<std::size_t>(request_ - done)});
      if (n <= 0) return false;
      done += n;
    }
    return true;
  }

  Syscalls& os_;
  const std::uint16_t port_;
  const std::int64_t request_, answer_;
  const bool sets_quickack_;
};

}  // namespace

void piecewise_server(Syscalls& os, const Arguments& args) { PiecewiseServer(os, args).run(); }

}  // namespace stackscope
