// The options of a Unix socket.
//
// Linux: net/core/sock.c sk_setsockopt(), sk_getsockopt(); net/socket.c do_sock_setsockopt(): no other level than SOL_SOCKET

#include <algorithm>
#include <climits>

#include "kernel_model/files/socket_option_table.hpp"
#include "kernel_model/files/unix_socket_file.hpp"

namespace stackscope {

namespace {

constexpr std::int32_t kMost = 4194304;  // Linux: net.core.rmem_max, wmem_max

}  // namespace

int UnixSocketFile::set_option(int level, int option, std::span<const std::byte> value) {
  charge(costs_.option);
  if (level != SOL_SOCKET) return -EOPNOTSUPP;
  int error = 0;
  const int number = option_number(value, OptionLength::kWholeInt, error);
  if (error != 0) return error;
  const int result =
      set_structured_option(options_, option, value, scheduler().local_timer().tick().hz().value);
  return result == 1 ? set_number(option, number) : result;
}

int UnixSocketFile::set_number(int option, int value) {
  switch (option) {
    case SO_SNDBUF:
    case SO_SNDBUFFORCE:
      sndbuf_ = static_cast<std::uint32_t>(buffer_size(value, option == SO_SNDBUFFORCE, kMost, kLeastSndbuf));
      wake(this, kWriteSpace, 1, true);
      return 0;
    case SO_RCVBUF:
    case SO_RCVBUFFORCE:
      rcvbuf_ = static_cast<std::uint32_t>(buffer_size(value, option == SO_RCVBUFFORCE, kMost, kLeastRcvbuf));
      return 0;
    case SO_RCVLOWAT:
      options_.change().rcvlowat = value < 0 ? INT_MAX : std::max(value, 1);
      return 0;
    case SO_REUSEADDR:
      options_.change().reuseaddr = value != 0;
      return 0;
    case SO_REUSEPORT:
      return value != 0 ? -EOPNOTSUPP : 0;
    case SO_PASSCRED:
      options_.change().passcred = value != 0;
      return 0;
    case SO_ZEROCOPY:
      return -EOPNOTSUPP;
    default:
      break;
  }
  const int result = set_plain_option(options_, SOL_SOCKET, option, value);
  return result == 1 ? -ENOPROTOOPT : result;
}

int UnixSocketFile::get_option(int level, int option, std::span<std::byte> room, std::size_t& length) {
  charge(costs_.option);
  if (level != SOL_SOCKET) return -EOPNOTSUPP;
  const int result =
      get_structured_option(options_, option, room, length, scheduler().local_timer().tick().hz().value);
  if (result != 1) return result;
  int value = 0;
  if (const int error = get_number(option, value)) return error;
  return answer_option(value, room, length);
}

int UnixSocketFile::get_number(int option, int& value) {
  constexpr int kTypes[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
  switch (option) {
    case SO_ERROR:
      return value = take_error(), 0;
    case SO_TYPE:
      return value = kTypes[static_cast<std::size_t>(kind_)], 0;
    case SO_DOMAIN:
      return value = AF_UNIX, 0;
    case SO_PROTOCOL:
    case SO_ACCEPTCONN:
    case SO_REUSEPORT:
      return value = 0, 0;
    case SO_SNDBUF:
      return value = static_cast<int>(sndbuf_), 0;
    case SO_RCVBUF:
      return value = static_cast<int>(rcvbuf_), 0;
    case SO_RCVLOWAT:
      return value = options_.get().rcvlowat, 0;
    case SO_SNDLOWAT:
      return value = 1, 0;
    case SO_REUSEADDR:
      return value = options_.get().reuseaddr, 0;
    case SO_PASSCRED:
      return value = options_.get().passcred, 0;
    default:
      break;
  }
  const int result = get_plain_option(options_, SOL_SOCKET, option, value);
  return result == 1 ? -ENOPROTOOPT : result;
}

}  // namespace stackscope
