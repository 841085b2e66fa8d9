// setsockopt() and getsockopt(): [1], {onoff=1, linger=0}, {tv_sec=1, tv_usec=0}, "cubic".

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <sys/time.h>
#include <utility>

#include "runner/packetdrill/calls.hpp"

namespace stackscope::packetdrill {

namespace {

using Kind = Expression::Kind;

template <class Struct>
std::vector<std::byte> bytes_of(const Struct& value) {
  std::vector<std::byte> bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

/// An option's value as it stands in memory. REQUIRES: not left open.
std::vector<std::byte> value_of(CallArguments& args, const Expression& e) {
  if (e.is(Kind::kString)) {
    const auto* const text = reinterpret_cast<const std::byte*>(e.text.data());
    return {text, text + e.text.size()};
  }
  if (const Expression* const onoff = e.field("onoff")) {
    linger value{};
    value.l_onoff = static_cast<int>(args.number(*onoff));
    if (const Expression* const seconds = e.field("linger"))
      value.l_linger = static_cast<int>(args.number(*seconds));
    return bytes_of(value);
  }
  if (const Expression* const seconds = e.field("tv_sec")) {
    timeval value{};
    value.tv_sec = args.number(*seconds);
    if (const Expression* const us = e.field("tv_usec")) value.tv_usec = args.number(*us);
    return bytes_of(value);
  }
  return bytes_of(static_cast<int>(args.number(e)));
}

CallOutcome setsockopt(Syscalls& os, CallArguments& args) {
  std::vector<std::byte> value(sizeof(int));
  if (!args.at(3).is(Kind::kEllipsis)) value = value_of(args, args.at(3));
  const int length = args.integer(4, static_cast<int>(value.size()));
  value.resize(std::clamp<std::size_t>(static_cast<std::size_t>(std::max(length, 0)), value.size(), 4096));
  return args.end(os.setsockopt(args.fd(0), args.integer(1), args.integer(2), value.data(),
                                static_cast<socklen_t>(length)));
}

std::string hex(std::span<const std::byte> bytes) {
  std::string out;
  for (const std::byte byte : bytes) out += fmt::format("{:02x}", static_cast<unsigned>(byte));
  return out;
}

CallOutcome getsockopt(Syscalls& os, CallArguments& args) {
  std::vector<std::byte> room(256);
  socklen_t length = static_cast<socklen_t>(std::clamp(args.integer(4, 256), 0, 256));
  const int result = os.getsockopt(args.fd(0), args.integer(1), args.integer(2), room.data(), length);
  const Expression& wanted = args.at(3);
  if (result != 0 || wanted.is(Kind::kEllipsis)) return args.end(result);
  args.expect("length of the option", args.at(4), length);
  if (length == sizeof(int) && !wanted.is(Kind::kString) && !wanted.is(Kind::kRecord)) {
    int value = 0;
    std::memcpy(&value, room.data(), sizeof value);
    args.expect("getsockopt value", wanted, value);
    return args.end(result);
  }
  const std::vector<std::byte> value = value_of(args, wanted);
  const bool is_same = value.size() <= room.size() && std::equal(value.begin(), value.end(), room.begin());
  if (!is_same)
    args.complain(fmt::format("Bad getsockopt value: expected {} but got 0x{}", text(wanted),
                              hex(std::span(room).first(length))));
  return args.end(result);
}

}  // namespace

CallFunction option_call(std::string_view name) {
  if (name == "setsockopt") return setsockopt;
  return name == "getsockopt" ? getsockopt : nullptr;
}

}  // namespace stackscope::packetdrill
