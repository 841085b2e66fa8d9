// Datagrams and sequenced packets of Unix sockets: whole messages.
//
// Linux: net/unix/af_unix.c unix_dgram_sendmsg(), unix_seqpacket_sendmsg(), __unix_dgram_recvmsg(),
//        unix_seqpacket_recvmsg(), unix_dgram_connect(), unix_dgram_disconnected(); net/core/datagram.c
//        __skb_try_recv_datagram(), __skb_wait_for_more_packets()

#include <algorithm>
#include <iterator>
#include <sys/epoll.h>

#include "kernel_model/files/unix_memory.hpp"
#include "kernel_model/files/unix_socket_file.hpp"
#include "sim/mutant.hpp"

namespace stackscope {

namespace {

constexpr std::size_t kMostInOneBlock = 4 * kPage - kSharedInfo;  // Linux: SKB_MAX_ALLOC
constexpr std::size_t kMostInPages = 17 * kPage;                  // Linux: MAX_SKB_FRAGS pages

}  // namespace

// Linux: unix_seqpacket_sendmsg() looks at the connection first, then scm_send() at descriptors
int UnixSocketFile::takes_rights() {
  if (kind_ != Kind::kSeqpacket) return 1;
  if (error_ != 0) return -take_error();
  return is_connected_ ? 1 : -ENOTCONN;
}

std::int64_t UnixSocketFile::send_datagram(const OutgoingMessage& message) {
  if (const int may = takes_rights(); may < 0) return may;
  if ((message.flags & MSG_OOB) != 0) return -EOPNOTSUPP;
  if (message.to != nullptr && is_datagram()) return message.to->family() == AF_UNIX ? -ENOSYS : -EINVAL;
  const std::size_t length = total_size(message.parts);
  if (length > sndbuf_ - 32) return -EMSGSIZE;
  if (const int error = wait_for_space(message.flags)) return error;
  charge_copy(length);
  if (peer_ == nullptr) return -ENOTCONN;
  UnixSocketFile* const other = peer_->file;
  if (other == nullptr) {
    if (!is_datagram()) return -EPIPE;
    disconnect();
    return -ECONNREFUSED;
  }
  if ((other->shutdown_ & kReceive) != 0) return -EPIPE;
  const std::size_t beyond = length > kMostInOneBlock ? length - kMostInOneBlock : 0;
  enqueue(*other, message, 0, length, message_truesize(length, page_aligned(std::min(beyond, kMostInPages))),
          true);
  return static_cast<std::int64_t>(length);
}

std::int64_t UnixSocketFile::receive_datagram(IncomingMessage& message) {
  if (kind_ == Kind::kSeqpacket && !is_connected_) return -ENOTCONN;
  if ((message.flags & MSG_OOB) != 0) return -EOPNOTSUPP;
  for (std::uint64_t left = patience(options_.get().rcvtimeo, message.flags);;) {
    iolock_.lock(scheduler());
    const std::int64_t result = take_datagram(message);
    iolock_.unlock(scheduler());
    let_go_dropped();
    if (result != -EAGAIN) return result;
    const bool is_ended = (shutdown_ & kReceive) != 0;
    if (left == 0) return is_ended && kind_ == Kind::kSeqpacket ? 0 : -EAGAIN;
    if (is_ended) return 0;
    const auto has_news = [this] { return !queue_.empty() || error_ != 0 || (shutdown_ & kReceive) != 0; };
    if (wait_until(has_news, WaitReason::kData, true, left) == -EINTR) return -EINTR;
  }
}

// −EAGAIN: there is none.
std::int64_t UnixSocketFile::take_datagram(IncomingMessage& message) {
  if (error_ != 0) return -take_error();
  if (queue_.empty()) return -EAGAIN;
  const auto at = queue_.begin();
  const std::size_t length = at->bytes.size(), room = total_size(message.parts);
  const std::size_t taken = std::min(length, room);
  charge_copy(taken);
  scatter(std::span{at->bytes}.first(taken), message.parts);
  if (taken < length) message.result_flags |= MSG_TRUNC;
  const bool peeks = (message.flags & MSG_PEEK) != 0;
  hand_over_rights(*at, message, peeks);
  if (!peeks || MUTANT("peek takes a datagram")) remove(at);
  return static_cast<std::int64_t>((message.flags & MSG_TRUNC) != 0 ? length : taken);
}

// It forgets its peer, and what came from there. Linux: unix_dgram_connect() to AF_UNSPEC
int UnixSocketFile::disconnect() {
  if (peer_ == nullptr) return 0;
  UnixSocketFile* const other = peer_->file;
  peer_ = nullptr;
  is_connected_ = false;
  if (!queue_.empty() && other != nullptr && other->peer_ == self_) {
    other->error_ = ECONNRESET;
    wake(other, EPOLLERR, 1, false);
  }
  iolock_.lock(scheduler());  // no reader is at one of them
  while (!queue_.empty()) {
    drop(queue_.front());
    remove(queue_.begin());
  }
  iolock_.unlock(scheduler());
  let_go_dropped();
  return 0;
}

}  // namespace stackscope
