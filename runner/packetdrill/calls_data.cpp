// read(), sendto(), recvmsg() …: how many bytes, never which.

#include <fmt/format.h>
#include <utility>

#include "runner/packetdrill/calls.hpp"

namespace stackscope::packetdrill {

namespace {

Buffer into(CallArguments& args, std::size_t length) {
  std::vector<std::byte>& room = args.room(args.number(args.at(length)));
  return {room.data(), room.size()};
}
ConstBuffer from(CallArguments& args, std::size_t length) {
  const Buffer room = into(args, length);
  return {room.data, room.size};
}

/// [{..., 100}, {..., 200}]: the lengths of an iovec's parts.
template <class Part>
std::vector<Part>& find_parts(CallArguments& args, const Expression& list, std::vector<Part>& parts) {
  std::vector<std::int64_t> lengths;
  std::int64_t total = 0;
  for (const Expression& one : list.parts) {
    if (!one.is(Expression::Kind::kRecord) || one.parts.size() != 2) {
      args.complain(fmt::format("'{}' is no part of an iovec", text(one)));
      return parts;
    }
    lengths.push_back(std::max<std::int64_t>(args.number(one.parts[1]), 0));
    total += lengths.back();
  }
  std::vector<std::byte>& room = args.room(total);
  if (!args.outcome.complaint.empty()) return parts;
  std::byte* at = room.data();
  for (const std::int64_t length : lengths) {
    parts.push_back({at, static_cast<std::size_t>(length)});
    at += length;
  }
  return parts;
}
std::vector<Buffer>& parts_of(CallArguments& args, const Expression& list) {
  return find_parts(args, list, args.parts);
}
std::vector<ConstBuffer>& const_parts_of(CallArguments& args, const Expression& list) {
  return find_parts(args, list, args.const_parts);
}

CallOutcome read(Syscalls& os, CallArguments& args) { return args.end(os.read(args.fd(0), into(args, 2))); }
CallOutcome write(Syscalls& os, CallArguments& args) { return args.end(os.write(args.fd(0), from(args, 2))); }
CallOutcome readv(Syscalls& os, CallArguments& args) {
  const std::vector<Buffer>& parts = parts_of(args, args.at(1));
  return args.end(os.readv(args.fd(0), parts));
}
CallOutcome writev(Syscalls& os, CallArguments& args) {
  const std::vector<ConstBuffer>& parts = const_parts_of(args, args.at(1));
  return args.end(os.writev(args.fd(0), parts));
}

CallOutcome recv(Syscalls& os, CallArguments& args) {
  return args.end(os.recvfrom(args.fd(0), into(args, 2), args.integer(3), nullptr));
}
CallOutcome send(Syscalls& os, CallArguments& args) {
  return args.end(os.sendto(args.fd(0), from(args, 2), args.integer(3), nullptr));
}

CallOutcome recvfrom(Syscalls& os, CallArguments& args) {
  SocketAddress name;
  const std::int64_t result = os.recvfrom(args.fd(0), into(args, 2), args.integer(3), &name);
  if (result >= 0) args.expect_address(args.at(4), name);
  return args.end(result);
}
CallOutcome sendto(Syscalls& os, CallArguments& args) {
  const SocketAddress to = args.address(args.at(4), true);
  return args.end(os.sendto(args.fd(0), from(args, 2), args.integer(3), to ? &to : nullptr));
}

/// {msg_name(...)=..., msg_iov(1)=[{..., 100}], msg_flags=0}
const Expression* iovec_of(CallArguments& args) {
  const Expression* const iovec = args.at(1).field("msg_iov");
  if (iovec == nullptr) args.complain(fmt::format("'{}' is no msghdr: it has no msg_iov", text(args.at(1))));
  if (args.at(1).field("msg_control") != nullptr) args.complain("msg_control is not played");
  return iovec;
}

// The name of a message is left open, and is none then, as TCP wants it; a datagram says where it goes.
CallOutcome sendmsg(Syscalls& os, CallArguments& args) {
  const Expression* const iovec = iovec_of(args);
  if (iovec == nullptr) return args.end(-EINVAL);
  const std::vector<ConstBuffer>& parts = const_parts_of(args, *iovec);
  SendMessage message{parts};
  const Expression* const name = args.at(1).field("msg_name");
  if (name != nullptr && !name->is(Expression::Kind::kEllipsis)) message.to = args.address(*name, true);
  return args.end(os.sendmsg(args.fd(0), message, args.integer(2)));
}

CallOutcome recvmsg(Syscalls& os, CallArguments& args) {
  const Expression* const iovec = iovec_of(args);
  if (iovec == nullptr) return args.end(-EINVAL);
  const std::vector<Buffer>& parts = parts_of(args, *iovec);
  ReceiveMessage message{parts};
  const std::int64_t result = os.recvmsg(args.fd(0), message, args.integer(2));
  if (const Expression* const flags = args.at(1).field("msg_flags"); flags != nullptr && result >= 0) {
    args.expect("msg_flags", *flags, message.flags);
  }
  return args.end(result);
}

constexpr std::pair<std::string_view, CallFunction> kCalls[] = {
    {"read", read}, {"write", write},       {"readv", readv},   {"writev", writev},   {"recv", recv},
    {"send", send}, {"recvfrom", recvfrom}, {"sendto", sendto}, {"sendmsg", sendmsg}, {"recvmsg", recvmsg}};

}  // namespace

CallFunction data_call(std::string_view name) {
  for (const auto& [known, function] : kCalls) {
    if (known == name) return function;
  }
  return nullptr;
}

}  // namespace stackscope::packetdrill
