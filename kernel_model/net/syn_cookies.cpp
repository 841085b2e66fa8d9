#include "kernel_model/net/syn_cookies.hpp"

#include <array>

namespace stackscope {

namespace {

constexpr std::uint32_t kCookieBits = 24, kCookieMask = (1U << kCookieBits) - 1;
constexpr std::uint32_t kMaxAge = 2;  // minutes. Linux: MAX_SYNCOOKIE_AGE

// The sizes that are met most. Linux: msstab
constexpr std::array<std::uint16_t, 4> kSizes{536, 1300, 1440, 1460};
constexpr std::array<std::uint16_t, 4> kSizesOfIpv6{1280 - 60, 1480 - 60, 1500 - 60, 9000 - 60};

const auto& sizes_for(const FourTuple& tuple) { return is_ipv6(tuple.local_address) ? kSizesOfIpv6 : kSizes; }

// The lowest bits of a timestamp. Linux: TS_OPT_WSCALE_MASK, TS_OPT_SACK, TSBITS
constexpr std::uint32_t kScaleMask = 0xf, kNoScale = 0xf, kSackBit = 1U << 4, kOptionBits = 6;

}  // namespace

std::uint32_t SynCookies::mask(const FourTuple& tuple, std::uint32_t minute) const {
  return hash_of(tuple, secret_ ^ (minute + std::uint64_t{1}) * 0x9e3779b97f4a7c15u);
}

std::uint32_t SynCookies::make(const FourTuple& tuple, std::uint32_t peer_isn, std::uint32_t minute,
                               std::uint16_t& mss) const {
  const auto& sizes = sizes_for(tuple);
  std::uint32_t index = sizes.size() - 1;
  while (index > 0 && mss < sizes[index]) --index;
  mss = sizes[index];
  return base(tuple) + peer_isn + (minute << kCookieBits) + ((mask(tuple, minute) + index) & kCookieMask);
}

std::uint16_t SynCookies::check(const FourTuple& tuple, std::uint32_t peer_isn, std::uint32_t minute,
                                std::uint32_t cookie) const {
  cookie -= base(tuple) + peer_isn;
  const std::uint32_t age = (minute - (cookie >> kCookieBits)) & (~std::uint32_t{0} >> kCookieBits);
  if (age >= kMaxAge) return 0;
  const std::uint32_t index = (cookie - mask(tuple, minute - age)) & kCookieMask;
  const auto& sizes = sizes_for(tuple);
  return index < sizes.size() ? sizes[index] : 0;
}

std::uint32_t cookie_timestamp(const TcpOptions& of_syn, std::uint32_t now) {
  std::uint32_t options =
      of_syn.window_scale >= 0 ? static_cast<std::uint32_t>(of_syn.window_scale) : kNoScale;
  if (of_syn.sack_permitted) options |= kSackBit;
  const std::uint32_t stamp = (now >> kOptionBits << kOptionBits) | options;
  return after(stamp, now) ? stamp - (1U << kOptionBits) : stamp;
}

void decode_cookie_timestamp(std::uint32_t tsecr, TcpOptions& of_syn) {
  const std::uint32_t scale = tsecr & kScaleMask;
  of_syn.window_scale = scale == kNoScale ? std::int8_t{-1} : static_cast<std::int8_t>(scale);
  of_syn.sack_permitted = (tsecr & kSackBit) != 0;
}

void SynQueueOverflow::note(Jiffies now, Hz hz) {
  if (!last_ || now - *last_ > hz.value) last_ = now;
}

bool SynQueueOverflow::is_recent(Jiffies now, Hz hz) const {
  return last_ && now - *last_ <= std::int64_t{kMaxAge} * 60 * hz.value;
}

}  // namespace stackscope
