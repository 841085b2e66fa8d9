#pragma once
// The script's system calls on a host's: arguments made from the tree, and what comes back held against it.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "kernel_model/syscalls.hpp"
#include "runner/packetdrill/script.hpp"
#include "runner/packetdrill/stage.hpp"

namespace stackscope::packetdrill {

/// What calls know of the script's world, and what they change in it.
struct CallWorld {
  const Options& options;
  Stage& stage;
  std::map<int, int> fds = {};  // the script's descriptors, and the host's
};

struct CallOutcome {
  std::int64_t result = 0;  // as the system call returned it: a value or −errno
  std::string complaint;   // what came back beside it and was not expected; or why the call could not be made
  std::uint16_t port = 0;  // of the address that it was given, or that it gave; 0: none
};

class CallArguments;

/// Makes the call, on the thread that owns `os`. Never throws. The arguments outlive the thread, which may never come back
/// from the call.
CallOutcome make_call(Syscalls& os, CallArguments& arguments);

/// "" where the result is the expected one. Descriptors that the call has made are known from then on.
std::string check_result(const SystemCall& call, const CallOutcome& outcome, CallWorld& world);

/// One call under way: the arguments by their places. What is wrong is kept, the first of it.
class CallArguments {
 public:
  CallArguments(const SystemCall& call, CallWorld world) : call_(call), world_(std::move(world)) {}

  const SystemCall& call() const { return call_; }
  const Expression& at(std::size_t i) const { return call_.arguments[i]; }
  std::size_t count() const { return call_.arguments.size(); }
  const CallWorld& world() const { return world_; }

  /// The value of an expression; `otherwise` where the script leaves it open.
  std::int64_t number(const Expression& e, std::int64_t otherwise = 0);
  int integer(std::size_t i, int otherwise = 0) { return static_cast<int>(number(at(i), otherwise)); }
  /// The host's descriptor for the script's.
  int fd(const Expression& e);
  int fd(std::size_t i) { return fd(at(i)); }
  /// An address: the script's own end or the other one where it is left open.
  SocketAddress address(const Expression& e, bool is_remote);
  /// So many bytes, to send from or to receive into; the bytes themselves never count.
  std::vector<std::byte>& room(std::int64_t bytes);

  /// Holds a number that came back against the script's.
  void expect(const char* what, const Expression& wanted, std::int64_t got);
  void expect_address(const Expression& wanted, const SocketAddress& got);

  CallOutcome end(std::int64_t result) { return outcome.result = result, std::move(outcome); }
  void complain(std::string what) {
    if (outcome.complaint.empty()) outcome.complaint = std::move(what);
  }

  CallOutcome outcome;
  /// What a call waits with: not on the stack of its thread, which is never unwound.
  std::vector<Buffer> parts;
  std::vector<ConstBuffer> const_parts;
  std::vector<pollfd> polled;
  std::vector<epoll_event> events;

 private:
  SocketAddress translated(SocketAddress address, bool to_host) const;
  const SystemCall& call_;
  CallWorld world_;
  std::vector<std::byte> bytes_;
};

using CallFunction = CallOutcome (*)(Syscalls&, CallArguments&);
/// By its name, in calls_sockets.cpp, calls_data.cpp, calls_options.cpp and calls_readiness.cpp; null where it is not there.
CallFunction socket_call(std::string_view name);
CallFunction data_call(std::string_view name);
CallFunction option_call(std::string_view name);
CallFunction readiness_call(std::string_view name);

}  // namespace stackscope::packetdrill
