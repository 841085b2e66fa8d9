// Sending and receiving on a TCP socket, with their waiting.
//
// Linux: net/ipv4/tcp.c tcp_sendmsg_locked(), tcp_recvmsg_locked(), tcp_recv_urg(); net/core/stream.c sk_stream_error(),
//        sk_stream_wait_connect(), sk_stream_wait_memory(); net/core/sock.c sk_wait_data()

#include <algorithm>
#include <climits>
#include <cstring>
#include <sys/epoll.h>

#include "kernel_model/files/tcp_socket_file.hpp"

namespace stackscope {

// --- receiving -------------------------------------------------------------------------------------------------------

std::int64_t TcpSocketFile::receive(IncomingMessage& message) {
  charge(costs_.receive);
  if ((message.flags & MSG_ERRQUEUE) != 0) return -EAGAIN;  // nothing ever lies there
  own();
  const std::int64_t count = receive_owned(message);
  disown();
  scheduler().trace().emit(SockRecvLength{tcp_->id(), count});
  return count;
}

std::int64_t TcpSocketFile::receive_owned(IncomingMessage& message) {
  if (tcp_->is_listening()) return -ENOTCONN;
  if ((message.flags & MSG_OOB) != 0) return receive_urgent(message);
  const std::size_t length = total_size(message.parts);
  std::uint64_t left = patience(tcp_->options().rcvtimeo, message.flags);
  const std::size_t lowat =
      (message.flags & MSG_WAITALL) != 0 ? length : static_cast<std::size_t>(tcp_->options().rcvlowat);
  const std::size_t target = std::max<std::size_t>(std::min(length, lowat), 1);
  std::size_t copied = 0;
  for (;;) {
    const ReadResult some = read_some(message.parts, message.flags, copied);
    if (some.count < 0 && some.count != -EAGAIN)
      return copied > 0 ? static_cast<std::int64_t>(copied) : some.count;
    const bool is_answer = some.count >= 0;
    if (is_answer) copied += static_cast<std::size_t>(some.count);
    if ((is_answer && copied >= length) || copied >= target || (is_answer && some.is_complete)) break;
    if (copied > 0 && some.is_complete) break;
    const std::uint32_t seen = tcp_->receiving().rcv_nxt;
    const int waited = left == 0 ? -EAGAIN
                                 : wait_until(
                                       [this, seen] {
                                         return tcp_->receiving().rcv_nxt != seen || tcp_->error() != 0 ||
                                                tcp_->shutdown_state().receive || is_over(tcp_->state());
                                       },
                                       WaitReason::kData, false, left);
    if (waited < 0) return copied > 0 ? static_cast<std::int64_t>(copied) : waited;
  }
  return static_cast<std::int64_t>(copied);
}

// TCP fills a row of bytes; nothing comes in while the socket is owned, so what is unread now bounds it.
ReadResult TcpSocketFile::read_some(std::span<const Buffer> parts, int flags, std::size_t copied) {
  const ReadHow how{(flags & MSG_PEEK) != 0, static_cast<std::uint32_t>(copied)};
  const std::size_t length = total_size(parts) - copied;
  const bool drops = (flags & MSG_TRUNC) != 0;
  if (drops) return tcp_->read(length, nullptr, how);
  if (parts.size() == 1) {
    std::byte* const to = parts.front().data;
    return tcp_->read(length, to == nullptr ? nullptr : to + copied, how);
  }
  const std::uint32_t there = tcp_->receiving().rcv_nxt - tcp_->receiving().copied_seq;
  parts_.resize(std::min<std::size_t>(length, there) + 1);
  const ReadResult result = tcp_->read(length, parts_.data(), how);
  if (result.count > 0) {
    scatter(std::span{parts_}.first(static_cast<std::size_t>(result.count)), parts, copied);
  }
  return result;
}

std::int64_t TcpSocketFile::receive_urgent(IncomingMessage& message) {
  std::byte byte{};
  const std::int64_t count = tcp_->receive_urgent(byte, (message.flags & MSG_PEEK) != 0);
  if (count != 1) return count;
  message.result_flags |= MSG_OOB;
  if (total_size(message.parts) == 0) {
    message.result_flags |= MSG_TRUNC;
    return 0;
  }
  if ((message.flags & MSG_TRUNC) == 0) scatter({&byte, 1}, message.parts, 0);
  return 1;
}

// --- sending ---------------------------------------------------------------------------------------------------------

std::int64_t TcpSocketFile::send(const OutgoingMessage& message) {
  charge(costs_.send);
  if ((message.flags & MSG_FASTOPEN) != 0) return -EOPNOTSUPP;
  own();
  const std::int64_t result = send_owned(message);
  disown();
  scheduler().trace().emit(SockSendLength{tcp_->id(), result});
  return result;
}

// A blocking send returns when everything was taken.
std::int64_t TcpSocketFile::send_owned(const OutgoingMessage& message) {
  const std::size_t length = total_size(message.parts);
  std::uint64_t left = patience(tcp_->options().sndtimeo, message.flags);
  std::size_t taken = 0;
  std::int64_t result = 0;
  for (;;) {
    result = send_some(message, taken);
    if (result > 0) taken += static_cast<std::size_t>(result);
    if ((result >= 0 && taken == length) || left == 0 || (result < 0 && result != -EAGAIN)) break;
    const int waited =
        wait_until([this] { return (tcp_->poll_events() & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0; },
                   WaitReason::kSpace, false, left);
    // An error after some bytes is left for the next call. Linux: sk_stream_wait_memory()
    if (waited < 0 || (taken > 0 && tcp_->error() != 0)) {
      result = waited;
      break;
    }
  }
  return taken > 0 ? static_cast<std::int64_t>(taken) : result;
}

// What comes after the first `taken` bytes, in one send. A call whose parts are all null is of the stream's pattern; among
// others, a null part is zeros.
std::int64_t TcpSocketFile::send_some(const OutgoingMessage& message, std::size_t taken) {
  const std::span<const ConstBuffer> parts = message.parts;
  const SendHow how{(message.flags & MSG_MORE) != 0, (message.flags & MSG_OOB) != 0,
                    (message.flags & MSG_EOR) != 0};
  const std::size_t left = total_size(parts) - taken;
  const bool is_pattern =
      std::ranges::all_of(parts, [](const ConstBuffer& part) { return part.data == nullptr; });
  if (is_pattern) return tcp_->send(SendData::pattern(left), how);
  if (parts.size() == 1) return tcp_->send(SendData{parts.front().data + taken, left}, how);
  parts_.assign(left, std::byte{0});
  std::size_t at = 0;
  for (const ConstBuffer& part : parts) {
    const std::size_t skip = std::min(part.size, taken);
    taken -= skip;
    if (part.data != nullptr)
      std::copy(part.data + skip, part.data + part.size, parts_.begin() + static_cast<std::ptrdiff_t>(at));
    at += part.size - skip;
  }
  return tcp_->send(SendData{parts_.data(), left}, how);
}

}  // namespace stackscope
