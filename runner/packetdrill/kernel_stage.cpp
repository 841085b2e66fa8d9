#include "runner/packetdrill/kernel_stage.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <system_error>
#include <unistd.h>

#include "measure/small_file.hpp"

namespace stackscope::packetdrill {

namespace {

/// The address that a script names, or the language's own, on the wire.
SocketAddress address_of(const Options& options, const std::string& named, const char* ipv4,
                         const char* ipv6) {
  const bool by_ipv6 = options.ip_version == IpVersion::kIpv6;
  const bool is_usable = !named.empty() && (named.find(':') != std::string::npos) == by_ipv6;
  const std::string text = is_usable ? named : by_ipv6 ? ipv6 : ipv4;
  return *SocketAddress::parse(by_ipv6 ? "[" + text + "]:0" : text + ":0");
}

IpBytes ip_bytes(const SocketAddress& address) {
  IpBytes bytes{};
  if (address.family() == AF_INET6) {
    std::memcpy(bytes.data(), &address.ipv6_address(), sizeof(in6_addr));
  } else {
    const std::uint32_t ipv4 = htonl(address.ipv4_address());
    std::memcpy(bytes.data(), &ipv4, sizeof ipv4);
  }
  return bytes;
}

}  // namespace

KernelStage::KernelStage(const Options& options, Syscalls& os)
    : os_(os),
      by_ipv6_(options.ip_version == IpVersion::kIpv6),
      is_mapped_(options.ip_version == IpVersion::kIpv4MappedIpv6),
      local_(address_of(options, options.local_ip, "192.168.0.1", "fd3d:a0b:17d6::1")),
      remote_(address_of(options, options.remote_ip, "192.0.2.1", "2001:db8::1")),
      ends_{by_ipv6_, ip_bytes(local_), ip_bytes(remote_)},
      tun_(local_, remote_, options.mtu) {
  if (::pipe2(returns_, O_CLOEXEC | O_NONBLOCK) < 0) {
    throw std::system_error(errno, std::generic_category(), "pipe2");
  }
}

KernelStage::~KernelStage() {
  ::close(returns_[0]);
  ::close(returns_[1]);
}

SocketAddress KernelStage::with_port(const SocketAddress& of, std::uint16_t port) const {
  if (by_ipv6_) return SocketAddress::ipv6(of.ipv6_address(), port);
  if (!is_mapped_) return SocketAddress::ipv4(of.ipv4_address(), port);
  in6_addr mapped{};
  mapped.s6_addr[10] = mapped.s6_addr[11] = 0xff;
  mapped.s6_addr32[3] = htonl(of.ipv4_address());
  return SocketAddress::ipv6(mapped, port);
}

// --- time ----------------------------------------------------------------------------------------------------------------------

void KernelStage::run_until(Instant until, const std::function<bool()>& is_enough) {
  let_calls_sleep();
  for (hear(); !is_enough() && now() < until; hear()) wait_for_news(until);
}

/// What spans time must have begun before anything else happens.
void KernelStage::let_calls_sleep() {
  std::vector<int> tids;
  for (const Call& call : calls_) {
    if (!call.has_returned) tids.push_back(call.tid);
  }
  os_.wait_until_blocked(tids);
}

void KernelStage::wait_for_news(Instant until) {
  const std::int64_t ns = std::max<std::int64_t>((until - now()).count(), 0);
  const timespec timeout{ns / 1'000'000'000, ns % 1'000'000'000};
  std::array<pollfd, 2> sources{{{tun_.fd(), POLLIN, 0}, {returns_[0], POLLIN, 0}}};
  ::ppoll(sources.data(), sources.size(), &timeout, nullptr);
}

void KernelStage::hear() {
  for (auto packet = tun_.read(); !packet.empty(); packet = tun_.read()) {
    if (const auto frame = frame_of(packet, ends_)) sent_.push_back({now(), *frame});
  }
  std::size_t number = 0;
  while (::read(returns_[0], &number, sizeof number) == sizeof number) {
    calls_[number].has_returned = true;
    calls_[number].returned(calls_[number].at);
  }
}

// --- what happens ----------------------------------------------------------------------------------------------------------------

void KernelStage::start(Body body, Returned returned) {
  Call& call = calls_.emplace_back(Call{std::move(body), std::move(returned)});
  const std::size_t number = calls_.size() - 1;
  call.tid = os_.thread_create([this, &call, number](Syscalls& os) {
    call.body(os);
    call.at = os.clock_gettime();
    // A pipe has room for thousands of calls that nobody has heard of yet.
    if (::write(returns_[1], &number, sizeof number) != sizeof number) std::terminate();
  });
  if (call.tid < 0) throw std::system_error(-call.tid, std::generic_category(), "making a thread");
}

std::string KernelStage::inject(const Frame& frame) {
  const int result = tun_.write(bytes_of(frame, ends_));
  return result < 0 ? fmt::format("writing to the device: {}", std::strerror(-result)) : "";
}

std::string KernelStage::set(const Setting& setting) {
  std::string path = setting.name;
  std::ranges::replace(path, '.', '/');
  if (path.find('/') != std::string::npos && write_small_file(("/proc/sys/" + path).c_str(), setting.value))
    return "";
  return fmt::format("{} = {} cannot be set in a network namespace of this kernel", setting.name,
                     setting.value);
}

}  // namespace stackscope::packetdrill
