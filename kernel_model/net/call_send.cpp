// connect() and send().
//
// Linux: net/ipv4/tcp_ipv4.c tcp_v4_connect(), net/ipv4/tcp_output.c tcp_connect(), net/ipv4/tcp.c
// tcp_sendmsg_locked()

#include <algorithm>
#include <cerrno>

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/net/sequence.hpp"
#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

int TcpSocket::connect(std::uint32_t address, std::uint16_t port) {
  if (is_connecting(state_)) return -EALREADY;
  if (state_ != TcpState::kClose) return -EISCONN;
  env_.charge(env_.tcp_costs().connect);
  const Route route = stack_.route(address);
  const bool has_address = tuple.local_address != 0 && (is_bound_ || address_locked_);
  FourTuple four{has_address ? tuple.local_address : route.source_address, address,
                 is_bound_ ? tuple.local_port : std::uint16_t{0}, port};
  const bool chooses_port = four.local_port == 0;
  if (chooses_port) {
    four.local_port = stack_.ports_.find_for_connect(
        local_port_range(env_.sysctls(), options().local_port_range), four,
        [this](const FourTuple& names) { return stack_.is_unique(names, true); });
    if (four.local_port == 0) return -EADDRNOTAVAIL;
  } else if (!stack_.is_unique(four, false)) {
    return -EADDRNOTAVAIL;
  }
  const auto inherited = stack_.take_place(four);
  is_by_connect_ = is_by_connect_ || chooses_port;
  // what it held it holds by the address that it has now
  release_port();
  tuple = four;
  move(TcpInput::kConnect);
  hold_port();
  stack_.table_.insert(*this);
  env_.trace().emit(
      SocketNamed{id_, four.local_address, four.remote_address, four.local_port, four.remote_port});

  init_connect(route);
  if (inherited) {
    rcv_.ts_recent = inherited->ts_recent;
    snd_.iss = snd_.snd_una = snd_.snd_sml = inherited->write_seq;
  }
  env_.counters().add(Counter::kTcpActiveOpens);
  send_syn(false);
  arm_write_timer(Pending::kRetransmit, rtt_.rto);
  return -EINPROGRESS;
}

/// Linux: tcp_connect_init()
void TcpSocket::init_connect(const Route& route) {
  const Sysctls& sysctls = env_.sysctls();
  rcv_.has_timestamps = sysctls.tcp_timestamps;
  rcv_.sack_ok = sysctls.tcp_sack;
  rcv_.advmss = within_maxseg(route.mtu - route.headers);
  snd_.mss_clamp = options().maxseg != 0 ? static_cast<std::uint32_t>(options().maxseg)
                                         : default_mss(tuple.remote_address);
  sync_mss(route);
  initialize_rcv_mss();  // before there is a window
  const InitialWindow window =
      select_initial_window(sysctls, full_space(), rcv_.advmss, initial_clamp(), sysctls.tcp_window_scaling);
  rcv_.window_clamp = window.window_clamp;
  rcv_.rcv_wscale = window.rcv_wscale;
  rcv_.rcv_ssthresh = window.rcv_wnd;
  error_ = 0, is_done_ = false;
  rcv_.irs = 0;
  move_receive(0, 0, 0, window.rcv_wnd);
  snd_.iss = snd_.write_seq != 0 ? snd_.write_seq : stack_.initial_sequence();
  snd_.snd_una = snd_.snd_sml = snd_.iss, snd_.snd_wnd = snd_.max_window = 0;  // the SYN tells
  snd_.stream = env_.streams().open();
}

