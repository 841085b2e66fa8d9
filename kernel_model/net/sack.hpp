#pragma once
// What a receiver tells of the bytes that came out of order: a list of ranges, the one that changed last first, and
// before them a range that came twice.
//
// RFC 2018 4 (which ranges, in which order), RFC 2883 4 (the duplicate).
// Linux:     net/ipv4/tcp_input.c tcp_sack_new_ofo_skb(), tcp_sack_maybe_coalesce(), tcp_sack_remove(), tcp_dsack_set(),
//            tcp_dsack_extend(); net/ipv4/tcp_output.c tcp_established_options()
// Invariant: ranges do not touch one another; at most four.
// Units:     sequence numbers; `end` is the one after the last

#include <array>
#include <cstdint>

#include "kernel_model/net/packet.hpp"

namespace stackscope {

class ReceivedBlocks {
 public:
  static constexpr std::uint8_t kMost = 4;  // TCP_NUM_SACKS

  /// [start, end) has come. Returns whether that makes more ranges than an ACK with timestamps has room for, so that the peer
  /// may never hear of one if the ACK is held back.
  bool add(SackBlock block);
  /// Everything before `rcv_nxt` is in order now.
  void remove_before(std::uint32_t rcv_nxt);
  /// It came once more: told by the next ACK only, unless that has no room.
  void set_duplicate(SackBlock block) { duplicate_ = block, has_duplicate_ = true; }
  void extend_duplicate(SackBlock block);
  void clear() { *this = {}; }
  void forget_ranges() { count_ = 0; }

  bool is_empty() const { return count_ == 0 && !has_duplicate_; }
  std::uint8_t count() const { return count_; }
  bool has_duplicate() const { return has_duplicate_; }
  /// How many of them fit into a header's options, beside the others.
  std::uint8_t fitting(bool beside_timestamps) const;
  /// Bytes that these take in a header. Linux: tcp_established_options()
  std::uint32_t option_bytes(bool beside_timestamps) const;
  /// Writes these, the duplicate first, which is then forgotten.
  void tell(TcpOptions& options);

 private:
  bool merge_into(SackBlock& into, SackBlock block) const;
  void merge_first();
  void remove(std::uint8_t at);

  std::array<SackBlock, kMost> blocks_{};
  SackBlock duplicate_;
  std::uint8_t count_ = 0;
  bool has_duplicate_ = false;
};

}  // namespace stackscope
