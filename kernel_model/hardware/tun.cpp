#include "kernel_model/hardware/tun.hpp"

#include "kernel_model/hardware/wire.hpp"
#include "kernel_model/net/skb_size.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

namespace {

constexpr std::uint32_t kHeadroom = 64;  // NET_SKB_PAD
constexpr std::uint32_t kPage = 4096;
constexpr std::uint32_t kMostInHead = kPage - kSharedInfo - kHeadroom;  // SKB_MAX_HEAD(NET_SKB_PAD)

/// The head takes a page at most, pages beside it the rest. Linux: tun_get_user(), tun_alloc_skb()
void take_memory(Packet& packet) {
  const std::uint32_t bytes = packet.ip_bytes();
  const std::uint32_t in_head = kHeadroom + bytes < kPage ? bytes : kMostInHead;
  packet.truesize = truesize_of_head(kHeadroom + in_head) + truesize_of_pages(bytes - in_head);
  packet.is_linear = true;
  packet.tail_room = in_head == bytes ? room_of_head(kHeadroom + bytes) - kHeadroom - bytes : 0;
}

}  // namespace

Tun::Tun(Backlog& backlog, Cpu& cpu, PacketPool& packets, TunReader& reader, std::uint32_t mtu)
    : backlog_(backlog),
      cpu_(cpu),
      packets_(packets),
      reader_(reader),
      mtu_(mtu),
      line_{IrqKind::kNic, QueueId{1}, this,
            [](void* self, Cpu& on) { static_cast<Tun*>(self)->receive(on); }} {}

// --- the host sends ----------------------------------------------------------------------------------------------------

void Tun::transmit(Cpu& cpu, Packet& packet) {
  const PacketId id = packet.id;
  const std::uint32_t length = frame_bytes(packet);
  cpu.trace().emit(NetDevStartXmit{kind(), id, length});
  packet.stamp = cpu.engine().now();
  reader_.on_read(packet);
  packets_.give_back(packet);
  cpu.trace().emit(NetDevXmit{kind(), id, length});
}

// --- the host receives -------------------------------------------------------------------------------------------------

void Tun::write(Packet& packet) {
  take_memory(packet);
  written_.push(packet);
  if (!event_.is_pending()) cpu_.engine().schedule(event_, cpu_.engine().now(), Rank::hardware());
}

void Tun::on_written() {
  cpu_.engine().moment().place = Place{cpu_.place().host, Place::kNoCpu};
  cpu_.raise(line_);
}

void Tun::receive(Cpu& cpu) {
  while (!written_.is_empty()) {
    Packet& packet = written_.pop();
    packet.arrived_on = kind();
    backlog_.netif_rx(cpu, packet);
  }
}

}  // namespace stackscope
