#include "kernel_model/files/socket_file.hpp"

#include <sys/epoll.h>

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

std::int64_t SocketFile::read(Buffer to) {
  scheduler().cpu().charge(costs_.receive);
  own();
  std::int64_t count = tcp_->receive(to.size, to.data);
  while (count == -EAGAIN && !is_nonblocking()) {
    wait_until(EPOLLIN | EPOLLRDHUP, WaitReason::kData, false);
    count = tcp_->receive(to.size, to.data);
  }
  disown();
  scheduler().trace().emit(SockRecvLength{tcp_->id(), count});
  return count;
}

// A blocking write returns when everything was taken. Linux: tcp_sendmsg_locked(), sk_stream_wait_memory()
std::int64_t SocketFile::write(ConstBuffer from) {
  scheduler().cpu().charge(costs_.send);
  own();
  std::size_t taken = 0;
  std::int64_t result = 0;
  for (;;) {
    const std::size_t left = from.size - taken;
    result = tcp_->send(from.data == nullptr ? SendData::pattern(left) : SendData{from.data + taken, left});
    if (result > 0) taken += static_cast<std::size_t>(result);
    if (taken == from.size || is_nonblocking() || (result < 0 && result != -EAGAIN)) break;
    wait_until(EPOLLOUT, WaitReason::kSpace, false);
  }
  disown();
  if (taken > 0) result = static_cast<std::int64_t>(taken);
  scheduler().trace().emit(SockSendLength{tcp_->id(), result});
  return result;
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
