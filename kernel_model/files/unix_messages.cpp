// What streams and datagrams of Unix sockets share: memory, the queue, descriptors on their way.
//
// Linux: net/core/sock.c sock_alloc_send_pskb(), sock_wait_for_wmem(), sock_wfree(); net/unix/af_unix.c
//        unix_write_space(), unix_inq_len(), unix_ioctl(); net/core/scm.c scm_fp_dup()

#include <algorithm>
#include <cassert>
#include <iterator>
#include <sys/epoll.h>

#include "kernel_model/files/unix_socket_file.hpp"
#include "sim/check_in_debug.hpp"
#include "sim/mutant.hpp"

namespace stackscope {

// Bytes as far as a sender has room: below its limit any message may begin.
int UnixSocketFile::wait_for_space(int message_flags) {
  charge(costs_.unix_message);
  for (std::uint64_t left = patience(options_.get().sndtimeo, message_flags);;) {
    if (error_ != 0) return -take_error();
    if ((shutdown_ & kSend) != 0) return -EPIPE;
    if (self_->wmem_alloc < sndbuf_) return 0;
    if (left == 0) return -EAGAIN;
    const int waited =
        wait_until([this] { return self_->wmem_alloc < sndbuf_ || (shutdown_ & kSend) != 0 || error_ != 0; },
                   WaitReason::kSpace, false, left);
    if (waited == -EINTR) return waited;
  }
}

// `length` bytes of the message from `at` on. REQUIRES: the bytes are paid for.
void UnixSocketFile::enqueue(UnixSocketFile& to, const OutgoingMessage& message, std::size_t at,
                             std::size_t length, std::uint32_t truesize, bool with_rights) {
  Message& made = to.queue_.emplace_back();
  made.number = ++to.messages_;
  made.sender = self_;
  made.bytes.resize(length);
  gather(message.parts, at, made.bytes);
  made.truesize = truesize;
  to.queued_ += length;
  self_->wmem_alloc += truesize;
  if (with_rights) {
    for (File* const file : message.rights) {
      files_.hold(*file);
      made.rights.push_back(file);
    }
  }
  to.changed();
  to.wake(&to, EPOLLIN | EPOLLPRI | EPOLLRDNORM | EPOLLRDBAND, 1, true);
}

// The sender hears of it where it is writable then.
void UnixSocketFile::remove(Queue::iterator at) {
  assert(at->rights.empty());
  charge(costs_.unix_message);
  Sock& sender = *at->sender;
  sender.wmem_alloc -= at->truesize;
  UnixSocketFile* const writer = sender.file;
  queued_ -= at->left();
  queue_.erase(at);
  if (self_->file != nullptr) changed();
  if (writer == nullptr || (!writer->is_writable() && !MUTANT("any room wakes a writer"))) return;
  wake(writer, kWriteSpace, 1, true);
}

// Another CPU may close the file meanwhile: it is held. One that is being released has nobody to wake.
void UnixSocketFile::wake(UnixSocketFile* file, Events events, int nr_exclusive, bool sync) {
  if (!file->waiting_.is_active() || file->references == 0) return;
  files_.hold(*file);
  file->waiting_.wake_up(events, nr_exclusive, sync);
  files_.let_go(*file);
}

void UnixSocketFile::state_changed() { wake(this, 0, 0, false); }

// --- descriptors -----------------------------------------------------------------------------------------------------

// To who asks for them, or nowhere.
void UnixSocketFile::hand_over_rights(Message& message, IncomingMessage& to, bool peeks) {
  if (to.rights == nullptr) return peeks ? void() : drop(message);
  std::ranges::copy(message.rights, std::back_inserter(*to.rights));
  if (peeks) {
    for (File* const file : message.rights) files_.hold(*file);
  } else {
    message.rights.clear();
  }
}

void UnixSocketFile::drop(Message& message) {
  std::ranges::copy(message.rights, std::back_inserter(dropped_));
  message.rights.clear();
}

// One at a time: another thread may be doing the same.
void UnixSocketFile::let_go_dropped() {
  while (!dropped_.empty()) {
    File* const last = dropped_.back();
    dropped_.pop_back();
    files_.let_go(*last);
  }
}

// --- what there is ---------------------------------------------------------------------------------------------------

// FIONREAD: of datagrams the next one alone. Linux: unix_inq_len()
std::size_t UnixSocketFile::unread() const {
  if (!is_datagram()) return kind_ == Kind::kStream ? queued_ + left_out_ : queued_;
  return queue_.empty() ? 0 : queue_.front().left();
}

// The next byte is the urgent one, or it was and has been taken. Linux: unix_ioctl()
bool UnixSocketFile::is_at_mark() const {
  if (queue_.empty()) return false;
  const auto first = queue_.begin(), next = std::next(first);
  if (first->number == urgent_) return true;
  return first->left() == 0 && (urgent_ == 0 || (next != queue_.end() && next->number == urgent_));
}

void UnixSocketFile::changed() {
  scheduler().trace().emit(
      UnixQueueChanged{id(), static_cast<std::uint32_t>(queued_), static_cast<std::uint32_t>(queue_.size())});
  check_in_debug(*this);
}

void UnixSocketFile::check_invariants() const {
  std::size_t sum = 0;
  for (const Message& message : queue_) sum += message.left();
  assert(sum == queued_);
  std::uint32_t own = 0;
  if (peer_ != nullptr && peer_->file != nullptr) {
    for (const Message& message : peer_->file->queue_) own += message.sender == self_ ? message.truesize : 0;
    assert(own == self_->wmem_alloc && "a sender's account is what lies at its peer's");
  }
}

}  // namespace stackscope
