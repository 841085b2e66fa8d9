// A worker of a herd: many threads of one process wait for connections to one port, take them and close them.
//
// The measured herd (docs/measurements/src/herd.c) makes the same calls in the same order. There too a worker takes
// its place only when the one before it has, so that they stand in the wait queues in the order of their numbers.

#include <array>
#include <cassert>
#include <cerrno>
#include <climits>
#include <sys/socket.h>

#include "kernel_model/vocabulary/parameter.hpp"
#include "userland/programs.hpp"
#include "userland/sockets.hpp"

namespace stackscope {
namespace {

// The process's shared words.
constexpr unsigned kTurn = 0;      // the worker whose turn it is to take its place
constexpr unsigned kListener = 1;  // the listener of all, but with SO_REUSEPORT
constexpr unsigned kEpoll = 2;     // the epoll instance of all, with epoll = "shared"

constexpr std::uint32_t kAbandoned = UINT32_MAX;  // no worker's turn: one could not be set up

class Worker {
 public:
  Worker(Syscalls& os, const Arguments& args)
      : os_(os),
        number_(static_cast<std::uint32_t>(os.thread_number())),
        listening_{static_cast<std::uint16_t>(args.integer("port")),
                   static_cast<int>(args.integer("backlog")), args.flag("reuseport"),
                   args.text("wait") == "accept"},
        waits_in_epoll_(args.text("wait") == "epoll"),
        waits_in_poll_(args.text("wait") == "poll"),
        shares_epoll_(waits_in_epoll_ && args.text("epoll") == "shared"),
        accepts_until_eagain_(args.text("accept") == "until_eagain"),
        interest_(EPOLLIN | (args.text("trigger") == "edge" ? EPOLLET : 0u) |
                  (args.flag("exclusive") ? EPOLLEXCLUSIVE : 0u)),
        think_(args.duration("think")),
        maxevents_(static_cast<std::size_t>(args.integer("maxevents"))) {}

  void run() {
    if (!my_turn()) return;
    const bool is_set_up = (number_ > 0 || set_up_for_all()) && set_up_own();
    pass_turn(is_set_up ? number_ + 1 : kAbandoned);
    if (!is_set_up) return;
    if (waits_in_epoll_) {
      wait_in_epoll();
    } else if (waits_in_poll_) {
      wait_in_poll();
    } else {
      wait_in_accept();
    }
  }

 private:
  // --- taking places -------------------------------------------------------------------------------------------------
  bool my_turn() {
    for (;;) {
      const std::uint32_t turn = os_.load(kTurn);
      if (turn == number_) return true;
      if (turn == kAbandoned) return false;
      const int woken = os_.futex_wait(kTurn, turn, Duration::max());
      if (woken != -EAGAIN && !succeeded(os_, "failed: futex_wait", woken)) return false;
    }
  }

  void pass_turn(std::uint32_t to) {
    os_.store(kTurn, to);
    os_.futex_wake(kTurn, INT_MAX);  // all: a futex does not know who waits for which value
  }

  /// What the first worker makes for everybody: one listener, or all of them where they hang in one epoll instance.
  bool set_up_for_all() {
    if (!listening_.reuseport && !keep(kListener, listen_on(os_, listening_))) return false;
    if (!shares_epoll_) return true;
    const int epoll = os_.epoll_create1(0);
    if (!succeeded(os_, "failed: epoll_create1", epoll) || !keep(kEpoll, epoll)) return false;
    if (!listening_.reuseport) return watch_listener(epoll, static_cast<int>(os_.load(kListener)));
    for (int i = 0; i < os_.threads(); ++i) {
      const int listener = listen_on(os_, listening_);
      if (listener < 0 || !watch_listener(epoll, listener)) return false;
    }
    return true;
  }

  bool set_up_own() {
    if (shares_epoll_) {
      epoll_ = static_cast<int>(os_.load(kEpoll));
      return true;
    }
    listener_ = listening_.reuseport ? listen_on(os_, listening_) : static_cast<int>(os_.load(kListener));
    if (listener_ < 0 || !waits_in_epoll_) return listener_ >= 0;
    epoll_ = os_.epoll_create1(0);
    return succeeded(os_, "failed: epoll_create1", epoll_) && watch_listener(epoll_, listener_);
  }

  bool keep(unsigned word, int fd) {
    if (fd >= 0) os_.store(word, static_cast<std::uint32_t>(fd));
    return fd >= 0;
  }

  bool watch_listener(int epoll, int listener) {
    const int watched =
        watch(os_, epoll, EPOLL_CTL_ADD, listener, interest_, static_cast<std::uint64_t>(listener));
    return succeeded(os_, "failed: epoll_ctl", watched);
  }

  // --- work ------------------------------------------------------------------------------------------------------------
  void wait_in_epoll() {
    assert(maxevents_ <= kMostEvents);
    std::array<epoll_event, kMostEvents> events;
    for (;;) {
      const int ready = os_.epoll_wait(epoll_, std::span(events).first(maxevents_), -1);
      if (!succeeded(os_, "failed: epoll_wait", ready)) return;
      for (const epoll_event& event : std::span(events).first(static_cast<std::size_t>(ready)))
        if (!serve(static_cast<int>(event.data.u64))) return;
    }
  }

  void wait_in_poll() {
    for (pollfd watched{listener_, POLLIN, 0};;) {
      if (!succeeded(os_, "failed: poll", os_.poll({&watched, 1}, -1)) || !serve(listener_)) return;
    }
  }

  void wait_in_accept() {
    for (;;) {
      const int connection = os_.accept4(listener_, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (!succeeded(os_, "failed: accept4", connection)) return;
      think();
      os_.close(connection);
    }
  }

  /// A listener was reported. Returns false when the worker must end.
  bool serve(int listener) {
    think();
    do {
      const int connection = os_.accept4(listener, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (connection == -EAGAIN) return true;  // another worker was quicker, or that was the last
      if (!succeeded(os_, "failed: accept4", connection)) return false;
      os_.close(connection);
    } while (accepts_until_eagain_);
    return true;
  }

  void think() {
    if (think_) os_.compute(think_);
  }

  Syscalls& os_;
  const std::uint32_t number_;
  const Listening listening_;
  const bool waits_in_epoll_, waits_in_poll_, shares_epoll_, accepts_until_eagain_;
  const std::uint32_t interest_;
  const Duration think_;
  const std::size_t maxevents_;
  int listener_ = -1;
  int epoll_ = -1;
};

}  // namespace

void herd_worker(Syscalls& os, const Arguments& args) { Worker(os, args).run(); }

}  // namespace stackscope
