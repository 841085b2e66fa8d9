#include "kernel_model/files/tcp_socket_file.hpp"

#include <algorithm>
#include <cstring>
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

#include "kernel_model/files/internet_name.hpp"
#include "kernel_model/net/tcp_stack.hpp"
#include "sim/mutant.hpp"

namespace stackscope {

namespace {

constexpr Events kReadable = EPOLLIN | EPOLLPRI | EPOLLRDNORM | EPOLLRDBAND;
constexpr Events kWritable = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;

/// Linux: TCPF_FIN_WAIT1 | TCPF_CLOSING | TCPF_LAST_ACK
bool is_closing(TcpState state) {
  return state == TcpState::kFinWait1 || state == TcpState::kClosing || state == TcpState::kLastAck;
}

}  // namespace

TcpSocketFile::TcpSocketFile(FileId id, int flags, Scheduler& scheduler, const SocketCosts& costs,
                             TcpSocket& socket, Phase phase)
    : SocketFile(id, flags, scheduler, costs), tcp_(&socket), phase_(phase) {
  tcp_->set_user(this, waiting_.id());
}

// --- the owner -------------------------------------------------------------------------------------------------------

// Linux: lock_sock_nested(), __lock_sock()
void TcpSocketFile::own() {
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

void TcpSocketFile::disown() {
  tcp_->disown();
  if (want_to_own_ != nullptr && want_to_own_->is_active()) want_to_own_->wake_up(0);
}

Events TcpSocketFile::poll(PollTable* table) {
  charge(costs_.poll);
  if (table != nullptr) table->wait_on(*this, waiting_);
  return tcp_->poll_events();
}

int TcpSocketFile::ioctl(unsigned long request, int& value) {
  if (request != FIONREAD && request != SIOCOUTQ && request != SIOCOUTQNSD && request != SIOCATMARK)
    return -ENOTTY;
  charge(costs_.option);
  if (request == SIOCATMARK) return value = tcp_->is_at_mark(), 0;
  if (tcp_->is_listening()) return -EINVAL;
  if (request == FIONREAD) {
    own();
    value = static_cast<int>(tcp_->unread());
    disown();
    return 0;
  }
  const SendState& sending = tcp_->sending();
  const std::uint32_t from = request == SIOCOUTQ ? sending.snd_una : sending.snd_nxt;
  value = is_connecting() ? 0 : static_cast<int>(sending.write_seq - from);
  return 0;
}

// --- names -----------------------------------------------------------------------------------------------------------

// Linux: inet_bind_sk(), inet6_bind_sk()
int TcpSocketFile::bind(const SocketAddress& address) {
  charge(costs_.bind);
  InternetName to;
  const SocketOptions& options = tcp_->options();
  const int error = tcp_->is_ipv6()
                        ? ipv6_name_to_bind(address, true, tcp_->may_bind(), options, tcp_->env(), to)
                        : name_to_bind(address, options, tcp_->env(), to);
  if (error != 0) return error;
  own();
  const int result = tcp_->bind(to.address, to.port, to.address == 0 && to.reach == Reach::kIpv4);
  if (result == 0 && is_ipv6(to.address)) tcp_->change_options().v6only = 1;  // and stays so
  disown();
  return result;
}

// Linux: inet_getname(), inet6_getname()
int TcpSocketFile::name(SocketAddress& address, bool of_peer) {
  const FourTuple& tuple = tcp_->tuple;
  const bool has_peer =
      tuple.remote_port != 0 && !is_over(tcp_->state()) && tcp_->state() != TcpState::kSynSent;
  if (of_peer && !has_peer) return -ENOTCONN;
  address = of_peer ? told_name(tcp_->is_ipv6(), tuple.remote_address, tuple.remote_port, tcp_->reach())
                    : told_name(tcp_->is_ipv6(), tuple.local_address, tuple.local_port, tcp_->reach());
  return 0;
}

int TcpSocketFile::accepted_from(SocketAddress& address) {
  const FourTuple& tuple = tcp_->tuple;
  if (tuple.remote_port == 0) return -ENOTCONN;
  address = told_name(tcp_->is_ipv6(), tuple.remote_address, tuple.remote_port, tcp_->reach());
  return 0;
}

// --- connections -----------------------------------------------------------------------------------------------------

// Linux: __inet_listen_sk()
int TcpSocketFile::listen(int backlog) {
  charge(costs_.listen);
  own();
  const bool may = phase_ == Phase::kUnconnected;
  const int result = may ? tcp_->listen(backlog) : -EINVAL;
  disown();
  return result;
}

int TcpSocketFile::connect(const SocketAddress& address) {
  if (address.length() < sizeof(sa_family_t)) return -EINVAL;
  own();
  const int result = connect_owned(address);
  disown();
  return result;
}

// Linux: __inet_stream_connect()
int TcpSocketFile::connect_owned(const SocketAddress& address) {
  if (address.family() == AF_UNSPEC) {
    tcp_->disconnect();
    phase_ = Phase::kUnconnected;
    return 0;
  }
  if (phase_ == Phase::kConnected) return -EISCONN;
  if (phase_ == Phase::kDisconnecting) return -EINVAL;
  int result = -EALREADY;
  if (phase_ == Phase::kUnconnected) {
    if (tcp_->state() != TcpState::kClose) return -EISCONN;
    InternetName to;
    result = tcp_->is_ipv6() ? ipv6_name_to_connect(address, tcp_->reach(), tcp_->env(), to)
                             : name_to_connect(address, tcp_->env(), to);
    if (result != 0) return result;
    result = tcp_->connect(to.address, to.port);
    if (result != -EINPROGRESS) return result;
    phase_ = Phase::kConnecting;
  }
  std::uint64_t left = patience(tcp_->options().sndtimeo, 0);
  if (is_connecting()) {
    if (left == 0) return result;
    const int waited = wait_for_connection(left);
    if (waited == -EINTR) return waited;
    if (waited < 0) return result;
  }
  if (!is_over(tcp_->state())) {
    phase_ = Phase::kConnected;
    return 0;
  }
  const int error = tcp_->take_error();
  phase_ = Phase::kUnconnected;
  tcp_->disconnect();
  return error != 0 ? -error : -ECONNABORTED;
}

// Linux: inet_wait_for_connect()
int TcpSocketFile::wait_for_connection(std::uint64_t& left) {
  int result = 0;
  while (result == 0 && is_connecting()) {
    result = wait_until([this] { return !is_connecting(); }, WaitReason::kHandshake, false, left);
  }
  return result;
}

// Linux: inet_csk_accept(), inet_csk_wait_for_connect()
SocketFile* TcpSocketFile::accept(Files& files, int flags, int& error) {
  charge(costs_.accept);
  own();
  TcpSocket* connection = nullptr;
  std::uint64_t left = patience(tcp_->options().rcvtimeo, 0);
  for (error = 0; error == 0;) {
    error = tcp_->is_listening() ? 0 : -EINVAL;
    if (error != 0) break;
    connection = tcp_->accept();
    if (connection != nullptr) break;
    error = left == 0 ? -EAGAIN
                      : wait_until([this] { return !tcp_->is_listening() || tcp_->poll_events() != 0; },
                                   WaitReason::kConnection, true, left);
  }
  disown();
  tcp_->finish_accept();
  if (connection == nullptr) return nullptr;
  return &files.adopt(std::make_unique<TcpSocketFile>(files.next_id(), flags, scheduler(), costs_,
                                                      *connection, Phase::kConnected),
                      connection->id().value);
}

// Linux: inet_shutdown()
int TcpSocketFile::shutdown(int how) {
  charge(costs_.shutdown);
  if (how < SHUT_RD || how > SHUT_RDWR) return -EINVAL;
  own();
  if (phase_ == Phase::kConnecting) {
    const bool failed = is_connecting() || is_over(tcp_->state());
    phase_ = failed ? Phase::kDisconnecting : Phase::kConnected;
  }
  if (MUTANT("shutdown of a fresh socket succeeds") && tcp_->state() == TcpState::kClose) {
    disown();
    return 0;
  }
  const bool disconnects = tcp_->state() == TcpState::kSynSent || (tcp_->is_listening() && how != SHUT_WR);
  const int result = tcp_->shutdown(how);
  if (disconnects) phase_ = Phase::kUnconnected;
  disown();
  return result;
}

// --- the end ---------------------------------------------------------------------------------------------------------

// Linux: inet_release(), tcp_close()
void TcpSocketFile::release() {
  own();
  const SocketOptions& options = tcp_->options();
  if (options.linger_on != 0 && options.linger_s != 0 && !tcp_->is_listening()) {
    tcp_->begin_close();
    linger();
    tcp_->set_user(nullptr, {});
  } else {
    tcp_->set_user(nullptr, {});
    tcp_->begin_close();
  }
  tcp_->finish_close();
  disown();
}

// SO_LINGER: until the peer has everything, or the time is up. Linux: sk_stream_wait_close()
void TcpSocketFile::linger() {
  const std::int64_t seconds = tcp_->options().linger_s;
  std::uint64_t left =
      seconds < 0 ? kMaxJiffyOffset : static_cast<std::uint64_t>(seconds) * tcp_->env().tick().hz().value;
  if (is_closing(tcp_->state())) {
    wait_until([this] { return !is_closing(tcp_->state()); }, WaitReason::kHandshake, false, left);
  }
}

// --- what TCP tells --------------------------------------------------------------------------------------------------

// Linux: net/core/sock.c sock_def_readable()
void TcpSocketFile::on_data_ready(TcpSocket&) {
  if (waiting_.is_active()) waiting_.wake_up(kReadable, 1, true);
}

// Linux: net/core/stream.c sk_stream_write_space()
void TcpSocketFile::on_write_space(TcpSocket&) {
  if (waiting_.is_active()) waiting_.wake_up(kWritable);
}

// Linux: net/core/sock.c sock_def_wakeup()
void TcpSocketFile::on_state_change(TcpSocket&) {
  if (waiting_.is_active()) waiting_.wake_up(0, 0);
}

// Linux: net/core/sock.c sock_def_error_report()
void TcpSocketFile::on_error_report(TcpSocket&) {
  if (waiting_.is_active()) waiting_.wake_up(EPOLLERR);
}

}  // namespace stackscope
