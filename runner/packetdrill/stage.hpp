#pragma once
// Where a script is played: a host under test, seen from outside. It has one device, whose wire ends in the script.

#include <deque>
#include <functional>
#include <string>

#include "kernel_model/syscalls.hpp"
#include "runner/packetdrill/frame.hpp"
#include "runner/packetdrill/settings.hpp"
#include "sim/time.hpp"

namespace stackscope::packetdrill {

/// What the host sent, and when.
struct SentFrame {
  Instant at;
  Frame frame;
};

class Stage {
 public:
  virtual ~Stage() = default;

  virtual Instant now() = 0;
  /// Time passes until that moment, or until `is_enough`; what happens at that same instant has happened then.
  virtual void run_until(Instant until, const std::function<bool()>& is_enough) = 0;

  /// What the host has sent, the oldest first, until the script takes it.
  virtual std::deque<SentFrame>& sent() = 0;
  /// The host receives a frame now. "", or why it cannot.
  virtual std::string inject(const Frame& frame) = 0;

  /// What a thread does, and what hears, on the player's own thread inside run_until(), that and when it has done it.
  using Body = std::function<void(Syscalls&)>;
  using Returned = std::function<void(Instant at)>;
  /// A thread of the program under test runs `body`. Once run_until() has been called it has ended, or sleeps in a call.
  virtual void start(Body body, Returned returned) = 0;

  /// Sets something of the host. "", or what there is to tell about it.
  virtual std::string set(const Setting& setting) = 0;

  /// The addresses of the host and of the script's end.
  virtual SocketAddress local(std::uint16_t port) = 0;
  virtual SocketAddress remote(std::uint16_t port) = 0;

  /// How long is waited for what has no time of its own.
  virtual Duration patience() const = 0;
  /// How much later than it may something can still come, and be no more than late; 0 where there is no other load.
  virtual Duration lateness() const = 0;
};

}  // namespace stackscope::packetdrill
