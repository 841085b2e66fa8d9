#include "measure/tun_device.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/route.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace stackscope {

namespace {

constexpr std::size_t kLargestPacket = 1 << 16;

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

/// What ioctl() takes for IPv6 addresses; <linux/ipv6.h> has it, but cannot stand beside <netinet/in.h>.
struct In6Request {
  in6_addr address;
  std::uint32_t prefix_length;
  int interface;
};

class Configuration {
 public:
  Configuration(const ifreq& device, int family)
      : device_(device), socket_(checked(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket")) {}
  ~Configuration() { ::close(socket_); }
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;

  void set_mtu(std::uint32_t mtu) {
    device_.ifr_mtu = static_cast<int>(mtu);
    checked(::ioctl(socket_, SIOCSIFMTU, &device_), "setting the MTU");
  }
  void bring_up() {
    device_.ifr_flags = IFF_UP | IFF_RUNNING;
    checked(::ioctl(socket_, SIOCSIFFLAGS, &device_), "bringing the device up");
  }
  void set_ipv4(unsigned long call, std::uint32_t address) {
    const SocketAddress name = SocketAddress::ipv4(address, 0);
    std::memcpy(&device_.ifr_addr, name.data(), name.length());
    checked(::ioctl(socket_, call, &device_), "setting an address");
  }
  void set_ipv6(const in6_addr& host, const in6_addr& beyond) {
    checked(::ioctl(socket_, SIOCGIFINDEX, &device_), "finding the device");
    const int index = device_.ifr_ifindex;
    In6Request own{host, 128, index};
    checked(::ioctl(socket_, SIOCSIFADDR, &own), "setting an address");
    in6_rtmsg route{};
    route.rtmsg_dst = beyond, route.rtmsg_dst_len = 128, route.rtmsg_metric = 1;
    route.rtmsg_flags = RTF_UP | RTF_HOST, route.rtmsg_ifindex = index;
    checked(::ioctl(socket_, SIOCADDRT, &route), "setting a route");
    wait_until_usable(host);
  }

 private:
  /// Even where no duplicate is looked for, an address is tentative until a worker of the kernel has run: until then nobody may
  /// bind to it, and what comes for it is dropped. Linux: net/ipv6/addrconf.c addrconf_dad_work()
  void wait_until_usable(const in6_addr& host) const {
    constexpr int kMostTries = 1'000;
    const SocketAddress name = SocketAddress::ipv6(host, 0);
    for (int i = 0; ::bind(socket_, name.data(), name.length()) != 0; ++i) {
      if (i == kMostTries || errno != EADDRNOTAVAIL) checked(-1, "waiting for an address");
      ::usleep(1'000);
    }
  }

  ifreq device_;
  int socket_;
};

void configure(const ifreq& device, const SocketAddress& host, const SocketAddress& beyond,
               std::uint32_t mtu) {
  const bool by_ipv6 = host.family() == AF_INET6;
  Configuration to(device, host.family());
  to.set_mtu(mtu);
  if (by_ipv6) {
    to.bring_up();
    return to.set_ipv6(host.ipv6_address(), beyond.ipv6_address());
  }
  to.set_ipv4(SIOCSIFADDR, host.ipv4_address());
  to.set_ipv4(SIOCSIFDSTADDR, beyond.ipv4_address());
  to.set_ipv4(SIOCSIFNETMASK, 0xffffffff);
  to.bring_up();
}

}  // namespace

TunDevice::TunDevice(const SocketAddress& host, const SocketAddress& beyond, std::uint32_t mtu)
    : buffer_(kLargestPacket) {
  fd_ = checked(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC), "/dev/net/tun");
  try {
    ifreq device{};
    device.ifr_flags = IFF_TUN | IFF_NO_PI;
    checked(::ioctl(fd_, TUNSETIFF, &device), "making a TUN device");
    constexpr unsigned kOffloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
    checked(::ioctl(fd_, TUNSETOFFLOAD, kOffloads), "setting the device's offloads");
    configure(device, host, beyond, mtu);
  } catch (...) {
    ::close(fd_);
    throw;
  }
}

TunDevice::~TunDevice() { ::close(fd_); }

std::span<const std::uint8_t> TunDevice::read() {
  const ssize_t length = ::read(fd_, buffer_.data(), buffer_.size());
  return {buffer_.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
}

int TunDevice::write(std::span<const std::uint8_t> packet) {
  return ::write(fd_, packet.data(), packet.size()) < 0 ? -errno : 0;
}

}  // namespace stackscope
