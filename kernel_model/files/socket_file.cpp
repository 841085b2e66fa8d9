#include "kernel_model/files/socket_file.hpp"

#include <algorithm>
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

namespace {

constexpr Events kReadable = EPOLLIN | EPOLLPRI | EPOLLRDNORM | EPOLLRDBAND;
constexpr Events kWritable = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
constexpr Events kAlways = EPOLLERR | EPOLLHUP;

}  // namespace

SocketFile::SocketFile(FileId id, int flags, Scheduler& scheduler, const SocketCosts& costs,
                       TcpSocket& socket)
    : File(id, FileKind::kSocket, flags), costs_(costs), tcp_(&socket), waiting_(scheduler) {
  tcp_->set_user(this, waiting_.id());
}

// --- the owner -------------------------------------------------------------------------------------------------------

// Linux: lock_sock_nested(), __lock_sock()
void SocketFile::own() {
  const TaskId self = scheduler().current().id();
  if (tcp_->own(self)) return;
  const Instant since = scheduler().engine().now();
  const RecordId behind = tcp_->owned_by_record();
  for (;;) {
    WaitEntry entry = entry_for_current(scheduler(), true);
    if (want_to_own_ == nullptr) want_to_own_ = std::make_unique<WaitQueue>(scheduler());
    want_to_own_->add(entry, WaitPlace::kTail);
    scheduler().set_sleeping();
    if (tcp_->is_owned()) scheduler().schedule();
    scheduler().set_running();
    want_to_own_->remove(entry);
    if (tcp_->own(self)) break;
  }
  scheduler().trace().emit(Waited{WaitReason::kSocketLock, since, self, behind});
}

void SocketFile::disown() {
  tcp_->disown();
  if (want_to_own_ != nullptr && want_to_own_->is_active()) want_to_own_->wake_up(0);
}

// Sleeps, disowned, until the socket reports one of `wanted`, an error or its end. Linux: sk_wait_event()
void SocketFile::wait_until(Events wanted, WaitReason reason, bool exclusive) {
  const Instant since = scheduler().engine().now();
  Task& task = scheduler().current();
  scheduler().cpu().charge(costs_.wait);
  while ((tcp_->poll_events() & (wanted | kAlways)) == 0) {
    WaitEntry entry = entry_for_current(scheduler(), exclusive);
    waiting_.add(entry, exclusive ? WaitPlace::kTail : WaitPlace::kHead);
    disown();
    scheduler().set_sleeping();
    if ((tcp_->poll_events() & (wanted | kAlways)) == 0) scheduler().schedule();
    scheduler().set_running();
    waiting_.remove(entry);
    own();
  }
  if (scheduler().engine().now() > since) scheduler().trace().emit(Waited{reason, since, task.id(), {}});
}

// --- calls -----------------------------------------------------------------------------------------------------------

Events SocketFile::poll(PollTable* table) {
  scheduler().cpu().charge(costs_.poll);
  if (table != nullptr) table->wait_on(*this, waiting_);
  return tcp_->poll_events();
}

std::int64_t SocketFile::read(Buffer to) { return readv({&to, 1}); }
std::int64_t SocketFile::write(ConstBuffer from) { return writev({&from, 1}); }

// Linux: net/socket.c sock_read_iter(): who asks for nothing is told 0, whatever the socket's state
std::int64_t SocketFile::readv(std::span<const Buffer> parts) {
  scheduler().cpu().charge(costs_.receive);
  if (total_size(parts) == 0) return 0;
  own();
  std::int64_t count = receive_now(parts);
  while (count == -EAGAIN && !is_nonblocking()) {
    wait_until(EPOLLIN | EPOLLRDHUP, WaitReason::kData, false);
    count = receive_now(parts);
  }
  disown();
  scheduler().trace().emit(SockRecvLength{tcp_->id(), count});
  return count;
}

// TCP fills a row of bytes; nothing comes in while the socket is owned, so what is unread now bounds it.
std::int64_t SocketFile::receive_now(std::span<const Buffer> parts) {
  const std::size_t length = total_size(parts);
  if (parts.size() == 1) return tcp_->receive(length, parts.front().data);
  parts_.resize(std::min(length, static_cast<std::size_t>(unread())) + 1);
  const std::int64_t count = tcp_->receive(length, parts_.data());
  if (count > 0) scatter(std::span{parts_}.first(static_cast<std::size_t>(count)), parts);
  return count;
}

// A blocking write returns when everything was taken. Linux: tcp_sendmsg_locked(), sk_stream_wait_memory()
std::int64_t SocketFile::writev(std::span<const ConstBuffer> parts) {
  scheduler().cpu().charge(costs_.send);
  own();
  const std::size_t length = total_size(parts);
  std::size_t taken = 0;
  std::int64_t result = 0;
  for (;;) {
    result = send_now(parts, taken);
    if (result > 0) taken += static_cast<std::size_t>(result);
    if (taken == length || is_nonblocking() || (result < 0 && result != -EAGAIN)) break;
    wait_until(EPOLLOUT, WaitReason::kSpace, false);
  }
  disown();
  if (taken > 0) result = static_cast<std::int64_t>(taken);
  scheduler().trace().emit(SockSendLength{tcp_->id(), result});
  return result;
}

