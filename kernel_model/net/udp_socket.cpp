// A UDP socket's names, options and states.

#include "kernel_model/net/udp_socket.hpp"

#include <cassert>
#include <cerrno>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <utility>

#include "kernel_model/costs/udp_costs.hpp"
#include "kernel_model/net/stream.hpp"
#include "kernel_model/net/sysctls.hpp"
#include "kernel_model/net/udp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

UdpSocket::UdpSocket(UdpStack& stack, SocketId id)
    : stack_(stack),
      id_(id),
      rcvbuf_(stack.env().sysctls().rmem_default),
      sndbuf_(stack.env().sysctls().wmem_default),
      forward_threshold_(static_cast<std::uint32_t>(rcvbuf_) >> 2) {}

NetEnvironment& UdpSocket::env() const { return stack_.env(); }

// A softirq that tells the user holds the lock, so that the user does not go meanwhile.
void UdpSocket::set_user(UdpUser* user, WaitQueueId wait_queue) {
  env().bh_disable();
  env().lock(lock_);
  user_ = user;
  env().unlock(lock_);
  env().bh_enable();
  if (user != nullptr) env().trace().emit(SocketGrafted{id_, wait_queue});
}

void UdpSocket::put() {
  assert(references_ > 0);
  if (--references_ == 0) stack_.forget(*this);
}

/// Linux: udp_lib_close(), udp_destroy_sock()
void UdpSocket::close() {
  assert(user_ == nullptr);
  env().charge(stack_.costs().close);
  discard_pending();
  stack_.let_port_go(*this);
  purge_errors();
  for (PacketQueue* queue : {&reader_queue_, &receive_queue_}) {
    while (!queue->is_empty()) env().packets().give_back(queue->pop());
  }
  put();
}

// --- names -----------------------------------------------------------------------------------------------------------

namespace {

/// The IPv4 address that no IPv4 socket has, of a socket bound to one of IPv6's. Linux: LOOPBACK4_IPV6
constexpr std::uint32_t kIpv4OfIpv6 = 0x7f000006;

}  // namespace

void UdpSocket::name_changed() {
  const std::uint32_t own = is_ipv6_ ? ipv6_name().address : name().address;
  const std::uint32_t peer = is_ipv6_ && is_connected_ ? ipv6_.peer.address : peer_.address;
  env().trace().emit(SocketNamed{id_, own, peer, port_, peer_.port});
}

int UdpSocket::bind(UdpEndpoint local) {
  if (!may_bind()) return -EINVAL;
  address_ = source_ = local.address;
  if (UdpStack::is_broadcast(local.address) || IN_MULTICAST(local.address)) source_ = 0;
  const bool waits = local.port == 0 && options().bind_address_no_port != 0;
  if (!waits && !stack_.take_port(*this, local.port)) {
    address_ = source_ = 0;
    return -EADDRINUSE;
  }
  address_locked_ = address_ != 0;
  port_locked_ = local.port != 0;
  name_changed();
  return 0;
}

/// Who is bound to one of IPv6's addresses takes nothing else from then on. Linux: __inet6_bind()
int UdpSocket::bind_ipv6(Ipv6Address local, std::uint16_t port) {
  const int was_only = options().v6only;
  const bool is_one = !local.is_mapped && !local.is_any();
  address_ = source_ = is_one ? kIpv4OfIpv6 : local.address;
  ipv6_.address = ipv6_.source = local;
  if (is_one) options_.change().v6only = 1;
  const bool waits = port == 0 && options().bind_address_no_port != 0;
  if (!waits && !stack_.take_port(*this, port)) {
    if (is_one) options_.change().v6only = was_only;
    address_ = source_ = 0;
    ipv6_.address = ipv6_.source = {};
    return -EADDRINUSE;
  }
  address_locked_ = !local.is_any();
  port_locked_ = port != 0;
  name_changed();
  return 0;
}

int UdpSocket::autobind() {
  if (port_ != 0) return 0;
  if (!stack_.take_port(*this, 0)) return -EAGAIN;
  name_changed();
  return 0;
}

/// Even where the peer cannot be reached, a datagram in the making goes there from now on.
///
/// Linux: __ip4_datagram_connect(), ip_route_connect_init()
int UdpSocket::connect_ipv4(UdpEndpoint peer) {
  has_route_ = false;
  const int error = may_go_to(peer.address, source_);
  flow_ = {source_, peer, peer.address};
  if (error != 0) return error;
  const std::uint32_t source = source_ != 0 ? source_ : env().route(peer.address).source_address;
  flow_.source = source;
  if (source_ == 0) source_ = source;
  peer_ = peer;
  if (address_ == 0) {
    address_ = source;
    if (!is_ipv6_) stack_.rehash(*this);
  }
  is_connected_ = has_route_ = true;
  if (group_ != nullptr) group_->has_connections = true;
  return 0;
}

