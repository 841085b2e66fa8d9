// Duplicate acknowledgements beyond the third are held back a little: one that comes later tells as much.
//
// Linux: net/ipv4/tcp_input.c __tcp_ack_snd_check(), tcp_sack_compress_send_ack(); net/ipv4/tcp_timer.c
//        tcp_compressed_ack_kick(); net/ipv4/tcp_output.c tcp_event_ack_sent()

#include <algorithm>

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

namespace {

constexpr std::uint32_t kFastRetransmit = 3;  // TCP_FASTRETRANS_THRESH: so many duplicates the peer must see

}  // namespace

/// Something waits out of order, and no ACK is due for another reason. Whether it waits, for a twentieth of the round trip at
/// most; if not, it must be sent.
bool TcpSocket::holds_back_ack() {
  const Sysctls& sysctls = env_.sysctls();
  AckCompression& c = rare().compressed;
  if (!rcv_.sack_ok || c.held >= sysctls.tcp_comp_sack_nr) return false;
  if (c.rcv_nxt != rcv_.rcv_nxt) c.rcv_nxt = rcv_.rcv_nxt, c.sent = 0;
  if (c.sent < kFastRetransmit) return ++c.sent, false;
  if (c.held++ > 0 && c.timer != nullptr && c.timer->is_queued()) return true;
  std::uint32_t rtt_us = tuning().rtt_us;  // both eightfold
  if (rtt_.srtt_us != 0) rtt_us = std::min(rtt_us, rtt_.srtt_us);
  const Duration delay =
      std::min(Duration::ns(sysctls.tcp_comp_sack_delay_ns), Duration::us(rtt_us) / 8 / 20);
  if (c.timer == nullptr) {
    c.timer = std::make_unique<Hrtimer>(
        this, [](void* self) { return static_cast<TcpSocket*>(self)->on_compressed_ack_timer(); });
  }
  c.since = env_.engine().now();
  const Duration slack = Duration::ns(sysctls.tcp_comp_sack_slack_ns);
  env_.trace().emit(HrtimerStart{TaskId{}, c.since + delay, c.since + delay + slack});
  env_.start_soft(*c.timer, c.since + delay, slack);
  return true;
}

/// One that was held back may not wait any longer: what it would tell is about to be forgotten.
void TcpSocket::send_compressed_ack() {
  if (rare_ == nullptr || rare_->compressed.held == 0) return;
  --rare_->compressed.held;  // this one is sent after all
  send_ack();
}

/// An ACK leaves, which tells all that those held back would have told.
void TcpSocket::stop_compression() {
  if (rare_ == nullptr || rare_->compressed.timer == nullptr) return;
  AckCompression& c = rare_->compressed;
  env_.counters().add(Counter::kAckCompressed, std::exchange(c.held, 0));
  if (!c.timer->is_queued()) return;
  env_.trace().emit(HrtimerCancel{TaskId{}});
  c.timer = nullptr;
}

Restart TcpSocket::on_compressed_ack_timer() {
  hold();
  env_.trace().emit(HrtimerExpire{TaskId{}});
  env_.lock(lock_);
  env_.charge(env_.tcp_costs().timer);
  if (is_owned_) {
    delack_deferred_ = true;
  } else if (rare_->compressed.held > 0) {
    env_.trace().emit(Waited{WaitReason::kCompressedAck, rare_->compressed.since, TaskId{}, RecordId{}});
    send_compressed_ack();
  }
  env_.unlock(lock_);
  put();
  return Restart::kNo;
}

}  // namespace stackscope
