#include "kernel_model/net/stream.hpp"

#include <algorithm>
#include <cassert>

namespace stackscope {

StreamId StreamStore::open() {
  streams_.push_back(std::make_unique<Stream>());
  ++live_;
  return StreamId{static_cast<std::uint32_t>(streams_.size())};
}

bool StreamStore::hold(StreamId stream) {
  Stream* s = find(stream);
  if (s != nullptr) ++s->holders;
  return s != nullptr;
}

void StreamStore::let_go(StreamId stream) {
  assert(at(stream).holders > 0);
  if (--at(stream).holders > 0) return;
  if (const StreamId reply = at(stream).reply) let_go(reply);
  streams_[stream.value - 1].reset();
  --live_;
}

StreamId StreamStore::reply_to(StreamId stream) {
  if (find(stream) == nullptr) return {};
  const StreamId old = at(stream).reply;
  if (old && end(old) == 0) return old;
  if (old) let_go(old);
  return at(stream).reply = open();
}

void StreamStore::append(StreamId stream, std::span<const std::byte> bytes) {
  Stream& s = at(stream);
  const bool joins = !s.runs.empty() && s.runs.back().offset + s.runs.back().bytes.size() == s.end;
  if (!joins) s.runs.push_back({s.end, {}});
  s.runs.back().bytes.insert(s.runs.back().bytes.end(), bytes.begin(), bytes.end());
  s.end += bytes.size();
}

bool StreamStore::has(StreamId stream, std::uint64_t offset, std::uint64_t length) const {
  const Stream* const s = find(stream);
  return s != nullptr && offset >= s->trimmed && offset <= s->end && length <= s->end - offset;
}

void StreamStore::content(StreamId stream, std::uint64_t offset, std::span<std::byte> out) const {
  const Stream& s = at(stream);
  const std::uint64_t until = offset + out.size();
  assert(offset >= s.trimmed && until <= s.end);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = pattern_byte(offset + i);
  for (const Run& run : s.runs) {
    const std::uint64_t from = std::max(offset, run.offset);
    const std::uint64_t to = std::min(until, run.offset + run.bytes.size());
    if (from >= to) continue;
    const auto source = run.bytes.begin() + static_cast<std::ptrdiff_t>(from - run.offset);
    std::copy_n(source, to - from, out.begin() + static_cast<std::ptrdiff_t>(from - offset));
  }
}

void StreamStore::trim(StreamId stream, std::uint64_t offset) {
  if (find(stream) == nullptr) return;
  Stream& s = at(stream);
  s.trimmed = std::max(s.trimmed, offset);
  // A run goes as a whole, once it was read; where it goes on growing, its front goes when that is most of
  // it.
  while (!s.runs.empty() && s.runs.front().offset + s.runs.front().bytes.size() <= s.trimmed) {
    s.runs.pop_front();
  }
  if (s.runs.empty() || s.runs.front().offset >= s.trimmed) return;
  Run& first = s.runs.front();
  const std::uint64_t read = s.trimmed - first.offset;
  if (read * 2 < first.bytes.size()) return;
  first.bytes.erase(first.bytes.begin(), first.bytes.begin() + static_cast<std::ptrdiff_t>(read));
  first.offset = s.trimmed;
}

}  // namespace stackscope
