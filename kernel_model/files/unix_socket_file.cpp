#include "kernel_model/files/unix_socket_file.hpp"

#include <algorithm>
#include <iterator>
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

#include "sim/mutant.hpp"

namespace stackscope {

namespace {

constexpr std::uint32_t kDefaultMemory = 212992;  // Linux: net.core.rmem_default, wmem_default

}  // namespace

UnixSocketFile::UnixSocketFile(FileId id, int flags, Files& files, const SocketCosts& costs, Kind kind)
    : SocketFile(id, flags, files.scheduler(), costs),
      files_(files),
      kind_(kind),
      rcvbuf_(kDefaultMemory),
      sndbuf_(kDefaultMemory),
      self_(std::make_shared<Sock>(Sock{.file = this})) {}

void UnixSocketFile::pair(UnixSocketFile& one, UnixSocketFile& other) {
  one.peer_ = other.self_, other.peer_ = one.self_;
  one.is_connected_ = other.is_connected_ = true;
}

// Linux: unix_poll(), unix_dgram_poll()
Events UnixSocketFile::poll(PollTable* table) {
  charge(costs_.poll);
  if (table != nullptr) table->wait_on(*this, waiting_);
  Events ready = 0;
  if (error_ != 0) ready |= EPOLLERR;
  if (shutdown_ == kBoth || (!is_datagram() && !is_connected_)) ready |= EPOLLHUP;
  if ((shutdown_ & kReceive) != 0) ready |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM;
  if (!queue_.empty()) ready |= EPOLLIN | EPOLLRDNORM;
  if (urgent_ != 0) ready |= EPOLLPRI;
  if (is_writable()) ready |= EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
  return ready;
}

int UnixSocketFile::ioctl(unsigned long request, int& value) {
  if (request != FIONREAD && request != SIOCOUTQ && request != SIOCATMARK) return -ENOTTY;
  charge(costs_.option);
  if (request == FIONREAD) value = static_cast<int>(unread());
  if (request == SIOCOUTQ) value = static_cast<int>(self_->wmem_alloc);
  if (request == SIOCATMARK) value = is_at_mark();
  return 0;
}

// --- messages --------------------------------------------------------------------------------------------------------

std::int64_t UnixSocketFile::send(const OutgoingMessage& message) {
  charge(costs_.unix_send);
  return kind_ == Kind::kStream ? send_stream(message) : send_datagram(message);
}

std::int64_t UnixSocketFile::receive(IncomingMessage& message) {
  charge(costs_.unix_receive);
  return kind_ == Kind::kStream ? receive_stream(message) : receive_datagram(message);
}

// --- names -----------------------------------------------------------------------------------------------------------

// Linux: unix_bind(), unix_validate_addr()
int UnixSocketFile::bind(const SocketAddress& address) {
  charge(costs_.bind);
  return address.family() == AF_UNIX ? -ENOSYS : -EINVAL;
}

// Linux: unix_listen(): none without a name
int UnixSocketFile::listen(int) { return is_datagram() ? -EOPNOTSUPP : -EINVAL; }

// Linux: unix_accept()
SocketFile* UnixSocketFile::accept(Files&, int, int& error) {
  return error = is_datagram() ? -EOPNOTSUPP : -EINVAL, nullptr;
}

// Linux: unix_stream_connect(), unix_dgram_connect()
int UnixSocketFile::connect(const SocketAddress& address) {
  if (is_datagram() && address && address.family() == AF_UNSPEC) return disconnect();
  return address.family() == AF_UNIX && address.length() > sizeof(sa_family_t) ? -ENOSYS : -EINVAL;
}

int UnixSocketFile::name(SocketAddress& address, bool of_peer) {
  if (of_peer && peer_ == nullptr) return -ENOTCONN;
  address = SocketAddress::unnamed_unix();
  return 0;
}

// --- the end ---------------------------------------------------------------------------------------------------------

// Of a stream the peer is told. Linux: unix_shutdown()
int UnixSocketFile::shutdown(int how) {
  charge(costs_.shutdown);
  if (how < SHUT_RD || how > SHUT_RDWR) return -EINVAL;
  const auto ends = static_cast<std::uint8_t>(how + 1);
  shutdown_ |= ends;
  state_changed();
  if (is_datagram() || peer_ == nullptr || peer_->file == nullptr) return 0;
  UnixSocketFile& other = *peer_->file;
  if ((ends & kReceive) != 0) other.shutdown_ |= kSend;
  if ((ends & kSend) != 0) other.shutdown_ |= kReceive;
  other.state_changed();
  return 0;
}

// What was never read is an error for the peer. Linux: unix_release_sock()
void UnixSocketFile::release() {
  self_->file = nullptr;
  shutdown_ = kBoth, is_connected_ = false;
  UnixSocketFile* const other = peer_ != nullptr ? peer_->file : nullptr;
  if (other != nullptr && !is_datagram()) {
    other->shutdown_ = kBoth;
    auto first = queue_.begin();
    if (first != queue_.end() && first->left() == 0) ++first;
    if (first != queue_.end() && !MUTANT("unread bytes are no reset")) other->error_ = ECONNRESET;
    other->state_changed();
  }
  urgent_ = 0;
  while (!queue_.empty()) {
    drop(queue_.front());
    remove(queue_.begin());
  }
  let_go_dropped();
}

}  // namespace stackscope
