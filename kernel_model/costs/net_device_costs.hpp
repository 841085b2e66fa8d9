#pragma once
// What the path between the protocols and a device costs: queueing, drivers, softirqs.

#include "kernel_model/costs/cost.hpp"

namespace stackscope {

struct NetDeviceCosts {
  Cost dev_queue_xmit, qdisc_enqueue, qdisc_dequeue, net_tx_action;
  Cost loopback_xmit, netif_rx;
  Cost net_rx_action, napi_poll, napi_complete, backlog_dequeue, netif_receive_skb;
  Cost nic_interrupt, nic_rx_frame, nic_tx_frame, nic_tx_clean, nic_unmask;

  void describe(auto&& field) {
    field("dev_queue_xmit", dev_queue_xmit, "from IP to the device's queue");
    field("qdisc_enqueue", qdisc_enqueue, "to take the queueing discipline's lock and offer it a packet");
    field("qdisc_dequeue", qdisc_dequeue, "to take a waiting packet from the queueing discipline");
    field("net_tx_action", net_tx_action, "to begin the transmit softirq");
    field("loopback_xmit", loopback_xmit, "loopback's driver, up to the backlog");
    field("netif_rx", netif_rx, "to put a packet on the CPU's backlog");
    field("net_rx_action", net_rx_action, "to begin the receive softirq");
    field("napi_poll", napi_poll, "to call one poll function, without its packets");
    field("napi_complete", napi_complete, "to take a poll function off the poll list");
    field("backlog_dequeue", backlog_dequeue, "to take a packet from the CPU's backlog");
    field("netif_receive_skb", netif_receive_skb, "from the softirq up to IP");
    field("nic_interrupt", nic_interrupt, "the driver's interrupt handler");
    field("nic_rx_frame", nic_rx_frame,
          "to take a frame from the receive ring and give the NIC a new buffer");
    field("nic_tx_frame", nic_tx_frame, "to map a frame, write its descriptor and ring the doorbell");
    field("nic_tx_clean", nic_tx_clean, "to clean the slot of a frame that was sent");
    field("nic_unmask", nic_unmask, "to let the NIC interrupt again: a write across the bus");
  }
};

}  // namespace stackscope
