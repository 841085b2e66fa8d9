#include "kernel_model/net/connection_table.hpp"

#include <cassert>
#include <utility>

namespace stackscope {

std::uint32_t hash_of(const FourTuple& t, std::uint64_t secret) {
  const auto mix = [](std::uint64_t x) {  // splitmix64's finalizer
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  };
  const std::uint64_t addresses = std::uint64_t{t.local_address} << 32 | t.remote_address;
  const std::uint64_t ports = std::uint64_t{t.local_port} << 16 | t.remote_port;
  return static_cast<std::uint32_t>(mix(mix(addresses + secret) ^ (ports * 0x9e3779b97f4a7c15u)) >> 32);
}

ConnectionEntry* ConnectionTable::find(const FourTuple& tuple) const {
  ConnectionEntry* entry = buckets_[bucket_of(tuple)];
  while (entry != nullptr && entry->tuple != tuple) entry = entry->next_in_bucket;
  return entry;
}

void ConnectionTable::insert(ConnectionEntry& entry) {
  assert(!entry.is_hashed && find(entry.tuple) == nullptr);
  if (size_ == buckets_.size()) grow();
  ConnectionEntry*& head = buckets_[bucket_of(entry.tuple)];
  entry.next_in_bucket = std::exchange(head, &entry);
  entry.is_hashed = true;
  ++size_;
}

void ConnectionTable::remove(ConnectionEntry& entry) {
  if (!entry.is_hashed) return;
  ConnectionEntry** link = &buckets_[bucket_of(entry.tuple)];
  while (*link != &entry) link = &(*link)->next_in_bucket;
  *link = std::exchange(entry.next_in_bucket, nullptr);
  entry.is_hashed = false;
  --size_;
}

void ConnectionTable::grow() {
  std::vector<ConnectionEntry*> old(buckets_.size() * 2);
  old.swap(buckets_);
  for (ConnectionEntry* entry : old) {
    while (entry != nullptr) {
      ConnectionEntry*& head = buckets_[bucket_of(entry->tuple)];
      ConnectionEntry* const next = std::exchange(entry->next_in_bucket, head);
      head = entry;
      entry = next;
    }
  }
}

}  // namespace stackscope
