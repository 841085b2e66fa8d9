#pragma once
// A full-duplex link between two hosts: it serialises at its rate, then delays.
//
// Invariant: each direction is first in, first out, whatever changes while it runs; an event a direction for sending and
//            one for arriving, whatever is under way.
// Differs:   super-packets (TSO) cost the wire the time of all their frames, but arrive as one, when the last bit does: as
//            if the receiver's NIC merged them (LRO, hardware GRO). Who could notice: nobody who counts segments in TCP;
//            a receive ring sees one slot where Linux's could see several.
// Differs:   no bit errors and no pauses (IEEE 802.3x). A frame that finds the queue full is told as skb:kfree_skb.

#include <array>
#include <cstdint>

#include "kernel_model/net/packet.hpp"
#include "sim/engine.hpp"

namespace stackscope {

class Trace;

/// Who is at an end of a link: a NIC, or an ideal host. Called as hardware, at no CPU.
class LinkEnd {
 public:
  virtual ~LinkEnd() = default;
  /// A frame's last bit has arrived; takes it over. `packet.cause` says what brought it.
  virtual void on_frame(Packet& packet) = 0;
  /// The last bit of the oldest frame that this end sent, and that was not dropped, has left; `sent` told it.
  virtual void on_sent(RecordId sent) { static_cast<void>(sent); }
};

struct LinkConfig {
  std::int64_t bits_per_second = 10'000'000'000;  // 0: takes no time
  Duration delay = Duration::us(10);
  std::uint32_t queue = 1000;  // frames that wait in each direction, besides the one being sent
  Duration cut{};              // from then on what is sent is lost, and nobody is told; 0: never
};

class Link {
 public:
  enum class Side : std::uint8_t { kA, kB };

  Link(Engine& engine, Trace& trace, PacketPool& packets, const LinkConfig& config);
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// REQUIRES: both sides are attached before anything is sent. `host` is the ordinal that records carry.
  void attach(Side side, LinkEnd& end, std::uint8_t host);

  /// Takes a packet over. Returns false if the queue was full, or the link is cut: it then is dropped. Any caller: CPU, hardware, timer.
  bool send(Side from, Packet& packet);

  /// Counts for frames whose sending has not begun; those under way arrive as they would have, and in order.
  void set_config(const LinkConfig& config) { config_ = config; }
  const LinkConfig& config() const { return config_; }

  /// Frames that wait or are being sent from this side, and those on their way to the other.
  std::uint32_t queued(Side from) const;
  std::uint32_t flying(Side from) const { return directions_[index(from)].flying.size(); }
  /// Calls `visit(packet)` for those on their way to the other side, the first one first.
  void for_each_flying(Side from, auto visit) const {
    const CountedPacketQueue& flying = directions_[index(from)].flying;
    for (const Packet* packet = flying.front(); packet != nullptr; packet = packet->next) visit(*packet);
  }
  std::uint32_t dropped(Side from) const { return directions_[index(from)].dropped; }

 private:
  struct Direction {
    explicit Direction(Link& of);
    void on_sent();
    void on_arrival();

    Link& link;
    Event sent, arrival;
    LinkEnd* from = nullptr;
    LinkEnd* to = nullptr;
    Place from_place, to_place;
    CountedPacketQueue waiting, flying;  // flying: `stamp` is when each arrives
    Packet* sending = nullptr;
    Instant last_arrival;
    std::int64_t remainder = 0;  // of a nanosecond, in parts of the rate: back-to-back frames lose nothing
    std::int64_t remainder_of = 0;
    std::uint32_t dropped = 0;
  };

  static std::size_t index(Side side) { return static_cast<std::size_t>(side); }
  void start(Direction& direction, Packet& packet);
  Duration serialise(Direction& direction, const Packet& packet) const;
  void drop(Direction& direction, Packet& packet, DropReason reason);

  Engine& engine_;
  Trace& trace_;
  PacketPool& packets_;
  LinkConfig config_;
  std::array<Direction, 2> directions_;
};

}  // namespace stackscope
