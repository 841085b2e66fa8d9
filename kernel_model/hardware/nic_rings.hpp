#pragma once
// The two rings that a NIC and its driver share.
//
// Linux:   Documentation/networking/driver.rst; drivers/net/ethernet/intel/igb/igb_main.c igb_clean_rx_irq(),
//          igb_clean_tx_irq(), igb_xmit_frame_ring()
// Differs: a packet takes one descriptor, however many pages it has; buffers are given back one by one, not sixteen
//          at a time; moving bytes to and from memory takes no time. Who could notice: a ring so small that sixteen
//          matter.

#include <cassert>
#include <vector>

#include "kernel_model/net/packet.hpp"

namespace stackscope {

/// Frames that the hardware has written and the driver has not taken.
class RxRing {
 public:
  explicit RxRing(std::uint32_t descriptors) : descriptors_(descriptors) {}

  bool is_empty() const { return filled_.is_empty(); }
  bool is_full() const { return filled_.size() == descriptors_; }
  std::uint32_t size() const { return filled_.size(); }
  const Packet& front() const { return *filled_.front(); }

  /// Calls `visit(slot, packet id)` for each, the oldest first.
  void for_each(auto visit) const {
    std::uint32_t slot = next_ - filled_.size();
    for (const Packet* packet = filled_.front(); packet != nullptr; packet = packet->next)
      visit(slot++ % descriptors_, packet->id);
  }

  /// By the hardware. Returns the slot. REQUIRES: not full.
  std::uint32_t fill(Packet& packet) {
    assert(!is_full());
    filled_.push(packet);
    return next_++ % descriptors_;
  }
  /// By the driver, which gives a new buffer in its place. REQUIRES: not empty.
  Packet& take() { return filled_.pop(); }

 private:
  std::uint32_t descriptors_;
  std::uint32_t next_ = 0;
  CountedPacketQueue filled_;
};

/// Frames that the driver has queued and not cleaned; the hardware sends them in order.
class TxRing {
 public:
  struct Slot {
    PacketId packet;
    bool is_sent = false;
    RecordId sent_by;  // what told that it was sent, or lost
  };

  explicit TxRing(std::uint32_t descriptors) : slots_(descriptors) {}

  bool is_full() const { return used_ == slots_.size(); }
  std::uint32_t size() const { return used_; }
  std::uint32_t free() const { return static_cast<std::uint32_t>(slots_.size()) - used_; }
  std::uint32_t descriptors() const { return static_cast<std::uint32_t>(slots_.size()); }

  /// Calls `visit(slot, packet id)` for each, the oldest first.
  void for_each(auto visit) const {
    for (std::uint32_t i = 0; i < used_; ++i) visit(at(i), slots_[at(i)].packet);
  }

  /// By the driver. Returns the slot. REQUIRES: not full.
  std::uint32_t queue(PacketId packet) {
    assert(!is_full());
    const std::uint32_t slot = at(used_++);
    slots_[slot] = Slot{packet, false, {}};
    return slot;
  }
  /// By the hardware: the oldest frame that was not sent is now.
  void on_sent(RecordId told) {
    assert(sent_ < used_);
    mark(at(sent_), told);
  }
  /// The frame in this slot was lost on the link, and needs no slot any more.
  void on_lost(std::uint32_t slot, RecordId told) { mark(slot, told); }

  /// Slots that the driver may clean now: the oldest ones, as far as they were sent.
  std::uint32_t cleanable() const { return sent_; }
  const Slot& oldest() const { return slots_[first_]; }
  /// By the driver. REQUIRES: something is cleanable.
  Slot clean() {
    assert(sent_ > 0);
    const Slot slot = slots_[first_];
    first_ = at(1);
    --used_, --sent_;
    return slot;
  }

 private:
  std::uint32_t at(std::uint32_t offset) const { return (first_ + offset) % descriptors(); }
  void mark(std::uint32_t slot, RecordId told) {
    slots_[slot].is_sent = true;
    slots_[slot].sent_by = told;
    while (sent_ < used_ && slots_[at(sent_)].is_sent) ++sent_;
  }

  std::vector<Slot> slots_;
  std::uint32_t first_ = 0, used_ = 0;
  std::uint32_t sent_ = 0;  // how many of the oldest were sent
};

}  // namespace stackscope
