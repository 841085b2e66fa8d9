// Streams of Unix sockets.
//
// Linux: net/unix/af_unix.c unix_stream_sendmsg(), queue_oob(), unix_stream_read_generic(), unix_stream_data_wait(),
//        manage_oob(), unix_stream_recv_urg()

#include <algorithm>
#include <cassert>
#include <iterator>

#include "kernel_model/files/unix_memory.hpp"
#include "kernel_model/files/unix_socket_file.hpp"
#include "sim/mutant.hpp"

namespace stackscope {

namespace {

constexpr std::size_t kMostInPages = 32768;  // Linux: UNIX_SKB_FRAGS_SZ

}  // namespace

// --- sending ---------------------------------------------------------------------------------------------------------

std::int64_t UnixSocketFile::send_stream(const OutgoingMessage& message) {
  std::size_t size = total_size(message.parts);
  const bool is_urgent = (message.flags & MSG_OOB) != 0;
  if (is_urgent && size-- == 0) return -EOPNOTSUPP;
  if (message.to != nullptr) return is_connected_ ? -EISCONN : -EOPNOTSUPP;
  if (peer_ == nullptr) return -ENOTCONN;
  if ((shutdown_ & kSend) != 0) return -EPIPE;
  std::size_t sent = 0;
  int error = 0;
  while (error == 0 && sent < size) {
    // Two messages find room, so that a reader has one while the next is written.
    const std::size_t length =
        std::min({size - sent, std::size_t{sndbuf_} / 2 - 64, kMostInHead + kMostInPages});
    error = wait_for_space(message.flags);
    if (error != 0) break;
    charge_copy(length);
    UnixSocketFile* const other = peer_->file;
    if (other == nullptr || (other->shutdown_ & kReceive) != 0) {
      error = -EPIPE;
      break;
    }
    const std::size_t in_pages = length > kMostInHead ? page_aligned(length - kMostInHead) : 0;
    enqueue(*other, message, sent, length, message_truesize(length, in_pages), sent == 0);
    sent += length;
  }
  if (error == 0 && is_urgent) {
    error = send_urgent(message, sent, sent == 0);
    if (error == 0) ++sent;
  }
  return sent > 0 ? static_cast<std::int64_t>(sent) : error;
}

// The last byte, in a message of its own. Linux: queue_oob()
int UnixSocketFile::send_urgent(const OutgoingMessage& message, std::size_t at, bool with_rights) {
  if (const int error = wait_for_space(message.flags)) return error;
  UnixSocketFile* const other = peer_->file;
  if (other == nullptr || (other->shutdown_ & kReceive) != 0) return -EPIPE;
  other->urgent_ = other->messages_ + 1;
  enqueue(*other, message, at, 1, message_truesize(1, 0), with_rights);
  return 0;
}

// --- receiving -------------------------------------------------------------------------------------------------------

std::int64_t UnixSocketFile::receive_stream(IncomingMessage& message) {
  if (!is_connected_) return -EINVAL;
  if ((message.flags & MSG_OOB) != 0) return receive_urgent(message);
  const std::size_t size = total_size(message.parts);
  const auto lowat = static_cast<std::size_t>(options_.get().rcvlowat);
  const std::size_t enough = (message.flags & MSG_WAITALL) != 0 ? size : std::min(size, lowat);
  Reading reading{message, size, std::max<std::size_t>(enough, 1)};
  std::uint64_t left = patience(options_.get().rcvtimeo, message.flags);
  for (;;) {
    iolock_.lock(scheduler());
    const bool must_wait = read_queue(reading);
    iolock_.unlock(scheduler());
    let_go_dropped();
    if (!must_wait) break;
    if (left == 0) {
      reading.error = -EAGAIN;
      break;
    }
    const auto has_news = [&] {
      const std::uint64_t newest = queue_.empty() ? 0 : queue_.back().number;
      return newest != reading.last || error_ != 0 || (shutdown_ & kReceive) != 0;
    };
    if (wait_until(has_news, WaitReason::kData, false, left) == -EINTR) {
      reading.error = -EINTR;
      break;
    }
  }
  return reading.copied > 0 ? static_cast<std::int64_t>(reading.copied) : reading.error;
}

// Takes what is there, or with MSG_PEEK looks at one message after the other. Returns whether the read must wait for more.
bool UnixSocketFile::read_queue(Reading& reading) {
  do {
    reading.last = queue_.empty() ? 0 : queue_.front().number;
    auto at = queue_.begin();
    bool has_rights = false;
    do {
      if (at != queue_.end()) {
        at = pass_urgent(at, reading);
        if (at == queue_.end() && reading.copied > 0) return false;
      }
      if (at == queue_.end()) return lacks_data(reading);
      copy(*at, reading);
      has_rights = !at->rights.empty();
      if (has_rights) hand_over_rights(*at, reading.message, reading.peeks());
      if (reading.peeks() && (has_rights || ++at == queue_.end())) return false;
    } while (reading.peeks());
    if (at->left() > 0) return changed(), false;
    remove(at);
    if (has_rights && !MUTANT("descriptors do not end a read")) return false;
  } while (reading.copied < reading.size);
  return false;
}

// Returns whether the read must wait. The order is POSIX's: data, errors, the end.
bool UnixSocketFile::lacks_data(Reading& reading) {
  if (reading.copied >= reading.target) return false;
  if (error_ != 0) return reading.error = -take_error(), false;
  return (shutdown_ & kReceive) == 0;
}

void UnixSocketFile::copy(Message& message, Reading& reading) {
  const std::size_t chunk = std::min(message.left(), reading.size - reading.copied);
  charge_copy(chunk);
  scatter(std::span{message.bytes}.subspan(message.consumed, chunk), reading.message.parts, reading.copied);
  reading.copied += chunk;
  if (reading.peeks()) return;
  message.consumed += chunk;
  queued_ -= chunk;
}

// The message to read where `at` may be the urgent one, which ends a read that has begun and is otherwise left out, or what
// it left behind. Linux: manage_oob()
UnixSocketFile::Queue::iterator UnixSocketFile::pass_urgent(Queue::iterator at, const Reading& reading) {
  if (at->left() > 0 && at->number != urgent_) return at;
  if (at->left() == 0) {  // it was taken with MSG_OOB
    if (reading.copied > 0 && (urgent_ == 0 || at->number == urgent_)) return queue_.end();
    const auto taken = at++;
    if (!reading.peeks()) remove(taken);
    if (at == queue_.end()) return at;
  }
  if (at->number != urgent_) return at;
  if (reading.copied > 0) return queue_.end();
  const bool is_inline = options_.get().oobinline != 0;
  if (reading.peeks()) return is_inline ? at : std::next(at);
  urgent_ = 0;
  if (is_inline) return at;
  drop(*at);
  ++left_out_;
  remove(at);
  return queue_.begin();
}

// Linux: unix_stream_recv_urg()
std::int64_t UnixSocketFile::receive_urgent(IncomingMessage& message) {
  iolock_.lock(scheduler());
  std::int64_t result = -EINVAL;
  if (options_.get().oobinline == 0 && urgent_ != 0) {
    const auto at = std::ranges::find(queue_, urgent_, &Message::number);
    assert(at != queue_.end());
    const bool peeks = (message.flags & MSG_PEEK) != 0;
    const std::size_t room = total_size(message.parts);
    scatter(std::span{at->bytes}.first(std::min<std::size_t>(room, 1)), message.parts);
    message.result_flags |= MSG_OOB;
    if (!peeks) {
      urgent_ = 0;
      at->consumed = 1, --queued_;
      if (at != queue_.begin() && std::prev(at)->left() == 0) remove(std::prev(at));
      changed();
    }
    result = 1;
  }
  iolock_.unlock(scheduler());
  return result;
}

}  // namespace stackscope
