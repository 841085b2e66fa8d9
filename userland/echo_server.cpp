// An echo server on one epoll instance, level- or edge-triggered: it writes back as many bytes as it reads.
//
// Its connections have no memory of their own. What of an answer did not fit into the socket travels in the data of
// the connection's event, and the connection then waits for EPOLLOUT instead of EPOLLIN: nobody's requests are read
// faster than its answers are taken.

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <sys/socket.h>

#include "kernel_model/vocabulary/parameter.hpp"
#include "userland/programs.hpp"
#include "userland/sockets.hpp"

namespace stackscope {
namespace {

/// What an event's data hold.
struct Watched {
  int fd;
  std::uint32_t unwritten;  // bytes of an answer

  static Watched from(const epoll_event& event) {
    return {static_cast<int>(event.data.u64 & UINT32_MAX), static_cast<std::uint32_t>(event.data.u64 >> 32)};
  }
  std::uint64_t data() const {
    return static_cast<std::uint64_t>(unwritten) << 32 | static_cast<std::uint32_t>(fd);
  }
};

class EchoServer {
 public:
  EchoServer(Syscalls& os, const Arguments& args)
      : os_(os),
        listening_{static_cast<std::uint16_t>(args.integer("port")),
                   static_cast<int>(args.integer("backlog"))},
        is_edge_triggered_(args.text("trigger") == "edge"),
        accepts_until_eagain_(args.text("accept") == "until_eagain"),
        think_(args.duration("think")),
        maxevents_(static_cast<std::size_t>(args.integer("maxevents"))),
        buffer_(static_cast<std::size_t>(args.bytes("buffer"))) {}

  void run() {
    assert(maxevents_ <= kMostEvents);
    listener_ = listen_on(os_, listening_);
    if (listener_ < 0) return;
    epoll_ = os_.epoll_create1(0);
    if (!succeeded(os_, "failed: epoll_create1", epoll_)) return;
    if (!interest(EPOLL_CTL_ADD, {listener_, 0}, EPOLLIN)) return;
    std::array<epoll_event, kMostEvents> events;
    for (;;) {
      const int ready = os_.epoll_wait(epoll_, std::span(events).first(maxevents_), -1);
      if (!succeeded(os_, "failed: epoll_wait", ready)) return;
      for (const epoll_event& event : std::span(events).first(static_cast<std::size_t>(ready)))
        if (!serve(Watched::from(event))) return;
    }
  }

 private:
  /// Returns false when the server must end.
  bool serve(Watched what) {
    if (what.fd == listener_) return accept();
    return what.unwritten > 0 ? write_rest(what) : read_and_answer(what.fd);
  }

  bool accept() {
    do {
      const int fd = os_.accept4(listener_, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd == -EAGAIN) return true;
      if (fd == -ECONNABORTED)
        continue;  // accept(2): one that was reset while it waited is no reason to stop
      if (!succeeded(os_, "failed: accept4", fd) || !interest(EPOLL_CTL_ADD, {fd, 0}, EPOLLIN)) return false;
    } while (accepts_until_eagain_);
    return true;
  }

  /// One read for one event; edge-triggered, nobody will tell of what is left, so all of it.
  bool read_and_answer(int fd) {
    do {
      const std::int64_t n = os_.read(fd, {nullptr, buffer_});
      if (n == -EAGAIN) return true;
      if (n <= 0) return hang_up(fd);  // its end, or a reset: no business of the others
      if (think_) os_.compute(think_);
      const std::int64_t written = os_.write(fd, {nullptr, static_cast<std::size_t>(n)});
      if (written < 0 && written != -EAGAIN) return hang_up(fd);
      const std::int64_t rest = n - std::max<std::int64_t>(written, 0);
      if (rest > 0) return interest(EPOLL_CTL_MOD, {fd, static_cast<std::uint32_t>(rest)}, EPOLLOUT);
    } while (is_edge_triggered_);
    return true;
  }

  bool write_rest(Watched what) {
    const std::int64_t written = os_.write(what.fd, {nullptr, what.unwritten});
    if (written == -EAGAIN) return true;
    if (written < 0) return hang_up(what.fd);
    what.unwritten -= static_cast<std::uint32_t>(written);
    // Changing an interest looks at the socket again: what came meanwhile is reported, edge-triggered too.
    return interest(EPOLL_CTL_MOD, what, what.unwritten > 0 ? EPOLLOUT : EPOLLIN);
  }

  bool hang_up(int fd) { return succeeded(os_, "failed: close", os_.close(fd)); }

  bool interest(int operation, Watched what, std::uint32_t events) {
    if (is_edge_triggered_) events |= EPOLLET;
    return succeeded(os_, "failed: epoll_ctl", watch(os_, epoll_, operation, what.fd, events, what.data()));
  }

  Syscalls& os_;
  const Listening listening_;
  const bool is_edge_triggered_, accepts_until_eagain_;
  const Duration think_;
  const std::size_t maxevents_, buffer_;
  int listener_ = -1;
  int epoll_ = -1;
};

}  // namespace

void echo_server(Syscalls& os, const Arguments& args) { EchoServer(os, args).run(); }

}  // namespace stackscope