// What comes after the first `taken` bytes, in one send. A call whose parts are all null is of the stream's pattern; among
// others, a null part is zeros.
std::int64_t SocketFile::send_now(std::span<const ConstBuffer> parts, std::size_t taken) {
  const std::size_t left = total_size(parts) - taken;
  const bool is_pattern =
      std::ranges::all_of(parts, [](const ConstBuffer& part) { return part.data == nullptr; });
  if (is_pattern) return tcp_->send(SendData::pattern(left));
  if (parts.size() == 1) return tcp_->send(SendData{parts.front().data + taken, left});
  parts_.assign(left, std::byte{0});
  std::size_t at = 0;
  for (const ConstBuffer& part : parts) {
    const std::size_t skip = std::min(part.size, taken);
    taken -= skip;
    if (part.data != nullptr)
      std::copy(part.data + skip, part.data + part.size, parts_.begin() + static_cast<std::ptrdiff_t>(at));
    at += part.size - skip;
  }
  return tcp_->send(SendData{parts_.data(), left});
}

// A FIN that was not read yet counts in the sequence, but is no byte. Linux: include/net/tcp.h tcp_inq()
int SocketFile::unread() const {
  if (is_connecting()) return 0;
  const ReceiveState& receiving = tcp_->receiving();
  const Packet* const last = receiving.receive_queue.back();
  const bool ends = last != nullptr && last->has(tcp_flag::kFin);
  return static_cast<int>(receiving.rcv_nxt - receiving.copied_seq) - (ends ? 1 : 0);
}

int SocketFile::ioctl(unsigned long request, int& value) {
  if (request != FIONREAD && request != SIOCOUTQ && request != SIOCOUTQNSD && request != SIOCATMARK)
    return -ENOTTY;
  scheduler().cpu().charge(costs_.option);
  if (request == SIOCATMARK) return value = 0, 0;  // no urgent data
  if (tcp_->is_listening()) return -EINVAL;
  if (request == FIONREAD) {
    own();
    value = unread();
    disown();
    return 0;
  }
  const SendState& sending = tcp_->sending();
  const std::uint32_t from = request == SIOCOUTQ ? sending.snd_una : sending.snd_nxt;
  value = is_connecting() ? 0 : static_cast<int>(sending.write_seq - from);
  return 0;
}

void SocketFile::release() {
  own();
  tcp_->set_user(nullptr, {});
  tcp_->close();
  disown();
}

int SocketFile::bind(std::uint32_t address, std::uint16_t port) {
  scheduler().cpu().charge(costs_.bind);
  own();
  const int result = tcp_->bind(address, port);
  disown();
  return result;
}

int SocketFile::listen(int backlog) {
  scheduler().cpu().charge(costs_.listen);
  own();
  const int result = tcp_->listen(backlog);
  disown();
  return result;
}

bool SocketFile::is_connecting() const {
  return tcp_->state() == TcpState::kSynSent || tcp_->state() == TcpState::kSynRecv;
}

// Linux: net/ipv4/af_inet.c __inet_stream_connect()
int SocketFile::connect(std::uint32_t address, std::uint16_t port) {
  own();
  int result = tcp_->connect(address, port);
  if (result == -EINPROGRESS && !is_nonblocking()) {
    while (is_connecting()) wait_until(EPOLLOUT, WaitReason::kHandshake, false);
    result = -tcp_->take_error();
  }
  disown();
  return result;
}

// Linux: net/ipv4/inet_connection_sock.c inet_csk_accept()
TcpSocket* SocketFile::accept(int& error) {
  scheduler().cpu().charge(costs_.accept);
  own();
  TcpSocket* connection = nullptr;
  for (;;) {
    error = tcp_->is_listening() ? -EAGAIN : -EINVAL;
    if (error == -EINVAL) break;
    connection = tcp_->accept();
    if (connection != nullptr || is_nonblocking()) break;
    wait_until(EPOLLIN, WaitReason::kConnection, true);
  }
  disown();
  return connection;
}

int SocketFile::shutdown(int how) {
  scheduler().cpu().charge(costs_.shutdown);
  own();
  const int result = tcp_->shutdown(how);
  disown();
  return result;
}

int SocketFile::set_option(TcpOption option, int value) {
  scheduler().cpu().charge(costs_.option);
  own();
  const int result = tcp_->set_option(option, value);
  disown();
  return result;
}

int SocketFile::get_option(TcpOption option) {
  scheduler().cpu().charge(costs_.option);
  own();
  const int value = tcp_->get_option(option);
  disown();
  return value;
}

int SocketFile::take_error() {
  scheduler().cpu().charge(costs_.option);
  own();
  const int error = tcp_->take_error();
  disown();
  return error;
}

// --- what TCP tells --------------------------------------------------------------------------------------------------

// Linux: net/core/sock.c sock_def_readable()
void SocketFile::on_data_ready(TcpSocket&) {
  if (waiting_.is_active()) waiting_.wake_up(kReadable, 1, true);
}

// Linux: net/core/stream.c sk_stream_write_space()
void SocketFile::on_write_space(TcpSocket&) {
  if (waiting_.is_active()) waiting_.wake_up(kWritable);
}

// Linux: net/core/sock.c sock_def_wakeup()
void SocketFile::on_state_change(TcpSocket&) {
  if (waiting_.is_active()) waiting_.wake_up(0, 0);
}

// Linux: net/core/sock.c sock_def_error_report()
void SocketFile::on_error_report(TcpSocket&) {
  if (waiting_.is_active()) waiting_.wake_up(EPOLLERR);
}

}  // namespace stackscope
