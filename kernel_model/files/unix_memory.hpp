#pragma once
// What a message of a Unix socket takes of its sender's account: where its bytes lie.
//
// Linux: net/core/skbuff.c __alloc_skb(), alloc_skb_with_frags(); mm/slab_common.c kmalloc_size_roundup(). The small-head
//        cache of the network is not used: what Unix sockets allocate is accounted to a memory cgroup.

#include <bit>
#include <cstddef>
#include <cstdint>

#include "kernel_model/net/skb_size.hpp"

namespace stackscope {

inline constexpr std::size_t kPage = 4096;
inline constexpr std::size_t kMostInHead = kPage - kSharedInfo;  // SKB_MAX_HEAD(0)

constexpr std::size_t page_aligned(std::size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

/// Of a message of `length` bytes, `in_pages` of which (at most) lie in pages of their own; the head is a power of two.
constexpr std::uint32_t message_truesize(std::size_t length, std::size_t in_pages) {
  constexpr std::size_t kCacheLine = 64;
  if (in_pages > length) in_pages = length;
  const std::size_t head = (length - in_pages + kCacheLine - 1) / kCacheLine * kCacheLine + kSharedInfo;
  return static_cast<std::uint32_t>(kSkBuff + std::bit_ceil(head) + page_aligned(in_pages));
}
static_assert(message_truesize(1, 0) == 768 && message_truesize(1000, 0) == 2304, "as measured");

}  // namespace stackscope
