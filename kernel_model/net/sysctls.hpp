#pragma once
// The knobs of net.ipv4 and net.core that TCP reads, with the defaults of a Linux 6.18 on a machine of some
// GiB.
//
// Linux: net/ipv4/tcp_ipv4.c tcp_sk_init(), net/ipv4/tcp.c tcp_init()
// Units: bytes where nothing else is said. Names are the kernel's, without the prefix.

#include <array>
#include <cstdint>

namespace stackscope {

struct Sysctls {
  std::array<std::int32_t, 3> tcp_rmem{4096, 131072, 33554432};  // least, default, most
  std::array<std::int32_t, 3> tcp_wmem{4096, 16384, 4194304};
  std::int32_t rmem_max = 4194304, wmem_max = 4194304;        // what SO_RCVBUF and SO_SNDBUF may ask for
  std::int32_t rmem_default = 212992, wmem_default = 212992;  // what a UDP socket starts with
  bool tcp_moderate_rcvbuf = true;
  bool tcp_timestamps = true;
  bool tcp_window_scaling = true;
  bool tcp_sack = true, tcp_dsack = true;
  bool tcp_abort_on_overflow = false;
  bool tcp_backlog_ack_defer = true;
  bool tcp_slow_start_after_idle = true;
  bool tcp_retrans_collapse = true;
  std::uint8_t tcp_pingpong_thresh = 1;
  std::uint8_t tcp_syn_retries = 6, tcp_syn_linear_timeouts = 4, tcp_synack_retries = 5, tcp_retries2 = 15;
  std::uint8_t tcp_app_win = 31;
  std::uint8_t tcp_comp_sack_nr = 44;  // at most so many ACKs are held back
  std::uint32_t tcp_comp_sack_delay_ns = 1'000'000, tcp_comp_sack_slack_ns = 100'000;
  std::uint16_t tcp_min_snd_mss = 48;
  std::uint8_t tcp_tso_win_divisor = 3, tcp_min_tso_segs = 2, tcp_tso_rtt_log = 9;
  std::uint32_t tcp_rto_min_us = 200'000;
  std::uint32_t tcp_fin_timeout_s = 60;
  std::int32_t tcp_max_tw_buckets =
      131072;                     // connections in TIME_WAIT; sized at boot by the table of connections
  std::uint8_t tcp_tw_reuse = 2;  // connect() takes their ports: never, always, on loopback
  std::uint32_t tcp_tw_reuse_delay_ms = 1000;
  bool tcp_rfc1337 = false;
  std::int32_t somaxconn = 4096;
  std::int32_t tcp_max_syn_backlog = 4096;
  std::uint8_t tcp_syncookies = 1;  // never, when the SYN queue is full, always
  std::uint16_t ip_local_port_first = 32768, ip_local_port_last = 60999;
};

}  // namespace stackscope
