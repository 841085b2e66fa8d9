#include "kernel_model/net/sack.hpp"

#include <algorithm>
#include <cassert>

#include "kernel_model/net/sequence.hpp"

namespace stackscope {

namespace {

constexpr std::uint8_t kExpectedInAck =
    2;  // TCP_SACK_BLOCKS_EXPECTED: three fit beside timestamps, one is left for D-SACK
constexpr std::uint32_t kOptionSpace = 40, kTimestamps = 12, kSackHead = 4, kSackBlock = 8;

}  // namespace

/// Linux: tcp_sack_extend()
bool ReceivedBlocks::merge_into(SackBlock& into, SackBlock block) const {
  if (after(block.start, into.end) || after(into.start, block.end)) return false;
  if (before(block.start, into.start)) into.start = block.start;
  if (after(block.end, into.end)) into.end = block.end;
  return true;
}

bool ReceivedBlocks::add(SackBlock block) {
  std::uint8_t at = 0;
  while (at < count_ && !merge_into(blocks_[at], block)) ++at;
  const bool is_crowded = at >= kExpectedInAck;
  if (at < count_) {
    std::rotate(blocks_.begin(), blocks_.begin() + at, blocks_.begin() + at + 1);
    merge_first();
    return is_crowded;
  }
  if (count_ < kMost) ++count_;  // else the one that changed longest ago is no longer told
  std::shift_right(blocks_.begin(), blocks_.begin() + count_, 1);
  blocks_.front() = block;
  return is_crowded;
}

/// The first has grown and may touch others now. Linux: tcp_sack_maybe_coalesce()
void ReceivedBlocks::merge_first() {
  for (std::uint8_t at = 1; at < count_;) {
    if (merge_into(blocks_.front(), blocks_[at])) {
      remove(at);
    } else {
      ++at;
    }
  }
}

void ReceivedBlocks::remove(std::uint8_t at) {
  std::shift_left(blocks_.begin() + at, blocks_.begin() + count_, 1);
  --count_;
}

void ReceivedBlocks::remove_before(std::uint32_t rcv_nxt) {
  for (std::uint8_t at = 0; at < count_;) {
    if (before(rcv_nxt, blocks_[at].start)) {
      ++at;
    } else {
      remove(at);
    }
  }
}

void ReceivedBlocks::extend_duplicate(SackBlock block) {
  if (!has_duplicate_) return set_duplicate(block);
  merge_into(duplicate_, block);
}

std::uint8_t ReceivedBlocks::fitting(bool beside_timestamps) const {
  const std::uint32_t room = kOptionSpace - (beside_timestamps ? kTimestamps : 0) - kSackHead;
  return static_cast<std::uint8_t>(
      std::min<std::uint32_t>(count_ + (has_duplicate_ ? 1u : 0u), room / kSackBlock));
}

std::uint32_t ReceivedBlocks::option_bytes(bool beside_timestamps) const {
  const std::uint32_t blocks = fitting(beside_timestamps);
  return blocks == 0 ? 0 : kSackHead + kSackBlock * blocks;
}

void ReceivedBlocks::tell(TcpOptions& options) {
  options.sack_count = fitting(options.has_timestamps);
  std::uint8_t told = 0;
  if (has_duplicate_ && options.sack_count > 0) options.sack[told++] = duplicate_;
  for (std::uint8_t at = 0; told < options.sack_count; ++at) options.sack[told++] = blocks_[at];
  has_duplicate_ = false;
}

}  // namespace stackscope
