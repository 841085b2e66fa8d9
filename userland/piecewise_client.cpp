// A client that writes each request in pieces and then waits for the answer: what Nagle's algorithm was made for, and what it
// delays. RFC 896; RFC 1122 §4.2.3.4

#include <algorithm>
#include <array>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "kernel_model/vocabulary/parameter.hpp"
#include "userland/programs.hpp"
#include "userland/sockets.hpp"

namespace stackscope {
namespace {

class PiecewiseClient {
 public:
  PiecewiseClient(Syscalls& os, const Arguments& args)
      : os_(os),
        args_(args),
        how_(args.text("how")),
        pieces_(args.integer("pieces")),
        size_(args.bytes("size")),
        pause_(args.duration("pause")) {}

  void run() {
    const Address to = args_.address("to");
    const std::int64_t requests = args_.integer("requests"), answer = args_.bytes("answer");
    const Duration gap = args_.duration("gap");
    fd_ = connect_to(os_, to.host, to.port, how_ == "nodelay");
    if (fd_ < 0) return;
    for (std::int64_t i = 0; i < requests; ++i) {
      if (i > 0 && gap) os_.nanosleep(gap);
      os_.request_begins(static_cast<std::uint64_t>(i), fd_);
      if (!write_request() || !read_answer(answer)) break;
      os_.request_ends(static_cast<std::uint64_t>(i), fd_);
    }
    os_.close(fd_);
  }

 private:
  bool write_request() {
    if (how_ == "writev") return write_at_once();
    if (how_ == "cork" && !set_cork(1)) return false;
    for (std::int64_t i = 0; i < pieces_; ++i) {
      if (i > 0 && pause_) os_.nanosleep(pause_);
      const bool is_last = i + 1 == pieces_;
      if (!write_piece(how_ == "more" && !is_last ? MSG_MORE : 0)) return false;
    }
    return how_ != "cork" || set_cork(0);
  }

  bool write_piece(int flags) {
    for (std::int64_t done = 0; done < size_;) {
      const std::int64_t n =
          os_.sendto(fd_, {nullptr, static_cast<std::size_t>(size_ - done)}, flags, nullptr);
      if (!succeeded(os_, "failed: send", n)) return false;
      done += n;
    }
    return true;
  }

  /// All pieces by one call, or as many as one call takes.
  bool write_at_once() {
    std::array<ConstBuffer, 64> parts;
    parts.fill({nullptr, static_cast<std::size_t>(size_)});
    for (std::int64_t left = pieces_; left > 0;) {
      const auto count = std::min<std::int64_t>(left, static_cast<std::int64_t>(parts.size()));
      const std::int64_t n = os_.writev(fd_, std::span(parts).first(static_cast<std::size_t>(count)));
      if (!succeeded(os_, "failed: writev", n)) return false;
      const std::int64_t cut = count * size_ - n;  // on a blocking socket nothing, but for a signal
      if (cut > 0 && !succeeded(os_, "failed: write", write_all(os_, fd_, cut))) return false;
      left -= count;
    }
    return true;
  }

  bool read_answer(std::int64_t bytes) {
    const std::int64_t answered = read_all(os_, fd_, bytes);
    if (!succeeded(os_, "failed: read", answered)) return false;
    if (answered < bytes) os_.note("answer cut short", answered);
    return answered == bytes;
  }

  bool set_cork(int on) {
    return succeeded(os_, "failed: setsockopt", os_.setsockopt(fd_, IPPROTO_TCP, TCP_CORK, on));
  }

  Syscalls& os_;
  const Arguments& args_;
  const std::string_view how_;
  const std::int64_t pieces_, size_;
  const Duration pause_;
  int fd_ = -1;
};

}  // namespace

void piecewise_client(Syscalls& os, const Arguments& args) { PiecewiseClient(os, args).run(); }

}  // namespace stackscope