std::int64_t TcpSocket::send(SendData data, SendHow how) {
  env_.charge(env_.tcp_costs().sendmsg);
  if (is_connecting(state_)) return -EAGAIN;
  if (error_ != 0) return -take_error();
  if (!may_send(state_) || shutdown_.send) return -EPIPE;
  cwnd_after_idle();
  const std::uint32_t mss = current_mss(), goal = size_goal(mss);
  const bool was_corked = snd_.cork;
  snd_.cork = was_corked || how.more;
  std::size_t taken = 0;
  while (taken < data.length) {
    env_.trace().emit(TcpSendmsgLocked{id_, static_cast<std::uint32_t>(data.length - taken), goal});
    Packet* tail = segment_to_fill(goal);
    if (tail == nullptr) break;
    const auto room = goal - tail->payload_bytes;
    const auto copied = static_cast<std::uint32_t>(std::min<std::size_t>(room, data.length - taken));
    copy_into(*tail, data.from == nullptr ? nullptr : data.from + taken, copied);
    taken += copied;
    if (taken < data.length && tail->payload_bytes == goal) push_along(*tail, mss);
  }
  if (taken > 0 && taken == data.length && how.ends_record) snd_.write_queue.back()->ends_record = true;
  if (taken > 0 && how.urgent) mark_urgent();
  if (taken > 0) push_last(mss, how.more);
  snd_.cork = was_corked;
  return taken > 0 || data.length == 0 ? static_cast<std::int64_t>(taken) : -EAGAIN;
}

/// Room for a segment more: of memory, and of what was not sent yet (TCP_NOTSENT_LOWAT), which must have fallen to half before
/// anybody is woken for it. Linux: __sk_stream_memory_free(), tcp_stream_memory_free()
bool TcpSocket::has_send_memory(bool wakes) const {
  if (snd_.wmem_queued >= snd_.sndbuf) return false;
  const auto most = static_cast<std::uint32_t>(options().notsent_lowat);
  const std::uint32_t unsent = snd_.write_seq - snd_.snd_nxt;
  return most == 0 || unsent << (wakes ? 1 : 0) < most;
}

/// A third of the buffer is free. Linux: __sk_stream_is_writeable()
bool TcpSocket::is_writable(bool wakes) const {
  return snd_.sndbuf - snd_.wmem_queued >= snd_.wmem_queued / 2 && has_send_memory(wakes);
}

/// The last segment of the queue, or a new one; null: no room.
Packet* TcpSocket::segment_to_fill(std::uint32_t goal) {
  Packet* tail = snd_.write_queue.back();
  if (tail != nullptr && tail->payload_bytes < goal && !tail->ends_record && !tail->has(tcp_flag::kFin))
    return tail;
  if (!has_send_memory(false)) {
    snd_.no_space = true;
    return nullptr;
  }
  Packet& fresh = new_segment(tcp_flag::kAck, snd_.write_seq);
  snd_.nagle_push = false;
  snd_.write_queue.push(fresh);
  return &fresh;
}

void TcpSocket::copy_into(Packet& tail, const std::byte* from, std::uint32_t length) {
  env_.charge(env_.tcp_costs().copy.of(length));
  if (from == nullptr) {
    env_.streams().append_pattern(snd_.stream, length);
  } else {
    env_.streams().append(snd_.stream, {from, length});
  }
  const std::uint32_t size =
      length + (tail.payload_bytes == 0 ? kSkbOverhead : 0);  // a new segment's own, too
  tail.payload_bytes += length;
  tail.truesize += length;
  mem_charge(size);
  move_send(snd_.snd_una, snd_.snd_nxt, snd_.write_seq + length, snd_.snd_wnd,
            snd_.wmem_queued + static_cast<std::int32_t>(size));
}

bool TcpSocket::is_push_due() const { return after(snd_.write_seq, snd_.pushed_seq + snd_.max_window / 2); }

void TcpSocket::mark_push(Packet& tail) {
  tail.flags |= tcp_flag::kPsh;
  snd_.pushed_seq = snd_.write_seq;
}

/// A segment is full and more is to come. Linux: forced_push(), tcp_push_one()
void TcpSocket::push_along(Packet& tail, std::uint32_t mss) {
  if (is_push_due()) {
    mark_push(tail);
    push_pending_frames(mss, true);
  } else if (&tail == snd_.write_queue.front()) {
    write_xmit(mss, true, true);
  }
}

/// The program has given what it had. Linux: tcp_push()
void TcpSocket::push_last(std::uint32_t mss, bool more) {
  Packet* tail = snd_.write_queue.back();
  if (tail == nullptr) return;
  if (!more || is_push_due()) mark_push(*tail);
  push_pending_frames(mss, false);
}

}  // namespace stackscope
