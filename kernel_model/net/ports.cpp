#include "kernel_model/net/ports.hpp"

#include <cassert>

namespace stackscope {

Ports::Ports(RandomStream& random) : random_(random), secret_(random.next()) {
  for (std::uint32_t& offset : perturb_) offset = static_cast<std::uint32_t>(random.next());
}

bool Ports::conflicts(std::uint16_t port, PortClaim claim) const {
  const auto found = held_.find(port);
  if (found == held_.end()) return false;
  for (std::size_t i = 0; i < found->second.size(); ++i) {
    if (found->second[i] > 0 && claim.conflicts_with(PortClaim::at(i))) return true;
  }
  return false;
}

void Ports::release(std::uint16_t port, PortClaim claim) {
  const auto found = held_.find(port);
  assert(found != held_.end() && found->second[claim.index()] > 0);
  --found->second[claim.index()];
  if (found->second == std::array<std::uint32_t, 8>{}) held_.erase(found);
}

std::uint16_t Ports::find_for_bind(const Sysctls& sysctls, PortClaim claim) {
  const std::uint32_t low = sysctls.ip_local_port_first;
  const std::uint32_t count = (sysctls.ip_local_port_last - low + 1u) & ~1u;
  const auto offset = static_cast<std::uint32_t>(random_.below(count)) | 1u;
  for (const std::uint32_t parity : {0u, 1u}) {
    for (std::uint32_t i = 0; i < count; i += 2) {
      const auto port = static_cast<std::uint16_t>(low + (offset - parity + i) % count);
      if (!conflicts(port, claim)) return port;
    }
  }
  return 0;
}

std::uint16_t Ports::find_for_connect(const Sysctls& sysctls, FourTuple tuple, const ConnectionTable& table) {
  const std::uint32_t low = sysctls.ip_local_port_first;
  std::uint32_t count = sysctls.ip_local_port_last - low + 1u;
  if (count > 1) count &= ~1u;
  tuple.local_port = 0;
  const std::uint32_t hash = hash_of(tuple, secret_);
  std::uint32_t& perturb = perturb_[hash & (perturb_.size() - 1)];
  const std::uint32_t offset = ((perturb + (hash >> 8)) % count) & ~1u;
  for (const std::uint32_t parity : {0u, 1u}) {
    for (std::uint32_t i = 0; i < count; i += 2) {
      tuple.local_port = static_cast<std::uint16_t>(low + (offset + parity + i) % count);
      // A port that somebody holds by bind() is left alone; one that connections use serves other peers, too.
      if (held_.contains(tuple.local_port) || table.find(tuple) != nullptr) continue;
      perturb += i + 2;
      return tuple.local_port;
    }
  }
  return 0;
}

}  // namespace stackscope
