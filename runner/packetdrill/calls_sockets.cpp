// socket(), bind(), accept() …: sockets, their names, and descriptors.

#include <cerrno>
#include <fcntl.h>
#include <utility>

#include "runner/packetdrill/calls.hpp"

namespace stackscope::packetdrill {

namespace {

CallOutcome socket(Syscalls& os, CallArguments& args) {
  const int family = args.integer(0, args.world().options.is_ipv6() ? AF_INET6 : AF_INET);
  const int type = args.integer(1), protocol = args.integer(2);
  return args.end(os.socket(family, type, protocol));
}

CallOutcome bind(Syscalls& os, CallArguments& args) {
  const SocketAddress to = args.address(args.at(1), false);
  return args.end(os.bind(args.fd(0), to));
}

CallOutcome connect(Syscalls& os, CallArguments& args) {
  const SocketAddress to = args.address(args.at(1), true);
  return args.end(os.connect(args.fd(0), to));
}

CallOutcome accept_with(Syscalls& os, CallArguments& args, int flags) {
  SocketAddress from;
  const int result = os.accept4(args.fd(0), &from, flags);
  if (result >= 0) args.expect_address(args.at(1), from);
  return args.end(result);
}
CallOutcome accept(Syscalls& os, CallArguments& args) { return accept_with(os, args, 0); }
CallOutcome accept4(Syscalls& os, CallArguments& args) { return accept_with(os, args, args.integer(3)); }

CallOutcome named(CallArguments& args, int result, const SocketAddress& name) {
  if (result == 0) args.expect_address(args.at(1), name);
  return args.end(result);
}
CallOutcome getsockname(Syscalls& os, CallArguments& args) {
  SocketAddress name;
  const int result = os.getsockname(args.fd(0), name);
  return named(args, result, name);
}
CallOutcome getpeername(Syscalls& os, CallArguments& args) {
  SocketAddress name;
  const int result = os.getpeername(args.fd(0), name);
  return named(args, result, name);
}

CallOutcome listen(Syscalls& os, CallArguments& args) {
  return args.end(os.listen(args.fd(0), args.integer(1)));
}
CallOutcome shutdown(Syscalls& os, CallArguments& args) {
  return args.end(os.shutdown(args.fd(0), args.integer(1)));
}
CallOutcome close(Syscalls& os, CallArguments& args) { return args.end(os.close(args.fd(0))); }
CallOutcome dup(Syscalls& os, CallArguments& args) { return args.end(os.dup(args.fd(0))); }
CallOutcome eventfd(Syscalls& os, CallArguments& args) {
  return args.end(os.eventfd(static_cast<unsigned>(args.integer(0)), args.integer(1)));
}

CallOutcome fcntl(Syscalls& os, CallArguments& args) {
  return args.end(os.fcntl(args.fd(0), args.integer(1), args.count() > 2 ? args.integer(2) : 0));
}

CallOutcome ioctl(Syscalls& os, CallArguments& args) {
  int value = args.count() > 2 ? args.integer(2) : 0;
  const int result = os.ioctl(args.fd(0), static_cast<unsigned long>(args.integer(1)), value);
  if (result >= 0 && args.count() > 2) args.expect("ioctl value", args.at(2), value);
  return args.end(result);
}

constexpr std::pair<std::string_view, CallFunction> kCalls[] = {{"socket", socket},
                                                                {"bind", bind},
                                                                {"connect", connect},
                                                                {"accept", accept},
                                                                {"accept4", accept4},
                                                                {"listen", listen},
                                                                {"close", close},
                                                                {"getsockname", getsockname},
                                                                {"getpeername", getpeername},
                                                                {"shutdown", shutdown},
                                                                {"dup", dup},
                                                                {"eventfd", eventfd},
                                                                {"fcntl", fcntl},
                                                                {"ioctl", ioctl}};

}  // namespace

CallFunction socket_call(std::string_view name) {
  for (const auto& [known, function] : kCalls) {
    if (known == name) return function;
  }
  return nullptr;
}

}  // namespace stackscope::packetdrill
