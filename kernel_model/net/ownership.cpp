// Who has a socket: a task that is inside a call, or a softirq for the length of one segment.
//
// Linux: net/core/sock.c lock_sock_nested(), release_sock(), __release_sock(); net/ipv4/tcp_output.c
// tcp_release_cb();
//        net/ipv4/tcp_ipv4.c tcp_add_backlog()
// Differs: segments in a backlog are not merged.

#include <cassert>

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

bool TcpSocket::own(TaskId task) {
  env_.bh_disable();
  env_.lock(lock_);
  const bool is_free = !is_owned_;
  if (is_free) {
    is_owned_ = true;
    owner_ = task;
    hold();
    owned_record_ = env_.trace().emit(SocketOwned{id_, task});
  }
  env_.unlock(lock_);
  env_.bh_enable();
  return is_free;
}

void TcpSocket::disown() {
  assert(is_owned_);
  env_.charge(env_.tcp_costs().release);
  env_.bh_disable();
  env_.lock(lock_);
  process_backlog();
  release_deferred();
  is_owned_ = false;
  owner_ = TaskId{};
  env_.trace().emit(SocketOwned{id_, TaskId{}});
  env_.unlock(lock_);
  env_.bh_enable();
  put();
}

/// The spinlock is let go while the segments are processed: the owner's mark keeps softirqs out, and their
/// segments join the backlog again.
void TcpSocket::process_backlog() {
  const RecordId cause = env_.trace().moment().cause;
  while (has_backlog()) {
    PacketQueue queue;
    queue.splice(rare_->backlog);
    env_.unlock(lock_);
    env_.bh_enable();
    while (!queue.is_empty()) {
      Packet& packet = queue.pop();
      rcv_.backlog_bytes -= packet.truesize;
      env_.trace().emit(SocketBacklog{id_, packet.id, false}, cause);
      env_.trace().emit(Waited{WaitReason::kSocketBacklog, packet.stamp, TaskId{}, owned_record_},
                        packet.cause);
      process(packet);
    }
    env_.bh_disable();
    env_.lock(lock_);
  }
  env_.trace().moment().cause = cause;
}

/// What timers and segments left to the owner to do. Linux: tcp_release_cb()
void TcpSocket::release_deferred() {
  if (write_timer_deferred_) {
    write_timer_deferred_ = false;
    write_timer_handler();
  }
  if (delack_deferred_) {
    delack_deferred_ = false;
    delack_timer_handler();
  }
  if (rare_ != nullptr && rare_->mtu_info != 0) mtu_reduced();
  if (ack_.deferred) {
    ack_.deferred = false;
    if (ack_scheduled()) send_ack();
  }
}

void TcpSocket::deliver(Packet& packet) {
  hold();
  env_.lock(lock_);
  counts_.count_in(packet);
  if (!is_owned_) {
    process(packet);
  } else {
    // Room for what the windows of both directions may bring, so that only a flood is dropped.
    const std::int64_t limit = std::int64_t{2} * rcv_.rcvbuf + snd_.sndbuf / 2 + 64 * 1024;
    if (rcv_.rmem_alloc + std::int64_t{rcv_.backlog_bytes} > limit) {
      env_.counters().add(Counter::kBacklogDrop);
      stack_.drop(packet, DropReason::kSocketBacklogFull);
    } else {
      rcv_.backlog_bytes += packet.truesize;
      packet.stamp = env_.engine().now();
      packet.cause = env_.trace().emit(SocketBacklog{id_, packet.id, true});
      rare().backlog.push(packet);
    }
  }
  env_.unlock(lock_);
  put();
}

}  // namespace stackscope
