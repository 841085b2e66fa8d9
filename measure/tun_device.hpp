#pragma once
// A TUN device of the real kernel, whose other end is a program's: what the host sends to one address beyond it is read here,
// and what is written arrives at the host.
//
// Linux:   drivers/net/tun.c
// Differs: the host is told that the device cuts and sums (TUN_F_TSO4, TUN_F_CSUM), so what is read may be longer than the
//          MTU and without a checksum.

#include <cstdint>
#include <span>
#include <vector>

#include "kernel_model/vocabulary/socket_address.hpp"

namespace stackscope {

class TunDevice {
 public:
  /// Up, in the caller's network namespace: the host's own address and the one address that is beyond, both of one family; their
  /// ports do not count. Throws std::system_error: it needs CAP_NET_ADMIN and /dev/net/tun.
  TunDevice(const SocketAddress& host, const SocketAddress& beyond, std::uint32_t mtu);
  ~TunDevice();
  TunDevice(const TunDevice&) = delete;
  TunDevice& operator=(const TunDevice&) = delete;

  /// To wait with poll().
  int fd() const { return fd_; }
  /// The next packet that the host has sent, valid until the next call; empty: none has come.
  std::span<const std::uint8_t> read();
  /// 0, or −errno.
  int write(std::span<const std::uint8_t> packet);

 private:
  int fd_ = -1;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace stackscope
