#pragma once
// What is left of a connection for a minute after it has ended: just enough to answer late segments. It has an identity and a
// timer of its own and holds the port; the socket that it was made from is done (CLOSE), whether a program holds it or not.
//
// Linux:   net/ipv4/tcp_minisocks.c tcp_time_wait(), tcp_timewait_state_process(); net/ipv4/inet_timewait_sock.c;
//          net/ipv4/tcp_ipv4.c tcp_twsk_unique(); struct tcp_timewait_sock
// Differs: the age of the peer's latest timestamp, which only decides whether an older one excuses a RST, counts from the
//          object's beginning. Who could notice: nobody before a minute has passed.

#include <optional>

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
  /// What a connection that takes this one's place begins with.
  struct Inheritance {
    std::uint32_t write_seq, ts_recent;
  };
  /// `substate`: kTimeWait; or kFinWait2, for an orphan whose peer has not sent its FIN. It holds the port from now on.
  TimeWait(TcpStack& stack, SocketId id, const FourTuple& four, TcpState substate, const Sequence& sequence,
           PortClaim claim);

  /// Linux: inet_twsk_schedule()
  void start(std::uint64_t jiffies);
  void receive(Packet& packet);

  /// A connection that this host opens by the same four numbers may take its place: `by_choice`, where connect() chose the port
  /// and tcp_tw_reuse decides; a program that named its port may always. Both need timestamps. Linux: tcp_twsk_unique()
  bool may_be_taken(bool by_choice) const;
  /// REQUIRES: may_be_taken(). This object is gone afterwards.
  Inheritance give_place();

  TcpState substate() const { return substate_; }
  SocketId id() const { return id_; }
  const SocketTimer& timer() const { return timer_; }

 private:
  void on_timer();
  void restart();
  void end();
  enum class Answer : std::uint8_t { kNone, kAck, kLimitedAck, kReset, kEnd, kGiveWay };
  Answer in_fin_wait2(const Packet& packet, bool is_older);
  Answer in_time_wait(const Packet& packet, bool is_older);
  bool fails_paws(const Packet& packet) const;
  bool has_timestamp(const Packet& packet) const {
    return sequence_.has_timestamps && packet.options.has_timestamps;
  }
  void take_timestamp(const Packet& packet);
  bool is_new_connection(const Packet& packet) const;
  bool is_on_loopback() const;
  std::uint32_t next_sequence() const;
  bool may_answer(const Packet& packet);
  void acknowledge();
  void give_way(Packet& syn);

  TcpStack& stack_;
  const SocketId id_;
  TcpState substate_;
  Sequence sequence_;
  // Since when it is in TIME_WAIT; when ts_recent came.
  Instant entry_, ts_recent_stamp_;
  PortClaim claim_;
  AnswerLimit limit_;
  SocketTimer timer_;
};

}  // namespace stackscope
