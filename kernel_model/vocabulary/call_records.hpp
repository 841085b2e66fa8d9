#pragma once
// Records of system calls: one kind for each call's entry and exit, named and laid out as the kernel's
// tracepoints.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "kernel_model/vocabulary/ids.hpp"
#include "sim/record.hpp"

namespace stackscope {

/// Text as a template argument.
template <std::size_t N>
struct FixedText {
  char text[N]{};
  constexpr FixedText() = default;
  constexpr FixedText(const char (&from)[N]) { std::copy_n(from, N, text); }  // NOLINT: literals convert
  constexpr std::string_view view() const { return {text, N - 1}; }
};

template <std::size_t A, std::size_t B>
constexpr auto operator+(const FixedText<A>& a, const FixedText<B>& b) {
  FixedText<A + B - 1> joined;
  std::copy_n(a.text, A - 1, joined.text);
  std::copy_n(b.text, B, joined.text + A - 1);
  return joined;
}

/// A program entered the call `kCall`; its arguments carry their names in the man page.
template <FixedText kCall, FixedText... kArguments>
struct SysEnter {
  static constexpr auto kText = FixedText{"syscalls:sys_enter_"} + kCall;
  static constexpr std::string_view kName = kText.view();
  static constexpr std::string_view kSentence = "A thread entered this system call.";
  static constexpr Layer kLayer = Layer::kCalls;
  static constexpr std::string_view kCallName = kCall.view();
  TaskId task;
  std::array<std::int64_t, sizeof...(kArguments)> arguments;
  void describe(auto&& field) const {
    field("task", task);
    std::size_t i = 0;
    (field(kArguments.view(), arguments[i++]), ...);
  }
};

/// The call returned: a value, or −errno.
template <FixedText kCall>
struct SysExit {
  static constexpr auto kText = FixedText{"syscalls:sys_exit_"} + kCall;
  static constexpr std::string_view kName = kText.view();
  static constexpr std::string_view kSentence =
      "A thread's system call returned: a value, or the negative errno.";
  static constexpr Layer kLayer = Layer::kCalls;
  TaskId task;
  std::int64_t ret;
  void describe(auto&& field) const { field("task", task), field("ret", ret); }
};

/// A call: `Call<"read", "fd", "count">::Enter` and `::Exit`.
template <FixedText kCall, FixedText... kArguments>
struct Call {
  using Enter = SysEnter<kCall, kArguments...>;
  using Exit = SysExit<kCall>;
};

namespace call {
using Read = Call<"read", "fd", "count">;
using Write = Call<"write", "fd", "count">;
using Readv = Call<"readv", "fd", "vlen">;
using Writev = Call<"writev", "fd", "vlen">;
using Close = Call<"close", "fd">;
using Dup = Call<"dup", "fildes">;
using Dup2 = Call<"dup2", "oldfd", "newfd">;
using Dup3 = Call<"dup3", "oldfd", "newfd", "flags">;
using Fcntl = Call<"fcntl", "fd", "cmd", "arg">;
using Ioctl = Call<"ioctl", "fd", "cmd", "arg">;
using Pipe2 = Call<"pipe2", "flags">;
using TimerfdCreate = Call<"timerfd_create", "clockid", "flags">;
using TimerfdSettime = Call<"timerfd_settime", "ufd", "flags", "value", "interval">;
using TimerfdGettime = Call<"timerfd_gettime", "ufd">;
using EpollCreate1 = Call<"epoll_create1", "flags">;
using EpollCtl = Call<"epoll_ctl", "epfd", "op", "fd", "events", "data">;
using EpollWait = Call<"epoll_wait", "epfd", "maxevents", "timeout">;
using Poll = Call<"poll", "nfds", "timeout">;
using Eventfd2 = Call<"eventfd2", "count", "flags">;
using Socket = Call<"socket", "family", "type", "protocol">;
using Bind = Call<"bind", "fd", "address", "port">;
using Listen = Call<"listen", "fd", "backlog">;
using Accept4 = Call<"accept4", "fd", "flags">;
using Connect = Call<"connect", "fd", "address", "port">;
using Getsockname = Call<"getsockname", "fd">;
using Setsockopt = Call<"setsockopt", "fd", "level", "optname", "value">;
using Getsockopt = Call<"getsockopt", "fd", "level", "optname">;
using Shutdown = Call<"shutdown", "fd", "how">;
using Futex = Call<"futex", "word", "op", "val", "timeout">;
using ClockNanosleep = Call<"clock_nanosleep", "duration">;
using SchedYield = Call<"sched_yield">;
using SchedSetaffinity = Call<"sched_setaffinity", "mask">;
using SchedSetscheduler = Call<"sched_setscheduler", "policy", "priority">;
using EpollPwait2 = Call<"epoll_pwait2", "epfd", "maxevents", "timeout">;
using Ppoll = Call<"ppoll", "nfds", "timeout">;
using Pselect6 = Call<"pselect6", "n", "timeout">;
using Socketpair = Call<"socketpair", "family", "type", "protocol">;
using Getpeername = Call<"getpeername", "fd">;
using Sendto = Call<"sendto", "fd", "len", "flags", "port">;
using Recvfrom = Call<"recvfrom", "fd", "size", "flags">;
using Sendmsg = Call<"sendmsg", "fd", "vlen", "flags">;
using Recvmsg = Call<"recvmsg", "fd", "vlen", "flags">;
using Clone = Call<"clone", "flags">;
using Wait4 = Call<"wait4", "upid", "options">;
using Kill = Call<"kill", "pid", "sig">;
using Getpid = Call<"getpid">;
using Gettid = Call<"gettid">;
using ExitGroup = Call<"exit_group", "error_code">;
}  // namespace call

/// What a program says about itself: a count or a mark under its own name, for metrics and for people.
struct ProgramNote {
  static constexpr std::string_view kName = "program:note";
  static constexpr std::string_view kSentence = "A program said something about itself.";
  static constexpr Layer kLayer = Layer::kProgram;
  TaskId task;
  StringId what;
  std::int64_t value;
  void describe(auto&& field) const { field("task", task), field("what", what), field("value", value); }
};

/// A request of a program's own begins or ends, so that its latency can be told and explained.
struct RequestMark {
  static constexpr std::string_view kName = "program:request";
  static constexpr std::string_view kSentence = "A request began (1) or was answered (0).";
  static constexpr Layer kLayer = Layer::kProgram;
  TaskId task;      // 0 on an ideal host
  SocketId socket;  // on which it travels, where one does
  std::uint64_t number;
  bool begins;
  void describe(auto&& field) const {
    field("task", task), field("socket", socket), field("number", number), field("begins", begins);
  }
};

/// A program printed a line: 1 on standard output, 2 on standard error.
struct ProgramPrinted {
  static constexpr std::string_view kName = "program:print";
  static constexpr std::string_view kSentence = "A program printed a line.";
  static constexpr Layer kLayer = Layer::kProgram;
  TaskId task;
  std::uint8_t stream;
  StringId line;
  void describe(auto&& field) const { field("task", task), field("stream", stream), field("line", line); }
};

/// A program wrote a line for whoever reads the recording.
struct ProgramLogged {
  static constexpr std::string_view kName = "program:log";
  static constexpr std::string_view kSentence = "A program wrote a line into the recording.";
  static constexpr Layer kLayer = Layer::kProgram;
  TaskId task;
  StringId line;
  void describe(auto&& field) const { field("task", task), field("line", line); }
};

/// A stretch of a program's own, by its own name, so that its length can be told and explained.
struct ProgramMark {
  static constexpr std::string_view kName = "program:mark";
  static constexpr std::string_view kSentence = "A stretch that the program named began (1) or ended (0).";
  static constexpr Layer kLayer = Layer::kProgram;
  TaskId task;
  StringId name;
  bool begins;
  void describe(auto&& field) const { field("task", task), field("name", name), field("begins", begins); }
};

}  // namespace stackscope
