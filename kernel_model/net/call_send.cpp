// connect() and send().
//
// Linux: net/ipv4/tcp_ipv4.c tcp_v4_connect(), net/ipv4/tcp_output.c tcp_connect(), net/ipv4/tcp.c tcp_sendmsg_locked()

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
  if (state_ != TcpState::kClose || is_done_) return -EISCONN;
  env_.charge(env_.tcp_costs().connect);
  const Route route = env_.route(address);
  FourTuple four{tuple.local_address != 0 ? tuple.local_address : route.source_address, address, tuple.local_port, port};
  if (four.local_port == 0) {
    four.local_port = stack_.ports_.find_for_connect(env_.sysctls(), four, stack_.table_);
    if (four.local_port == 0) return -EADDRNOTAVAIL;
  } else if (stack_.table_.find(four) != nullptr) {
    return -EADDRNOTAVAIL;
  }
  tuple = four;
  shutdown_ = {};
  error_ = 0;
  move(TcpInput::kConnect);
  stack_.table_.insert(*this);
  env_.trace().emit(SocketNamed{id_, four.local_address, four.remote_address, four.local_port, four.remote_port});

  // Linux: tcp_connect_init()
  const Sysctls& sysctls = env_.sysctls();
  rcv_.has_timestamps = sysctls.tcp_timestamps;
  rcv_.sack_ok = sysctls.tcp_sack;
  rcv_.advmss = route.mtu - 40;
  snd_.mss_clamp = rcv_.advmss;
  const InitialWindow window =
      select_initial_window(sysctls, full_space(), rcv_.advmss, rcv_.window_clamp, sysctls.tcp_window_scaling);
  rcv_.window_clamp = window.window_clamp;
  rcv_.rcv_wscale = window.rcv_wscale;
  rcv_.rcv_ssthresh = window.rcv_wnd;
  rcv_.rcv_wnd = window.rcv_wnd;
  snd_.iss = stack_.initial_sequence();
  snd_.snd_una = snd_.snd_sml = snd_.iss;
  snd_.stream = env_.streams().open();
  env_.counters().add(Counter::kTcpActiveOpens);
  send_syn(false);
  arm_write_timer(Pending::kRetransmit, rtt_.rto);
  return -EINPROGRESS;
}

std::int64_t TcpSocket::send(SendData data, bool more) {
  env_.charge(env_.tcp_costs().sendmsg);
  if (is_connecting(state_)) return -EAGAIN;
  if (error_ != 0) return -take_error();
  if (!may_send(state_) || shutdown_.send) return -EPIPE;
  cwnd_after_idle();
  const std::uint32_t mss = current_mss(), goal = size_goal(mss);
  const bool was_corked = snd_.cork;
  snd_.cork = was_corked || more;
  std::size_t taken = 0;
  while (taken < data.length) {
    Packet* tail = snd_.write_queue.back();
    env_.trace().emit(TcpSendmsgLocked{id_, static_cast<std::uint32_t>(data.length - taken), goal});
    if (tail == nullptr || tail->payload_bytes >= goal || tail->has(tcp_flag::kFin)) {
      if (snd_.wmem_queued >= snd_.sndbuf) {  // sk_stream_memory_free()
        snd_.no_space = true;
        break;
      }
      Packet& fresh = new_segment(tcp_flag::kAck, snd_.write_seq);
      fresh.truesize = 0;
      charge_queued(fresh, kSkbOverhead);
      snd_.write_queue.push(fresh);
      tail = &fresh;
    }
    const auto copied = static_cast<std::uint32_t>(std::min<std::size_t>(goal - tail->payload_bytes, data.length - taken));
    env_.charge(env_.tcp_costs().copy.of(copied));
    if (data.from == nullptr) {
      env_.streams().append_pattern(snd_.stream, copied);
    } else {
      env_.streams().append(snd_.stream, {data.from + taken, copied});
    }
    tail->payload_bytes += copied;
    charge_queued(*tail, copied);
    taken += copied;
    move_send(snd_.snd_una, snd_.snd_nxt, snd_.write_seq + copied, snd_.snd_wnd);
    if (taken == data.length || tail->payload_bytes < goal) continue;
    // Much has gathered: push it along while the rest is copied.
    if (after(snd_.write_seq, snd_.pushed_seq + snd_.max_window / 2)) {  // forced_push()
      tail->flags |= tcp_flag::kPsh;
      snd_.pushed_seq = snd_.write_seq;
      push_pending_frames(mss, true);
    } else if (tail == snd_.write_queue.front()) {
      write_xmit(mss, true, true);  // tcp_push_one()
    }
  }
  if (Packet* tail = snd_.write_queue.back(); tail != nullptr && taken > 0) {  // tcp_push()
    if (!more || after(snd_.write_seq, snd_.pushed_seq + snd_.max_window / 2)) {
      tail->flags |= tcp_flag::kPsh;
      snd_.pushed_seq = snd_.write_seq;
    }
    push_pending_frames(mss, false);
  }
  snd_.cork = was_corked;
  if (taken > 0 || data.length == 0) return static_cast<std::int64_t>(taken);
  return -EAGAIN;
}

}  // namespace stackscope
