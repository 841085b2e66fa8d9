#include "runner/results/socket_list.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "kernel_model/timers/jiffies.hpp"
#include "kernel_model/vocabulary/internet_address.hpp"

namespace stackscope {
namespace {

struct Listed {
  const SocketView& socket;
  const TcpView* tcp;  // null: UDP
};

std::vector<Listed> sockets_of(const HostView& host) {
  std::vector<Listed> all;
  for (const auto& [id, socket] : host.sockets) all.push_back({socket, host.tcp.find(id)});
  return all;
}

/// As ss names them, in the order of Linux's enum.
std::string_view state_of(const Listed& listed) {
  if (listed.tcp == nullptr) return listed.socket.remote_port != 0 ? "ESTAB" : "UNCONN";
  switch (listed.socket.state) {
    case TcpState::kEstablished:
      return "ESTAB";
    case TcpState::kSynSent:
      return "SYN-SENT";
    case TcpState::kSynRecv:
    case TcpState::kNewSynRecv:
      return "SYN-RECV";
    case TcpState::kFinWait1:
      return "FIN-WAIT-1";
    case TcpState::kFinWait2:
      return "FIN-WAIT-2";
    case TcpState::kTimeWait:
      return "TIME-WAIT";
    case TcpState::kCloseWait:
      return "CLOSE-WAIT";
    case TcpState::kLastAck:
      return "LAST-ACK";
    case TcpState::kListen:
      return "LISTEN";
    case TcpState::kClosing:
      return "CLOSING";
    default:
      return "UNCONN";
  }
}

std::string address_text(std::uint32_t address, std::uint16_t port) {
  const std::string port_text = port == 0 ? "*" : std::to_string(port);
  if (is_ipv6(address)) {
    const std::string host =
        address == kIpv6Loopback ? "::1" : fmt::format("fd00::{:x}:{:x}", address >> 16, address & 0xffff);
    return fmt::format("[{}]:{}", host, port_text);
  }
  return fmt::format("{}.{}.{}.{}:{}", address >> 24, address >> 16 & 0xff, address >> 8 & 0xff,
                     address & 0xff, port_text);
}

struct Queues {
  std::uint32_t receive = 0, send = 0;
};
Queues queues_of(const Listed& listed) {
  const SocketView& socket = listed.socket;
  if (listed.tcp == nullptr) return {socket.datagram_bytes, 0};
  if (socket.state == TcpState::kListen) return {socket.accept_queue, socket.accept_limit};
  if (socket.state == TcpState::kTimeWait) return {};
  const auto unread = static_cast<std::int32_t>(listed.tcp->rcv_nxt - listed.tcp->copied_seq);
  return {static_cast<std::uint32_t>(std::max(unread, 0)), listed.tcp->write_seq - listed.tcp->snd_una};
}

/// The timer that the listings tell: of what is sent and not acknowledged, of a closed window, of a peer that is silent.
struct RunningTimer {
  std::string_view name;  // as ss has it
  int number;             // as /proc has it
  std::int64_t jiffies;   // left
};
std::optional<RunningTimer> timer_of(const HostView& host, const Listed& listed, Instant now) {
  if (listed.tcp == nullptr || host.hz == 0) return std::nullopt;
  const TcpView& tcp = *listed.tcp;
  const Tick tick(Hz{host.hz}, Duration{});
  const auto left = [&](TimerFunction function) {
    return std::max<std::int64_t>(Jiffies{tcp.timer(function).expires} - tick.at(now), 0);
  };
  if (tcp.timer(TimerFunction::kTimeWait).is_armed() && listed.socket.state == TcpState::kTimeWait)
    return RunningTimer{"timewait", 3, left(TimerFunction::kTimeWait)};
  if (tcp.timer(TimerFunction::kTcpWrite).is_armed() && tcp.snd_nxt != tcp.snd_una)
    return RunningTimer{"on", 1, left(TimerFunction::kTcpWrite)};
  if (tcp.timer(TimerFunction::kTcpWrite).is_armed() && tcp.write_seq != tcp.snd_nxt)
    return RunningTimer{"persist", 4, left(TimerFunction::kTcpWrite)};
  if (tcp.timer(TimerFunction::kTcpKeepalive).is_armed())
    return RunningTimer{"keepalive", 2, left(TimerFunction::kTcpKeepalive)};
  return std::nullopt;
}

/// "204ms", "1min15sec": as ss prints a time that is left.
std::string time_left(std::int64_t ms) {
  if (ms >= 60'000)
    return fmt::format("{}min{}", ms / 60'000,
                       ms % 60'000 >= 1000 ? fmt::format("{}sec", ms % 60'000 / 1000) : "");
  if (ms >= 1'000)
    return fmt::format("{}{}", ms / 1000,
                       ms < 10'000 && ms % 1000 >= 100 ? fmt::format(".{}sec", ms % 1000 / 100) : "sec");
  return fmt::format("{}ms", ms);
}

/// Thousandths, without zeros at the end: as printf's %g would, far enough for times.
std::string milliseconds(std::uint64_t us) {
  std::string text = fmt::format("{}.{:03}", us / 1000, us % 1000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string detail_of(const HostView& host, const Listed& listed) {
  const SocketView& socket = listed.socket;
  if (listed.tcp == nullptr)
    return fmt::format("skmem:(r{},d{})", socket.rmem_alloc, socket.datagrams_dropped);
  const TcpView& tcp = *listed.tcp;
  std::string text =
      fmt::format("skmem:(r{},rb{},tb{},w{})", tcp.rmem_alloc, tcp.rcvbuf, tcp.sndbuf, tcp.wmem_queued);
  if (socket.state == TcpState::kListen || socket.state == TcpState::kTimeWait) return text;
  if (host.hz != 0 && tcp.rto_jiffies != 0) text += fmt::format(" rto:{}", tcp.rto_jiffies * 1000 / host.hz);
  if (tcp.srtt_us != 0) text += fmt::format(" rtt:{}", milliseconds(tcp.srtt_us / 8));
  if (host.hz != 0 && tcp.ato != 0) text += fmt::format(" ato:{}", tcp.ato * 1000 / host.hz);
  text += fmt::format(" cwnd:{}", tcp.snd_cwnd);
  if (tcp.snd_ssthresh < kInfiniteSsthresh) text += fmt::format(" ssthresh:{}", tcp.snd_ssthresh);
  if (tcp.write_seq != tcp.snd_nxt) text += fmt::format(" notsent:{}", tcp.write_seq - tcp.snd_nxt);
  return text + fmt::format(" snd_wnd:{} rcv_wnd:{}", tcp.snd_wnd, tcp.rcv_wnd);
}

std::string extra_of(const HostView& host, const Listed& listed, Instant now, bool in_detail) {
  std::string text;
  if (const auto timer = timer_of(host, listed, now))
    text += fmt::format(" timer:({},{},0)", timer->name, time_left(timer->jiffies * 1000 / host.hz));
  if (in_detail) text += fmt::format(" ino:{} sk:{:x}", listed.socket.file.value, listed.socket.id.value);
  return text;
}

struct Row {
  std::string cells[6];
  std::string extra, detail;
};

}  // namespace

std::string sockets_as_ss(const HostView& host, Instant now, bool in_detail) {
  std::vector<Row> rows{
      {{"Netid", "State", "Recv-Q", "Send-Q", "Local Address:Port", "Peer Address:Port"}, "", ""}};
  for (const Listed& listed : sockets_of(host)) {
    const Queues queues = queues_of(listed);
    const SocketView& socket = listed.socket;
    rows.push_back({{listed.tcp == nullptr ? "udp" : "tcp", std::string(state_of(listed)),
                     std::to_string(queues.receive), std::to_string(queues.send),
                     address_text(socket.local_address, socket.local_port),
                     address_text(socket.remote_address, socket.remote_port)},
                    extra_of(host, listed, now, in_detail),
                    in_detail ? detail_of(host, listed) : ""});
  }
  std::size_t widths[6] = {};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < std::size(widths); ++i) widths[i] = std::max(widths[i], row.cells[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < std::size(widths); ++i) {
      const bool is_address = i == 4;  // ss aligns those at their colons; the right edge does for the first
      line += is_address ? fmt::format("{:>{}} ", row.cells[i], widths[i])
                         : fmt::format("{:<{}} ", row.cells[i], widths[i]);
    }
    line += row.extra;
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n" + (row.detail.empty() ? "" : "\t " + row.detail + "\n");
  }
  return text;
}

namespace {

/// In memory's order, as a little-endian machine prints it.
std::uint32_t in_memory(std::uint32_t address) {
  return address << 24 | (address & 0xff00) << 8 | (address >> 8 & 0xff00) | address >> 24;
}

std::string proc_row(const HostView& host, const Listed& listed, Instant now, std::size_t slot) {
  const SocketView& socket = listed.socket;
  const bool is_udp = listed.tcp == nullptr;
  const int state = is_udp ? (socket.remote_port != 0 ? 1 : 7) : static_cast<int>(socket.state);
  const Queues queues = queues_of(listed);
  const bool is_listener = !is_udp && socket.state == TcpState::kListen;
  const auto timer = timer_of(host, listed, now);
  return fmt::format(
      "{:4}: {:08X}:{:04X} {:08X}:{:04X} {:02X} {:08X}:{:08X} {:02X}:{:08X} {:08X} {:5} {:8} {}\n", slot,
      in_memory(socket.local_address), socket.local_port, in_memory(socket.remote_address),
      socket.remote_port, state, is_listener ? 0 : queues.send, queues.receive, timer ? timer->number : 0,
      timer ? timer->jiffies * 100 / host.hz : 0, 0, 0, 0, socket.file.value);
}

std::string proc_table(const HostView& host, Instant now, bool of_udp) {
  std::string text =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
  std::size_t slot = 0;
  for (const Listed& listed : sockets_of(host)) {
    if ((listed.tcp == nullptr) != of_udp || is_ipv6(listed.socket.local_address)) continue;
    text += proc_row(host, listed, now, slot++);
  }
  return text;
}

}  // namespace

std::string sockets_as_proc(const HostView& host, Instant now) {
  return "/proc/net/tcp\n" + proc_table(host, now, false) + "\n/proc/net/udp\n" + proc_table(host, now, true);
}

}  // namespace stackscope
