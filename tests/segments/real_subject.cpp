#include "tests/segments/real_subject.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

#include "kernel_model/vocabulary/tcp_state.hpp"

namespace stackscope::test {
namespace {

constexpr std::uint32_t kHost = 0x0a000001, kPeer = 0x0a000002;
constexpr std::size_t kMssOption = 4;

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

sockaddr_in address_of(std::uint32_t address, std::uint16_t port) {
  sockaddr_in name{};
  name.sin_family = AF_INET, name.sin_port = htons(port), name.sin_addr.s_addr = htonl(address);
  return name;
}

void configure(ifreq& request) {
  const int control = checked(socket(AF_INET, SOCK_DGRAM, 0), "socket");
  const auto set = [&](unsigned long call, std::uint32_t address) {
    const sockaddr_in name = address_of(address, 0);
    std::memcpy(&request.ifr_addr, &name, sizeof name);
    checked(ioctl(control, call, &request), "configuring the device");
  };
  set(SIOCSIFADDR, kHost);
  set(SIOCSIFNETMASK, 0xffffff00);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  checked(ioctl(control, SIOCSIFFLAGS, &request), "bringing the device up");
  ::close(control);
}

/// RFC 1071, over bytes that follow each other.
std::uint32_t sum(const void* bytes, std::size_t length, std::uint32_t start = 0) {
  const auto* at = static_cast<const std::uint8_t*>(bytes);
  for (std::size_t i = 0; i < length; ++i) start += i % 2 == 0 ? at[i] * 256U : at[i];
  return start;
}
std::uint16_t folded(std::uint32_t sum) {
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return htons(static_cast<std::uint16_t>(~sum));
}

/// The network's order, with both checksums.
std::vector<std::uint8_t> bytes_of(const Segment& segment) {
  const bool has_mss = (segment.flags & tcp_flag::kSyn) != 0;
  const std::size_t header = sizeof(tcphdr) + (has_mss ? kMssOption : 0), tcp_bytes = header + segment.length;
  std::vector<std::uint8_t> bytes(sizeof(iphdr) + tcp_bytes);
  iphdr ip{};
  ip.version = 4, ip.ihl = 5, ip.ttl = 64, ip.protocol = IPPROTO_TCP;
  ip.tot_len = htons(static_cast<std::uint16_t>(bytes.size()));
  ip.saddr = htonl(kPeer), ip.daddr = htonl(kHost);
  ip.check = folded(sum(&ip, sizeof ip));
  tcphdr tcp{};
  tcp.th_sport = htons(segment.peer_port), tcp.th_dport = htons(segment.host_port);
  tcp.th_seq = htonl(segment.seq), tcp.th_ack = htonl(segment.ack);
  tcp.th_off = static_cast<std::uint8_t>(header / 4), tcp.th_flags = segment.flags, tcp.th_win = 0xffff;
  std::uint8_t* const to = bytes.data() + sizeof ip;
  std::memcpy(bytes.data(), &ip, sizeof ip);
  std::memcpy(to, &tcp, sizeof tcp);
  if (has_mss) std::memcpy(to + sizeof tcp, "\x02\x04\x05\xb4", kMssOption);
  const std::uint32_t pseudo = sum(&ip.saddr, 8) + IPPROTO_TCP + static_cast<std::uint32_t>(tcp_bytes);
  tcp.th_sum = folded(sum(to, tcp_bytes, pseudo));
  std::memcpy(to, &tcp, sizeof tcp);
  return bytes;
}

/// Whether the bytes are a TCP segment of the host's.
bool parse(const std::uint8_t* bytes, std::size_t length, Segment& segment) {
  iphdr ip{};
  tcphdr tcp{};
  if (length < sizeof ip + sizeof tcp) return false;
  std::memcpy(&ip, bytes, sizeof ip);
  if (ip.version != 4 || ip.protocol != IPPROTO_TCP) return false;
  std::memcpy(&tcp, bytes + ip.ihl * 4, sizeof tcp);
  segment = {ntohs(tcp.th_sport),
             ntohs(tcp.th_dport),
             static_cast<std::uint8_t>(tcp.th_flags & kSeenFlags),
             ntohl(tcp.th_seq),
             ntohl(tcp.th_ack),
             static_cast<std::uint32_t>(ntohs(ip.tot_len) - ip.ihl * 4 - tcp.th_off * 4)};
  return true;
}

}  // namespace

RealSubject::RealSubject() {
  checked(unshare(CLONE_NEWNET), "unshare");
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  tun_ = checked(open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC), "/dev/net/tun");
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  checked(ioctl(tun_, TUNSETIFF, &request), "TUNSETIFF");
  configure(request);
}

