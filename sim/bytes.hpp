#pragma once
// Little-endian bytes: storing, loading, and a reader that never believes a length.

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stackscope {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

/// A recording that cannot be read or written: why, and at which byte of the file.
class RecordingError : public std::runtime_error {
 public:
  RecordingError(std::string reason, std::uint64_t offset)
      : std::runtime_error(printable(std::move(reason)) + " (at byte " + std::to_string(offset) + ")"),
        offset_(offset) {}
  std::uint64_t offset() const { return offset_; }

 private:
  // A reason may quote a damaged file; what() ends at the first zero, and a terminal obeys what it is sent.
  static std::string printable(std::string text) {
    for (char& c : text) c = static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    return text;
  }

  std::uint64_t offset_;
};

namespace detail {

template <std::unsigned_integral T>
T little_endian(T value) {
  if constexpr (std::endian::native == std::endian::little || sizeof(T) == 1) return value;
  T swapped = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    swapped = static_cast<T>(swapped | (((value >> (8 * i)) & 0xff) << (8 * (sizeof(T) - 1 - i))));
  }
  return swapped;
}

}  // namespace detail

template <std::unsigned_integral T>
void store(std::byte* out, T value) {
  value = detail::little_endian(value);
  std::memcpy(out, &value, sizeof value);
}

template <std::unsigned_integral T>
T load(const std::byte* in) {
  T value;
  std::memcpy(&value, in, sizeof value);
  return detail::little_endian(value);
}

/// Appends to a vector.
class ByteWriter {
 public:
  explicit ByteWriter(Bytes& out) : out_(out) {}

  template <std::unsigned_integral T>
  void put(T value) {
    out_.resize(out_.size() + sizeof value);
    store(out_.data() + out_.size() - sizeof value, value);
  }
  void put_bytes(ByteView bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  /// Length (32 bits) and bytes.
  void put_block(ByteView bytes) { put(static_cast<std::uint32_t>(bytes.size())), put_bytes(bytes); }
  void put_text(std::string_view text) { put_block(std::as_bytes(std::span(text))); }

 private:
  Bytes& out_;
};

/// Takes bytes apart; whatever is not there is a RecordingError at `origin` + position.
class ByteReader {
 public:
  explicit ByteReader(ByteView in, std::uint64_t origin = 0) : in_(in), origin_(origin) {}

  template <std::unsigned_integral T>
  T take() {
    return load<T>(take_bytes(sizeof(T)).data());
  }
  ByteView take_bytes(std::size_t count) {
    if (count > in_.size() - at_) fail("data end too early");
    at_ += count;
    return in_.subspan(at_ - count, count);
  }
  ByteView take_block() { return take_bytes(take<std::uint32_t>()); }
  std::string_view take_text() {
    const ByteView bytes = take_block();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  std::size_t left() const { return in_.size() - at_; }
  void expect_end() const {
    if (left() != 0) fail("data go on after their end");
  }
  [[noreturn]] void fail(const std::string& reason) const { throw RecordingError(reason, origin_ + at_); }

 private:
  ByteView in_;
  std::uint64_t origin_;
  std::size_t at_ = 0;
};

}  // namespace stackscope
