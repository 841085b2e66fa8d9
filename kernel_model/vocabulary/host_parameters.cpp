#include "kernel_model/vocabulary/host_parameters.hpp"

#include <array>

namespace stackscope {
namespace {

namespace p = parameter;

constexpr std::int64_t kInt = INT32_MAX;

constexpr Parameter kHz =
    p::integer("hz", "ticks/s", 100, 1000, "250",
               "Ticks a second (CONFIG_HZ); timers and the scheduler's tick sit on this grid.")
        .only("100|250|1000");
constexpr Parameter kTickPhase =
    p::duration("tick_phase", Duration{}, Duration::ms(10), "0ns",
                "When the first tick comes after the start; moves everything that waits for a tick.");

constexpr auto kHost = std::to_array<Parameter>({
    p::integer("cpus", "CPUs", 1, 64, "1", "How many CPUs the machine has."),
    p::text(
        "profile", "linux-6.18-epyc-vm",
        "What each step costs on this machine: a profile of assets/profiles, or a file that ends in .toml."),
    kHz,
    kTickPhase,
    p::choice("jitter", "off|measured", "off",
              "Whether each cost is fixed or drawn from the quartiles that were measured for it."),
});

constexpr auto kNic = std::to_array<Parameter>({
    p::integer("rx_ring", "frames", 8, 16384, "512",
               "Frames the receive ring holds; further ones are dropped by the NIC."),
    p::integer("tx_ring", "frames", 8, 16384, "512",
               "Frames the transmit ring holds; a full ring stops the queue."),
    p::integer("rx_usecs", "us", 0, 65535, "0",
               "Interrupt moderation (ethtool -C rx-usecs): the interrupt waits this long for more frames; 0 "
               "is off.")
        .while_running(),
    p::integer(
        "rx_frames", "frames", 0, 65535, "0",
        "Interrupt moderation (ethtool -C rx-frames): so many frames end the wait early; 0 is no such limit.")
        .while_running(),
    p::integer("napi_weight", "frames", 1, 64, "64",
               "Frames one call of the driver's poll may take (NAPI_POLL_WEIGHT)."),
});

// Those of TCP and sockets stand first: peers have them too.
constexpr auto kSysctls = std::to_array<Parameter>({
    p::integer("net.core.somaxconn", "connections", 0, kInt, "4096",
               "The most that listen() grants as its backlog.")
        .while_running(),
    p::integer("net.ipv4.tcp_max_syn_backlog", "connections", 0, kInt, "2048",
               "Half-open connections a listener keeps; the kernel sizes the default by its memory.")
        .while_running(),
    p::integer("net.ipv4.tcp_abort_on_overflow", "", 0, 1, "0",
               "Whether a full accept queue answers with RST (1) or lets the client try again (0).")
        .while_running(),
    p::integer("net.ipv4.tcp_syncookies", "", 0, 2, "1",
               "SYN cookies: never (0), when the SYN queue is full (1), always (2).")
        .while_running(),
    p::integer("net.ipv4.tcp_synack_retries", "retransmissions", 0, 255, "5",
               "How often a SYN-ACK is repeated before its half-open connection is forgotten: 5 take 63 s.")
        .while_running(),
    p::integer("net.ipv4.tcp_retries2", "retransmissions", 0, 255, "15",
               "After how many retransmissions' time a connection is given up: 15 take 924 s at least.")
        .while_running(),
    p::integers("net.ipv4.ip_local_port_range", "", 2, 1, 65535, "32768 60999",
                "First and last port that connect() and bind() to port 0 may choose.")
        .while_running(),
    p::integer("net.ipv4.tcp_fin_timeout", "s", 0, 100'000, "60",
               "How long a connection that its program has closed waits in FIN_WAIT2 for the peer's FIN.")
        .while_running(),
    p::integer("net.ipv4.tcp_tw_reuse", "", 0, 2, "2",
               "Whether connect() may take a port in TIME_WAIT: never (0), always (1), on loopback (2).")
        .while_running(),
    p::integer("net.ipv4.tcp_tw_reuse_delay", "ms", 1, kInt, "1000",
               "How long a port has been in TIME_WAIT before connect() may take it.")
        .while_running(),
    p::integer("net.ipv4.tcp_max_tw_buckets", "connections", 0, kInt, "131072",
               "The most in TIME_WAIT; further ones are forgotten at once. The kernel sizes the default by "
               "its memory.")
        .while_running(),
    p::integer("net.ipv4.tcp_rfc1337", "", 0, 1, "0",
               "Whether a RST leaves TIME_WAIT as it is (1) or ends it (0).")
        .while_running(),
    p::integers("net.ipv4.tcp_rmem", "bytes", 3, 1, kInt, "4096 131072 33554432",
                "A socket's receive buffer: least, at first, and the most that autotuning grows it to.")
        .while_running(),
    p::integers("net.ipv4.tcp_wmem", "bytes", 3, 1, kInt, "4096 16384 4194304",
                "A socket's send buffer: least, at first, and the most that autotuning grows it to.")
        .while_running(),
    p::integer("net.ipv4.tcp_timestamps", "", 0, 2, "1",
               "Timestamps in every segment (RFC 7323): off, on, on without offset.")
        .while_running(),
    p::integer("net.ipv4.tcp_sack", "", 0, 1, "1", "Selective acknowledgements (RFC 2018).").while_running(),
    p::integer("net.ipv4.tcp_dsack", "", 0, 1, "1", "Tell of segments that came twice (RFC 2883).")
        .while_running(),
    p::integer("net.ipv4.tcp_comp_sack_nr", "", 0, 255, "44",
               "How many duplicate ACKs may be held back; 0: none.")
        .while_running(),
    p::integer("net.ipv4.tcp_comp_sack_delay_ns", "ns", 0, 2'000'000'000, "1000000",
               "How long a duplicate ACK may be held back, at most.")
        .while_running(),
    p::integer("net.ipv4.tcp_comp_sack_slack_ns", "ns", 0, 2'000'000'000, "100000",
               "By how much longer, so that one interrupt serves several timers.")
        .while_running(),
    p::integer("net.ipv4.tcp_window_scaling", "", 0, 1, "1", "Windows above 64 KiB (RFC 7323).")
        .while_running(),
    p::choice("net.ipv4.tcp_congestion_control", "cubic|reno", "cubic",
              "The congestion control of new sockets.")
        .while_running(),
    p::integer("net.core.netdev_budget", "frames", 1, kInt, "300",
               "Frames one run of the receive softirq may take, over all devices.")
        .while_running(),
    p::integer("net.core.netdev_budget_usecs", "us", 1, kInt, "2 jiffies",
               "Time one run of the receive softirq may take; two jiffies unless set.")
        .with_word("2 jiffies", 0)
        .while_running(),
    p::integer("net.core.netdev_max_backlog", "frames", 0, kInt, "1000",
               "Frames a CPU's backlog holds (loopback, veth); further ones are dropped.")
        .while_running(),
    p::integer("net.core.dev_weight", "frames", 1, kInt, "64", "Frames one poll of a CPU's backlog may take.")
        .while_running(),
});
// A peer has no CPUs: the last ones are not for it.
constexpr std::size_t kPeerSysctls = [] {
  std::size_t count = 0;
  while (kSysctls[count].name != "net.core.netdev_budget") ++count;
  return count;
}();

constexpr auto kPeer = std::to_array<Parameter>({kHz, kTickPhase});

constexpr auto kLink = std::to_array<Parameter>({
    p::rate("rate", 1'000, 1'000'000'000'000, "10Gbit/s", "Bits a second, each direction by itself.")
        .while_running(),
    p::duration("delay", Duration{}, Duration::s(3600), "10us",
                "Time a frame is under way after its last bit was sent.")
        .while_running(),
    p::integer("queue", "frames", 1, 1'000'000, "1000",
               "Frames that wait for the link in each direction; further ones are dropped.")
        .while_running(),
    p::integer("mtu", "bytes", 576, 65535, "1500", "The largest IP packet that one frame carries."),
    p::duration(
        "cut", Duration{}, Duration::s(86400), "0us",
        "From this moment of the run on nothing arrives any more, and neither end is told; 0 is never.")
        .while_running(),
});

}  // namespace

std::span<const Parameter> host_parameters() { return kHost; }
std::span<const Parameter> nic_parameters() { return kNic; }
std::span<const Parameter> sysctl_parameters() { return kSysctls; }
std::span<const Parameter> peer_parameters() { return kPeer; }
std::span<const Parameter> peer_sysctl_parameters() { return std::span(kSysctls).first(kPeerSysctls); }
std::span<const Parameter> link_parameters() { return kLink; }

Duration netdev_budget_time(const Arguments& host, const Arguments& sysctl) {
  const std::int64_t us = sysctl.integer("net.core.netdev_budget_usecs");
  return us == 0 ? Duration::us(2 * 1'000'000 / host.integer("hz")) : Duration::us(us);
}

}  // namespace stackscope