RealSubject::~RealSubject() { ::close(tun_); }

Subject::Socket RealSubject::bound_to(std::uint16_t port) {
  const int socket = checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
  const sockaddr_in name = address_of(0, port);
  checked(bind(socket, reinterpret_cast<const sockaddr*>(&name), sizeof name), "bind");
  return socket;
}

Subject::Socket RealSubject::listen_on(std::uint16_t port, int backlog) {
  const Socket socket = bound_to(port);
  checked(listen(socket, backlog), "listen");
  return socket;
}

Subject::Socket RealSubject::connect_from(std::uint16_t port, std::uint16_t peer_port) {
  const Socket socket = bound_to(port);
  const sockaddr_in name = address_of(kPeer, peer_port);
  if (connect(socket, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 || errno != EINPROGRESS)
    throw std::system_error(errno, std::generic_category(), "connect");
  return socket;
}

Subject::Socket RealSubject::accept(Socket listener) {
  const int socket = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
  return socket < 0 ? 0 : socket;
}

void RealSubject::send(Socket socket, std::uint32_t bytes) {
  const std::vector<char> data(bytes, 'x');
  checked(static_cast<int>(::send(socket, data.data(), data.size(), MSG_NOSIGNAL)), "send");
}
void RealSubject::shut_down(Socket socket) { checked(shutdown(socket, SHUT_WR), "shutdown"); }
void RealSubject::close(Socket socket) { ::close(socket); }

Seen RealSubject::look_at(Socket socket) {
  Seen seen;
  tcp_info info{};
  socklen_t length = sizeof info;
  checked(getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &length), "TCP_INFO");
  seen.state = name_of(static_cast<TcpState>(info.tcpi_state));
  // What poll() reports by itself, asked or not, is in revents as well: the model's poll_events() is all of it.
  pollfd asked{socket,
               POLLIN | POLLOUT | POLLPRI | POLLRDNORM | POLLWRNORM | POLLRDBAND | POLLWRBAND | POLLRDHUP, 0};
  poll(&asked, 1, 0);
  seen.events = static_cast<std::uint16_t>(asked.revents);
  length = sizeof seen.error;
  checked(getsockopt(socket, SOL_SOCKET, SO_ERROR, &seen.error, &length), "SO_ERROR");
  std::array<char, 4'096> bytes{};
  seen.read = recv(socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (seen.read < 0) seen.read = -errno;
  return seen;
}

void RealSubject::inject(const Segment& segment) {
  const std::vector<std::uint8_t> bytes = bytes_of(segment);
  checked(static_cast<int>(write(tun_, bytes.data(), bytes.size())), "writing to the device");
  collect();
}

void RealSubject::collect() {
  std::array<std::uint8_t, 4'096> bytes{};
  for (;;) {
    const ssize_t length = read(tun_, bytes.data(), bytes.size());
    if (length <= 0) return;
    Segment segment;
    if (parse(bytes.data(), static_cast<std::size_t>(length), segment)) sent_.push_back(segment);
  }
}

std::vector<Segment> RealSubject::sent() {
  collect();
  std::vector<Segment> sent;
  std::swap(sent, sent_);
  return sent;
}

void RealSubject::wait() {
  usleep(25'000);
  collect();
}

void RealSubject::settle() {
  usleep(60'000);
  collect();
}

}  // namespace stackscope::test
