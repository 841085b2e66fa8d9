#pragma once
// What is left of a connection for a minute after it has ended: just enough to answer late segments.
//
// Linux:   net/ipv4/tcp_minisocks.c tcp_time_wait(), tcp_timewait_state_process(); net/ipv4/inet_timewait_sock.c
// Differs: no PAWS, no RFC 1337, and connect() never takes such a connection's port (tcp_tw_reuse). A socket that a program still
//          holds says TIME_WAIT until the minute is over, and connect() on it EISCONN; Linux says CLOSE, and connects. Who could
//          notice: clients that exhaust their ports, and whoever uses a descriptor twice.

#include "kernel_model/net/answer_limit.hpp"
#include "kernel_model/net/connection_table.hpp"
#include "kernel_model/net/ports.hpp"
#include "kernel_model/net/socket_timer.hpp"
#include "kernel_model/net/tcp_states.hpp"

namespace stackscope {

class TcpStack;

inline constexpr Duration kTimeWaitLength = Duration::s(60);  // TCP_TIMEWAIT_LEN

class TimeWait final : public ConnectionEntry {
 public:
  struct Sequence {
    std::uint32_t rcv_nxt, snd_nxt;
    std::uint32_t rcv_wnd;
    std::uint8_t rcv_wscale;
    bool has_timestamps;
    std::uint32_t ts_recent;
  };
  /// `substate`: kTimeWait; or kFinWait2, for an orphan whose peer has not sent its FIN.
  TimeWait(TcpStack& stack, SocketId id, const FourTuple& four, TcpState substate, const Sequence& sequence,
           PortClaim claim);

  void start(Duration length);
  void receive(Packet& packet);
  void stop();

  TcpState substate() const { return substate_; }
  SocketId id() const { return id_; }
  const SocketTimer& timer() const { return timer_; }
  bool holds_port = false;
  PortClaim claim() const { return claim_; }

 private:
  friend class TcpStack;
  void on_timer();
  void move(TcpInput input);
  void end(TcpInput input);
  enum class Answer : std::uint8_t { kNone, kAck, kLimitedAck, kReset, kEnd, kGiveWay };
  Answer in_fin_wait2(const Packet& packet);
  Answer in_time_wait(const Packet& packet);
  bool is_new_connection(const Packet& packet) const;
  void acknowledge();
  void give_way(Packet& syn);

  TcpStack& stack_;
  const SocketId id_;
  TcpState substate_;
  Sequence sequence_;
  PortClaim claim_;
  AnswerLimit limit_;
  SocketTimer timer_;
};

}  // namespace stackscope
