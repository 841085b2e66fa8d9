#include "userland/crowd_adapter.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "userland/sockets.hpp"

namespace stackscope {

void CrowdAdapter::run() {
  epoll_ = os_.epoll_create1(EPOLL_CLOEXEC);
  if (!succeeded(os_, "failed: epoll_create1", epoll_)) return;
  program_.start(*this);
  while (!is_finished_) {
    tell_failures();
    fire_timers();
    if (!is_finished_ && !wait()) break;
  }
  for (const auto& [connection, open] : open_)
    if (open.fd >= 0) os_.close(open.fd);
  open_.clear();
  os_.close(epoll_);
}

// --- what the program asks for -------------------------------------------------------------------------------------------

CrowdConnection CrowdAdapter::connect(std::uint32_t address, std::uint16_t port, bool nodelay) {
  const CrowdConnection connection{next_connection_++};
  open_.emplace(connection, Open{});
  const int result = open_socket(connection, internet_address(address, port), nodelay);
  if (result < 0) fail_later(connection, -result);
  return connection;
}

/// 0, or −errno. A socket that connects at once is not told from others: it is writable, so epoll reports it.
int CrowdAdapter::open_socket(CrowdConnection connection, const SocketAddress& to, bool nodelay) {
  const int fd = os_.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return fd;
  open_.at(connection).fd = fd;
  if (nodelay) {
    if (const int set = os_.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, 1); set < 0) return set;
  }
  if (const int connected = os_.connect(fd, to); connected < 0 && connected != -EINPROGRESS) return connected;
  // After connect(): a socket that was never connected would be reported as hung up.
  return watch(os_, epoll_, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, connection.value);
}

std::int64_t CrowdAdapter::send(CrowdConnection connection, ConstBuffer from) {
  Open* open = find(connection);
  if (!open || open->fd < 0) return -EBADF;
  const std::int64_t sent = os_.write(open->fd, from);
  open->waits_to_write = sent == -EAGAIN;
  return seen(connection, sent);
}

std::int64_t CrowdAdapter::receive(CrowdConnection connection, Buffer to) {
  const int fd = fd_of(connection);
  return fd < 0 ? -EBADF : seen(connection, os_.read(fd, to));
}

void CrowdAdapter::close(CrowdConnection connection) {
  const Open* open = find(connection);
  if (!open) return;
  if (open->fd >= 0) os_.close(open->fd);
  open_.erase(connection);
}

int CrowdAdapter::spoof_syn(std::uint32_t, std::uint16_t, std::uint32_t) { return -EPERM; }

void CrowdAdapter::set_timer(Instant at, std::uint64_t token) {
  timers_.emplace(Timer{at, next_timer_++}, token);
}

void CrowdAdapter::request_begins(std::uint64_t number, CrowdConnection connection) {
  os_.request_begins(number, fd_of(connection));
}

void CrowdAdapter::request_ends(std::uint64_t number, CrowdConnection connection) {
  os_.request_ends(number, fd_of(connection));
}

CrowdAdapter::Open* CrowdAdapter::find(CrowdConnection connection) {
  const auto found = open_.find(connection);
  return found == open_.end() ? nullptr : &found->second;
}

int CrowdAdapter::fd_of(CrowdConnection connection) {
  const Open* open = find(connection);
  return open ? open->fd : -1;
}

/// An error that a call returned is gone from the socket, so epoll's event would no longer tell which it was.
std::int64_t CrowdAdapter::seen(CrowdConnection connection, std::int64_t result) {
  if (result < 0 && result != -EAGAIN) fail_later(connection, static_cast<int>(-result));
  return result;
}

void CrowdAdapter::fail_later(CrowdConnection connection, int error) {
  Open* open = find(connection);
  if (open->has_failed) return;
  open->has_failed = true;
  failures_.push_back({connection, error});
}

// --- what happens ----------------------------------------------------------------------------------------------------------

void CrowdAdapter::tell_failures() {
  while (!failures_.empty() && !is_finished_) {
    const Failure failure = failures_.front();
    failures_.pop_front();
    if (find(failure.connection)) end(failure.connection, failure.error);
  }
}

/// Those that are due now; what they set in turn comes after the next look at the sockets.
void CrowdAdapter::fire_timers() {
  if (timers_.empty()) return;
  const Instant due = now();
  for (const std::uint64_t set_before = next_timer_; !timers_.empty() && !is_finished_;) {
    const auto [timer, token] = *timers_.begin();
    if (timer.at > due) return;
    if (timer.sequence >= set_before) return;
    timers_.erase(timers_.begin());
    program_.on_timer(*this, token);
  }
}

int CrowdAdapter::timeout_ms() const {
  if (!failures_.empty()) return 0;
  if (timers_.empty()) return -1;
  const Duration left = timers_.begin()->first.at - now();
  if (left <= Duration{}) return 0;
  const std::int64_t rounded_up = (left.count() - 1) / Duration::ms(1).count() + 1;
  return static_cast<int>(std::min<std::int64_t>(rounded_up, INT_MAX));
}

bool CrowdAdapter::wait() {
  std::array<epoll_event, 64> events;
  const int ready = os_.epoll_wait(epoll_, events, timeout_ms());
  if (!succeeded(os_, "failed: epoll_wait", ready)) return false;
  for (const epoll_event& event : std::span(events).first(static_cast<std::size_t>(ready)))
    handle({static_cast<std::uint32_t>(event.data.u64)}, event.events);
  return true;
}

/// One socket's events. Each call may close the connection, or finish.
void CrowdAdapter::handle(CrowdConnection connection, std::uint32_t events) {
  if (!is_open(connection) || find(connection)->has_failed) return;  // closed meanwhile by another's callback
  if (events & (EPOLLERR | EPOLLHUP)) {
    int error = 0;
    os_.getsockopt(fd_of(connection), SOL_SOCKET, SO_ERROR, error);
    if (error != 0) return end(connection, error);
  }
  if (find(connection)->is_connecting) {
    if (!(events & EPOLLOUT)) return;
    find(connection)->is_connecting = false;
    program_.on_connected(*this, connection);
  }
  if (is_open(connection) && find(connection)->waits_to_write && (events & EPOLLOUT)) {
    find(connection)->waits_to_write = false;
    program_.on_writable(*this, connection);
  }
  if (is_open(connection) && (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP)))
    program_.on_data(*this, connection);
}

void CrowdAdapter::end(CrowdConnection connection, int error) {
  close(connection);
  program_.on_closed(*this, connection, error);
}

}  // namespace stackscope
