#include "kernel_model/net/ports.hpp"

#include <algorithm>
#include <cassert>

namespace stackscope {

PortRange local_port_range(const Sysctls& sysctls, int own) {
  PortRange range{sysctls.ip_local_port_first, sysctls.ip_local_port_last, own != 0};
  const auto first = static_cast<std::uint16_t>(own), last = static_cast<std::uint16_t>(own >> 16);
  const PortRange host = range;
  if (host.first <= first && first <= host.last) range.first = first;
  if (host.first <= last && last <= host.last) range.last = last;
  return range;
}

Ports::Ports(RandomStream& random) : random_(random), secret_(random.next()) {
  for (std::uint32_t& offset : perturb_) offset = static_cast<std::uint32_t>(random.next());
}

bool Ports::conflicts(std::uint16_t port, const PortClaim& claim) const {
  const auto found = held_.find(port);
  return found != held_.end() && std::ranges::any_of(found->second, [&](const Holders& holders) {
           return claim.conflicts_with(holders.claim);
         });
}

bool Ports::is_free(std::uint16_t port, const PortClaim& claim) const {
  const auto found = held_.find(port);
  return found == held_.end() || std::ranges::none_of(found->second, [&](const Holders& holders) {
           return claim.overlaps(holders.claim);
         });
}

bool Ports::is_free_for_connect(std::uint16_t port) const {
  const auto found = held_.find(port);
  return found == held_.end() ||
         std::ranges::all_of(found->second, [](const Holders& holders) { return holders.claim.by_connect; });
}

void Ports::claim(std::uint16_t port, const PortClaim& claim) {
  std::vector<Holders>& holders = held_[port];
  const auto same = std::ranges::find(holders, claim, &Holders::claim);
  same == holders.end() ? holders.push_back({claim, 1}) : void(++same->count);
}

void Ports::release(std::uint16_t port, const PortClaim& claim) {
  const auto found = held_.find(port);
  assert(found != held_.end());
  const auto same = std::ranges::find(found->second, claim, &Holders::claim);
  assert(same != found->second.end());
  if (--same->count == 0) found->second.erase(same);
  if (found->second.empty()) held_.erase(found);
}

std::uint16_t Ports::find_for_bind(PortRange range, const PortClaim& claim) {
  const std::uint32_t count = range.last - range.first + 1u;
  if (!claim.reuse_address || count < 4) return find_odd_first(range, claim);
  const auto half = static_cast<std::uint16_t>(range.first + (count >> 2 << 1));
  const auto below = static_cast<std::uint16_t>(half - 1);
  if (const std::uint16_t port = find_odd_first({range.first, below, range.is_own}, claim)) return port;
  return find_odd_first({half, range.last, range.is_own}, claim);
}

std::uint16_t Ports::find_odd_first(PortRange range, const PortClaim& claim) {
  const std::uint32_t low = range.first;
  std::uint32_t count = range.last - low + 1u;
  if (count > 1) count &= ~1u;
  const auto offset = static_cast<std::uint32_t>(random_.below(count)) | 1u;
  for (const std::uint32_t parity : {0u, 1u}) {
    for (std::uint32_t i = 0; i < count; i += 2) {
      const auto port = static_cast<std::uint16_t>(low + (offset - parity + i) % count);
      if (is_free(port, claim)) return port;
    }
  }
  return 0;
}

std::uint16_t Ports::find_for_connect(PortRange range, FourTuple tuple,
                                      const std::function<bool(const FourTuple&)>& is_unique) {
  const std::uint32_t low = range.first, step = range.is_own ? 1 : 2;
  std::uint32_t count = range.last - low + 1u;
  if (step == 2 && count > 1) count &= ~1u;
  tuple.local_port = 0;
  const std::uint32_t hash = hash_of(tuple, secret_);
  std::uint32_t& perturb = perturb_[hash & (perturb_.size() - 1)];
  const std::uint32_t offset = ((perturb + (hash >> 8)) % count) & ~(step - 1);
  for (std::uint32_t parity = 0; parity < step; ++parity) {
    for (std::uint32_t i = 0; i < count; i += step) {
      tuple.local_port = static_cast<std::uint16_t>(low + (offset + parity + i) % count);
      if (!is_free_for_connect(tuple.local_port) || !is_unique(tuple)) continue;
      perturb += i + step;
      return tuple.local_port;
    }
  }
  return 0;
}

}  // namespace stackscope