// An IPv6 socket's own names follow those of IPv4.
int UdpSocket::connect(UdpEndpoint peer) {
  env().charge(stack_.costs().connect);
  if (const int error = connect_ipv4(peer)) return error;
  if (is_ipv6_) {
    ipv6_.peer = {peer_.address, true};
    if (ipv6_.source.address == 0) ipv6_.source = {source_, true};
    if (ipv6_.address.address == 0) {
      ipv6_.address = {address_, true};
      stack_.rehash(*this);
    }
  }
  stack_.hash_connection(*this);
  name_changed();
  return 0;
}

int UdpSocket::connect_ipv6(UdpEndpoint peer) {
  env().charge(stack_.costs().connect);
  if (ipv6_.source.is_mapped) return -EAFNOSUPPORT;  // no packet has an IPv4 source and an IPv6 destination
  const Ipv6Address own{env().route(peer.address).source_address, false};
  ipv6_.peer = {peer.address, false};
  peer_.port = peer.port;
  if (ipv6_.source.is_any()) ipv6_.source = own;
  if (ipv6_.address.is_any()) {
    ipv6_.address = own;
    address_ = kIpv4OfIpv6;
    stack_.rehash(*this);
  }
  if (group_ != nullptr) group_->has_connections = true;
  is_connected_ = has_route_ = true;
  stack_.hash_connection(*this);
  name_changed();
  return 0;
}

// What an IPv6 socket's peer was stays: it still hears nobody else of IPv6.
void UdpSocket::disconnect() {
  is_connected_ = has_route_ = false;
  peer_ = {};
  if (!address_locked_) {
    address_ = source_ = 0;
    ipv6_.address = ipv6_.source = {};
    if (port_locked_) stack_.rehash(*this);
  }
  if (!port_locked_) stack_.let_port_go(*this);
  name_changed();
}

void UdpSocket::note_cpu(int cpu, bool by_ipv6) {
  const bool has_peer = by_ipv6 ? !ipv6_.peer.is_any() : peer_.address != 0;
  if (has_peer && options().incoming_cpu != cpu) options_.change().incoming_cpu = cpu;
}

// --- states ----------------------------------------------------------------------------------------------------------

int UdpSocket::shutdown(int how) {
  if (how < SHUT_RD || how > SHUT_RDWR) return -EINVAL;
  shutdown_.receive |= how != SHUT_WR;
  shutdown_.send |= how != SHUT_RD;
  const int result = is_connected_ ? 0 : -ENOTCONN;
  if (user_ != nullptr) user_->on_state_change();
  return result;
}

std::uint32_t UdpSocket::poll_events(bool looks) {
  std::uint32_t events = 0;
  if (error_ != 0 || !errors_.is_empty())
    events |= EPOLLERR | (options().select_err_queue != 0 ? std::uint32_t{EPOLLPRI} : 0u);
  if (shutdown_.receive) events |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM;
  if (shutdown_.receive && shutdown_.send) events |= EPOLLHUP;
  if (has_datagrams()) events |= EPOLLIN | EPOLLRDNORM;
  if (wmem_ + 1 < sndbuf_ >> 1) events |= EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
  if ((events & EPOLLRDNORM) != 0 && looks && !shutdown_.receive) first_packet();
  return events;
}

int UdpSocket::take_error() { return std::exchange(error_, 0); }

// --- options ---------------------------------------------------------------------------------------------------------

void UdpSocket::set_buffers(std::int32_t rcvbuf, std::int32_t sndbuf) {
  rcvbuf_ = rcvbuf, sndbuf_ = sndbuf;
  env().trace().emit(
      SocketBuffers{id_, static_cast<std::uint32_t>(rcvbuf), static_cast<std::uint32_t>(sndbuf)});
}

/// Linux: udp_lib_setsockopt()
void UdpSocket::set_rcvbuf(int value, bool forced) {
  set_buffers(buffer_size(value, forced, env().sysctls().rmem_max, kLeastRcvbuf), sndbuf_);
  forward_threshold_ = static_cast<std::uint32_t>(rcvbuf_) >> 2;
}

/// Linux: sk_setsockopt(): who waits for room is woken
void UdpSocket::set_sndbuf(int value, bool forced) {
  set_buffers(rcvbuf_, buffer_size(value, forced, env().sysctls().wmem_max, kLeastSndbuf));
  free_sent(0);
}

}  // namespace stackscope
