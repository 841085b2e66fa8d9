#pragma once
// Options that are a value and no more, of sockets of any kind: one table for setting and getting.
//
// Linux:   net/core/sock.c sk_setsockopt(), sk_getsockopt(); net/ipv4/ip_sockglue.c do_ip_setsockopt()
// Differs: of timestamps, busy polling, marks and the like only the value is kept; no packet and no poll shows them.

#include <cstddef>
#include <span>

#include "kernel_model/net/socket_options.hpp"

namespace stackscope {

/// How long a number an option takes. Linux: each level's own first check
enum class OptionLength : std::uint8_t { kWholeInt, kByteOrInt };

/// The number that a program gave; or −EINVAL in `error`.
int option_number(std::span<const std::byte> value, OptionLength rule, int& error);

/// 1 where the table has no such option; else 0 or −EINVAL. `is_stream`: what differs for it.
int set_plain_option(OptionsHolder& options, int level, int option, int value);
int get_plain_option(const OptionsHolder& options, int level, int option, int& value);

/// SO_LINGER, SO_RCVTIMEO, SO_SNDTIMEO: structures. 1 where it is none of these. `hz`: jiffies a second.
int set_structured_option(OptionsHolder& options, int option, std::span<const std::byte> value,
                          std::uint32_t hz);
int get_structured_option(const OptionsHolder& options, int option, std::span<std::byte> room,
                          std::size_t& length, std::uint32_t hz);

/// Copies an answer as far as there is room. Linux: copy_to_sockptr() with min(len, lv)
int answer_option(const void* from, std::size_t size, std::span<std::byte> room, std::size_t& length);
inline int answer_option(int value, std::span<std::byte> room, std::size_t& length) {
  return answer_option(&value, sizeof value, room, length);
}

}  // namespace stackscope
