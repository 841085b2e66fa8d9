#include "kernel_model/files/udp_socket_file.hpp"

#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

#include "kernel_model/files/internet_name.hpp"
#include "kernel_model/net/environment.hpp"
#include "kernel_model/scheduler/scheduler.hpp"

namespace stackscope {

namespace {

constexpr Events kReadable = EPOLLIN | EPOLLPRI | EPOLLRDNORM | EPOLLRDBAND;
constexpr Events kWritable = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;

/// A reader is not woken for room to write. Linux: receiver_wake_function()
int wake_receiver(WaitEntry& entry, std::uint32_t events, bool sync) {
  if (events != 0 && (events & (EPOLLIN | EPOLLERR)) == 0) return 0;
  return autoremove_wake(entry, events, sync);
}

}  // namespace

UdpSocketFile::UdpSocketFile(FileId id, int flags, Scheduler& scheduler, const SocketCosts& costs,
                             UdpSocket& socket)
    : SocketFile(id, flags, scheduler, costs), udp_(&socket) {
  udp_->set_user(this, waiting_.id());
}

// Linux: inet_release(), udp_lib_close()
void UdpSocketFile::release() {
  udp_->set_user(nullptr, {});
  udp_->close();
}

// Linux: udp_poll()
Events UdpSocketFile::poll(PollTable* table) {
  charge(costs_.poll);
  if (table != nullptr) table->wait_on(*this, waiting_);
  return udp_->poll_events(!is_nonblocking());
}

int UdpSocketFile::ioctl(unsigned long request, int& value) {
  if (request != FIONREAD && request != SIOCOUTQ) return -ENOTTY;
  charge(costs_.option);
  value = request == FIONREAD ? static_cast<int>(udp_->first_length()) : udp_->wmem_alloc();
  return 0;
}

// --- names -----------------------------------------------------------------------------------------------------------

// Linux: inet_bind_sk(), inet6_bind_sk()
int UdpSocketFile::bind(const SocketAddress& address) {
  charge(costs_.bind);
  InternetName to;
  if (!udp_->is_ipv6()) {
    const int error = name_to_bind(address, udp_->options(), udp_->env(), to);
    return error != 0 ? error : udp_->bind({to.address, to.port});
  }
  const int error = ipv6_name_to_bind(address, false, udp_->may_bind(), udp_->options(), udp_->env(), to);
  return error != 0 ? error : udp_->bind_ipv6({to.address, to.reach == Reach::kIpv4}, to.port);
}

// Linux: inet_dgram_connect()
int UdpSocketFile::connect(const SocketAddress& address) {
  if (address.length() < sizeof(sa_family_t)) return -EINVAL;
  if (address.family() == AF_UNSPEC) return udp_->disconnect(), 0;
  if (const int error = udp_->autobind()) return error;
  if (udp_->is_ipv6()) {
    DatagramName to;
    const bool v6only = udp_->options().v6only != 0;
    if (const int error = ipv6_name_to_join(address, v6only, udp_->ipv6_names().address, udp_->env(), to))
      return error;
    const bool by_ipv6 = to.form == DatagramName::Form::kIpv6;
    return by_ipv6 ? udp_->connect_ipv6({to.address, to.port}) : udp_->connect({to.address, to.port});
  }
  if (address.length() < sizeof(sockaddr_in)) return -EINVAL;
  if (address.family() != AF_INET) return -EAFNOSUPPORT;
  return udp_->connect({address.ipv4_address(), address.port()});
}

// Linux: inet_getname(), inet6_getname()
int UdpSocketFile::name(SocketAddress& address, bool of_peer) {
  if (of_peer && (udp_->peer().port == 0 || !udp_->is_connected())) return -ENOTCONN;
  const UdpEndpoint named = of_peer ? udp_->peer() : udp_->name();
  address = SocketAddress::ipv4(named.address, named.port);
  if (udp_->is_ipv6()) {
    address = told_name(of_peer ? udp_->ipv6_names().peer : udp_->ipv6_name(), named.port);
  }
  return 0;
}

int UdpSocketFile::shutdown(int how) {
  charge(costs_.shutdown);
  return udp_->shutdown(how);
}

// --- datagrams -------------------------------------------------------------------------------------------------------

// Linux: udp_sendmsg(), udpv6_sendmsg()
std::int64_t UdpSocketFile::send(const OutgoingMessage& message) {
  charge(costs_.send);
  DatagramName to;
  if (message.to != nullptr && udp_->is_ipv6()) {
    if (const int error = ipv6_name_to_send_to(*message.to, udp_->env(), to)) {
      const int unbound = udp_->autobind();
      return unbound != 0 ? unbound : error;
    }
  } else if (message.to != nullptr) {
    to = ipv4_name_to_send_to(*message.to);
  }
  const UdpDestination destination{{to.address, to.port}, to.error, to.form == DatagramName::Form::kIpv6};
  const bool has_one = to.form != DatagramName::Form::kNone;
  const std::int64_t result = udp_->send(message.parts, has_one ? &destination : nullptr, message.flags);
  scheduler().trace().emit(SockSendLength{udp_->id(), result});
  return result;
}

std::int64_t UdpSocketFile::receive(IncomingMessage& message) {
  charge(costs_.receive);
  const std::int64_t count = receive_or_wait(message);
  scheduler().trace().emit(SockRecvLength{udp_->id(), count});
  return count;
}

// Linux: __skb_recv_udp(), __skb_wait_for_more_packets()
std::int64_t UdpSocketFile::receive_or_wait(IncomingMessage& message) {
  const bool of_errors = (message.flags & MSG_ERRQUEUE) != 0;
  std::uint64_t left = of_errors ? 0 : patience(udp_->options().rcvtimeo, message.flags);
  for (;;) {
    const std::int64_t count = receive_some(message);
    if (count != -EAGAIN || left == 0) return count;
    if (udp_->shutdown_state().receive) return 0;
    const int waited = wait_until(
        [this] { return udp_->error() != 0 || udp_->has_datagrams() || udp_->shutdown_state().receive; },
        WaitReason::kData, true, left, &wake_receiver);
    if (waited < 0) return waited;
  }
}

std::int64_t UdpSocketFile::receive_some(IncomingMessage& message) {
  UdpReceived received;
  const std::int64_t count = udp_->receive(message.parts, message.flags, received);
  if (count < 0) return count;
  message.from =
      told_name(udp_->is_ipv6(), received.from.address, received.from.port, reach_of(received.from.address));
  if (received.is_cut) message.result_flags |= MSG_TRUNC;
  if (received.is_from_errors) message.result_flags |= MSG_ERRQUEUE;
  return count;
}

// --- what UDP tells --------------------------------------------------------------------------------------------------

void UdpSocketFile::on_data_ready() {
  if (waiting_.is_active()) waiting_.wake_up(kReadable, 1, true);
}

void UdpSocketFile::on_write_space() {
  if (waiting_.is_active()) waiting_.wake_up(kWritable);
}

void UdpSocketFile::on_state_change() {
  if (waiting_.is_active()) waiting_.wake_up(0, 0);
}

void UdpSocketFile::on_error_report() {
  if (waiting_.is_active()) waiting_.wake_up(EPOLLERR);
}

}  // namespace stackscope
