#pragma once
// What a packet's memory counts against a socket's buffers.
//
// Linux:   net/core/skbuff.c kmalloc_reserve(), include/linux/skbuff.h SKB_TRUESIZE(), net/ipv4/ip_output.c
//          __ip_append_data()
// Units:   bytes
// Differs: skb_condense() is not done: a corked datagram that was queued in a buffer more than half full keeps the pages of
//          its later parts.

#include <bit>
#include <cstdint>

namespace stackscope {

inline constexpr std::uint32_t kSkBuff = 256, kSharedInfo = 320;  // each in whole cache lines
inline constexpr std::uint32_t kSmallHead = 576;                  // SKB_SMALL_HEAD_CACHE_SIZE

/// Of a packet whose head has room for so many bytes: heads come from a cache of small ones or from kmalloc's powers of two.
constexpr std::uint32_t truesize_of_head(std::uint32_t bytes) {
  constexpr std::uint32_t kCacheLine = 64;
  const std::uint32_t need = (bytes + kCacheLine - 1) / kCacheLine * kCacheLine + kSharedInfo;
  return kSkBuff + (need <= kSmallHead ? kSmallHead : std::bit_ceil(need));
}

/// How many bytes such a head has room for.
constexpr std::uint32_t room_of_head(std::uint32_t bytes) {
  return truesize_of_head(bytes) - kSkBuff - kSharedInfo;
}

/// Of so many bytes in page fragments: the largest blocks that they fill, of at most eight pages.
/// Linux: net/core/skbuff.c alloc_skb_with_frags()
constexpr std::uint32_t truesize_of_pages(std::uint32_t bytes) {
  constexpr std::uint32_t kPage = 4096;
  std::uint32_t block = 8 * kPage, taken = 0;
  while (bytes > 0) {
    while (block > kPage && (bytes + kPage - 1) / kPage * kPage < block) block /= 2;
    taken += block;
    bytes -= bytes < block ? bytes : block;
  }
  return taken;
}

/// Of a datagram that a program sends: one piece while that takes at most four pages, else pages beside a small head.
/// IPv6 leaves room for a fragment's header. Linux: also net/ipv6/ip6_output.c __ip6_append_data()
constexpr std::uint32_t truesize_of_datagram(std::uint32_t payload, bool by_ipv6 = false) {
  constexpr std::uint32_t kMostInHead = 4 * 4096 - kSharedInfo;
  const std::uint32_t room =
      by_ipv6 ? 40 + 8 + 16 + 8 : 20 + 8 + 16 + 15;  // headers, and what the link needs
  const std::uint32_t whole = room + payload;
  return whole < kMostInHead ? truesize_of_head(whole) : truesize_of_head(room) + payload;
}

}  // namespace stackscope
