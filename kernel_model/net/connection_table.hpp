#pragma once
// Who a segment is for: everything that has both addresses and both ports, found by them.
//
// Linux: net/ipv4/inet_hashtables.c __inet_lookup_established(); the table `ehash`
// Invariant: at most one entry for a tuple. Nobody ever walks the table, so its order is nobody's business.
// Differs: the table grows with its content. Linux sizes it at boot; a flood would notice longer chains
// there.

#include <cstdint>
#include <vector>

#include "kernel_model/vocabulary/ids.hpp"

namespace stackscope {

struct FourTuple {
  std::uint32_t local_address = 0, remote_address = 0;
  std::uint16_t local_port = 0, remote_port = 0;
  constexpr auto operator<=>(const FourTuple&) const = default;
};

/// Linux: inet_ehashfn(), with a secret of the host.
std::uint32_t hash_of(const FourTuple& tuple, std::uint64_t secret);

/// What a table holds. Linux: struct sock_common, shared by full, request and time-wait sockets.
struct ConnectionEntry {
  enum class Kind : std::uint8_t { kSocket, kRequest, kTimeWait };
  explicit ConnectionEntry(Kind k) : kind(k) {}

  FourTuple tuple;
  ConnectionEntry* next_in_bucket = nullptr;
  const Kind kind;
  bool is_hashed = false;
};

class ConnectionTable {
 public:
  explicit ConnectionTable(std::uint64_t secret) : secret_(secret), buckets_(64) {}

  ConnectionEntry* find(const FourTuple& tuple) const;
  /// REQUIRES: no entry has this tuple.
  void insert(ConnectionEntry& entry);
  /// Nothing happens if it is not in the table.
  void remove(ConnectionEntry& entry);
  std::uint32_t size() const { return size_; }
  std::uint64_t secret() const { return secret_; }

 private:
  std::size_t bucket_of(const FourTuple& tuple) const {
    return hash_of(tuple, secret_) & (buckets_.size() - 1);
  }
  void grow();

  std::uint64_t secret_;
  std::vector<ConnectionEntry*> buckets_;  // a power of two
  std::uint32_t size_ = 0;
};

}  // namespace stackscope
