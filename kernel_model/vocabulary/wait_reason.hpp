#pragma once
// Why something waits. Every place in the model that waits says so with one of these.

#include <cstdint>
#include <iterator>
#include <string_view>

namespace stackscope {

enum class WaitReason : std::uint8_t {
  kRunQueue,       // runnable, but another task has the CPU
  kInterruptsOff,  // an interrupt is pending while the CPU has them disabled
  kSoftirqQueued,  // a softirq was raised and has not begun
  kModeration,     // the NIC holds its interrupt back
  kSpinLock,       // another CPU holds the lock
  kMutex,          // another task holds the mutex
  kSocketLock,     // another task owns the socket
  kSocketBacklog,  // a segment waits until the socket's owner lets go
  kData,           // nothing to read
  kSpace,          // no room to write
  kConnection,     // nothing to accept
  kHandshake,      // connect() waits for the peer
  kEvents,         // epoll_wait or poll has nothing ready
  kFutex,
  kTime,          // nanosleep
  kExit,          // join: another thread has not ended
  kTransmitRing,  // the link is slower than the host
  kClosedWindow,  // the peer has no room
  kCongestionWindow,
  kNagle,
  kDelayedAck,
  kWake,           // an inter-processor interrupt is under way to an idle CPU
  kCompressedAck,  // a later duplicate acknowledgement would tell as much
};

constexpr std::string_view name_of(WaitReason reason) {
  constexpr std::string_view kNames[] = {"run queue",
                                         "interrupts off",
                                         "softirq queued",
                                         "moderation",
                                         "spinlock",
                                         "mutex",
                                         "socket lock",
                                         "socket backlog",
                                         "data",
                                         "space",
                                         "connection",
                                         "handshake",
                                         "events",
                                         "futex",
                                         "time",
                                         "exit",
                                         "transmit ring",
                                         "closed window",
                                         "congestion window",
                                         "nagle",
                                         "delayed ack",
                                         "wake",
                                         "compressed ack"};
  const auto index = static_cast<std::size_t>(reason);
  return index < std::size(kNames) ? kNames[index] : std::string_view{};
}

}  // namespace stackscope
