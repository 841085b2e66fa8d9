#pragma once
// The door for crowd programs: bodies that are called when something happens, and never wait.
//
// An ideal host calls them straight from its TCP, so that tens of thousands of clients are cheap: no CPU, no thread, no
// stack. On a full host, and on the kernel underneath, one adapter in userland/ runs them on system calls through epoll.

#include <compare>
#include <cstdint>
#include <string_view>

#include "kernel_model/vocabulary/buffer.hpp"
#include "sim/time.hpp"

namespace stackscope {

/// A connection of a crowd program: its ordinal there, from 0, in the order of connect() and accepting.
struct CrowdConnection {
  std::uint32_t value = 0;
  constexpr auto operator<=>(const CrowdConnection&) const = default;
};

/// What a crowd program may do. Nothing here waits.
class CrowdPort {
 public:
  virtual ~CrowdPort() = default;

  virtual Instant now() const = 0;
  /// The IPv4 address of a host or peer, in network byte order.
  virtual std::uint32_t address_of(std::string_view host) const = 0;

  /// on_connected() or on_closed() will follow. The port is in host byte order.
  virtual CrowdConnection connect(std::uint32_t address, std::uint16_t port, bool nodelay) = 0;
  /// Bytes taken, or −EAGAIN: on_writable() will follow; or another −errno.
  virtual std::int64_t send(CrowdConnection connection, ConstBuffer from) = 0;
  /// Bytes read, 0 at the end, −EAGAIN: on_data() will follow; or another −errno.
  virtual std::int64_t receive(CrowdConnection connection, Buffer to) = 0;
  virtual void close(CrowdConnection connection) = 0;
  /// A SYN that seems to come from the `number`th address of a network where nobody is, so no answer to it is answered. Returns
  /// 0, or −errno: who may not forge addresses may not do this.
  virtual int spoof_syn(std::uint32_t address, std::uint16_t port, std::uint32_t number) = 0;

  /// on_timer(token) will be called at that time, or at once if it has passed.
  virtual void set_timer(Instant at, std::uint64_t token) = 0;
  /// The program is done; nothing will be called any more.
  virtual void finish() = 0;

  virtual void note(std::string_view what, std::int64_t value) = 0;
  virtual void request_begins(std::uint64_t number, CrowdConnection connection) = 0;
  virtual void request_ends(std::uint64_t number, CrowdConnection connection) = 0;
};

/// A crowd program. Calls are made one at a time; each may use the port, which may not call back from inside.
class CrowdProgram {
 public:
  virtual ~CrowdProgram() = default;

  virtual void start(CrowdPort& port) = 0;
  virtual void on_connected(CrowdPort& port, CrowdConnection connection) = 0;
  virtual void on_data(CrowdPort& port, CrowdConnection connection) = 0;  // or the peer's end
  virtual void on_writable(CrowdPort&, CrowdConnection) {}
  /// Refused, reset or timed out: `error` is the positive errno. The connection is closed already.
  virtual void on_closed(CrowdPort& port, CrowdConnection connection, int error) = 0;
  virtual void on_timer(CrowdPort& port, std::uint64_t token) = 0;
};

}  // namespace stackscope
