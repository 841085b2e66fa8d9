#pragma once
// TCP's state machine, as the table of the RFC's arrows. Tests print it, views and documents draw it.
//
// Linux:   net/ipv4/tcp.c tcp_set_state(), net/ipv4/tcp_input.c tcp_rcv_state_process(), and where else sk_state is set
//
// A connection in TIME_WAIT has no socket: where an arrow leads there, the socket itself goes to CLOSE, and what is left of the
// connection takes the arrows from then on (TimeWait).

#include <array>
#include <optional>
#include <string_view>

#include "kernel_model/vocabulary/tcp_state.hpp"

namespace stackscope {

/// What makes a connection change its state: calls of the program, segments, and the clock.
enum class TcpInput : std::uint8_t {
  kListen,    // listen(): the passive open
  kConnect,   // connect(): the active open
  kClose,     // close() or shutdown(SHUT_WR): our FIN is queued
  kAbort,     // close() with unread data, or giving the socket up
  kSyn,       // a SYN without ACK
  kSynAck,    // a SYN that acknowledges ours
  kAckOfSyn,  // our SYN was acknowledged
  kAckOfFin,  // our FIN was acknowledged
  kFin,       // the peer's FIN, in order
  kReset,     // a RST that is acceptable
  kTimeout    // retransmission given up, or TIME_WAIT over
};
inline constexpr std::size_t kTcpInputs = 11;
std::string_view name_of(TcpInput input);

struct Transition {
  TcpState from;
  TcpInput input;
  TcpState to;
  std::string_view source;
};

// clang-format off
inline constexpr auto kTransitions = std::to_array<Transition>({
    {TcpState::kClose,       TcpInput::kListen,   TcpState::kListen,      "RFC 9293 3.10.1, passive open"},
    {TcpState::kClose,       TcpInput::kConnect,  TcpState::kSynSent,     "RFC 9293 3.10.1, active open"},
    // In LISTEN a segment moves the connection that is made for it, not the listener.
    {TcpState::kListen,      TcpInput::kSyn,      TcpState::kSynRecv,     "RFC 9293 3.10.7.2, third"},
    {TcpState::kListen,      TcpInput::kClose,    TcpState::kClose,       "RFC 9293 3.10.4"},
    {TcpState::kSynSent,     TcpInput::kSynAck,   TcpState::kEstablished, "RFC 9293 3.10.7.3, fourth"},
    {TcpState::kSynSent,     TcpInput::kSyn,      TcpState::kSynRecv,     "RFC 9293 3.10.7.3, fourth: simultaneous open"},
    {TcpState::kSynSent,     TcpInput::kReset,    TcpState::kClose,       "RFC 9293 3.10.7.3, second"},
    {TcpState::kSynSent,     TcpInput::kClose,    TcpState::kClose,       "RFC 9293 3.10.4"},
    {TcpState::kSynSent,     TcpInput::kAbort,    TcpState::kClose,       "RFC 9293 3.10.5"},
    {TcpState::kSynSent,     TcpInput::kTimeout,  TcpState::kClose,       "RFC 9293 3.10.8, user timeout"},
    {TcpState::kSynRecv,     TcpInput::kAckOfSyn, TcpState::kEstablished, "RFC 9293 3.10.7.4, fifth"},
    {TcpState::kSynRecv,     TcpInput::kFin,      TcpState::kCloseWait,   "RFC 9293 3.10.7.4, eighth"},
    {TcpState::kSynRecv,     TcpInput::kReset,    TcpState::kClose,       "RFC 9293 3.10.7.4, second"},
    {TcpState::kSynRecv,     TcpInput::kClose,    TcpState::kFinWait1,    "RFC 9293 3.10.4"},
    {TcpState::kSynRecv,     TcpInput::kAbort,    TcpState::kClose,       "RFC 9293 3.10.5"},
    {TcpState::kSynRecv,     TcpInput::kTimeout,  TcpState::kClose,       "RFC 9293 3.10.8, user timeout"},
    {TcpState::kEstablished, TcpInput::kFin,      TcpState::kCloseWait,   "RFC 9293 3.10.7.4, eighth"},
    {TcpState::kEstablished, TcpInput::kClose,    TcpState::kFinWait1,    "RFC 9293 3.10.4"},
    {TcpState::kEstablished, TcpInput::kReset,    TcpState::kClose,       "RFC 9293 3.10.7.4, second"},
    {TcpState::kEstablished, TcpInput::kAbort,    TcpState::kClose,       "RFC 9293 3.10.5; RFC 2525 2.17"},
    {TcpState::kEstablished, TcpInput::kTimeout,  TcpState::kClose,       "RFC 9293 3.8.3, R2"},
    {TcpState::kFinWait1,    TcpInput::kAckOfFin, TcpState::kFinWait2,    "RFC 9293 3.10.7.4, fifth"},
    {TcpState::kFinWait1,    TcpInput::kFin,      TcpState::kClosing,     "RFC 9293 3.10.7.4, eighth"},
    {TcpState::kFinWait1,    TcpInput::kReset,    TcpState::kClose,       "RFC 9293 3.10.7.4, second"},
    {TcpState::kFinWait1,    TcpInput::kAbort,    TcpState::kClose,       "RFC 9293 3.10.5; data for an orphan"},
    {TcpState::kFinWait1,    TcpInput::kTimeout,  TcpState::kClose,       "RFC 9293 3.8.3, R2"},
    {TcpState::kFinWait2,    TcpInput::kFin,      TcpState::kTimeWait,    "RFC 9293 3.10.7.4, eighth"},
    {TcpState::kFinWait2,    TcpInput::kReset,    TcpState::kClose,       "RFC 9293 3.10.7.4, second"},
    {TcpState::kFinWait2,    TcpInput::kAbort,    TcpState::kClose,       "RFC 9293 3.10.5; data for an orphan"},
    {TcpState::kFinWait2,    TcpInput::kTimeout,  TcpState::kClose,       "tcp_fin_timeout of an orphan"},
    {TcpState::kClosing,     TcpInput::kAckOfFin, TcpState::kTimeWait,    "RFC 9293 3.10.7.4, fifth"},
    {TcpState::kClosing,     TcpInput::kReset,    TcpState::kClose,       "RFC 9293 3.10.7.4, second"},
    {TcpState::kClosing,     TcpInput::kAbort,    TcpState::kClose,       "RFC 9293 3.10.5"},
    {TcpState::kClosing,     TcpInput::kTimeout,  TcpState::kClose,       "RFC 9293 3.8.3, R2"},
    {TcpState::kCloseWait,   TcpInput::kClose,    TcpState::kLastAck,     "RFC 9293 3.10.4"},
    {TcpState::kCloseWait,   TcpInput::kReset,    TcpState::kClose,       "RFC 9293 3.10.7.4, second"},
    {TcpState::kCloseWait,   TcpInput::kAbort,    TcpState::kClose,       "RFC 9293 3.10.5; RFC 2525 2.17"},
    {TcpState::kCloseWait,   TcpInput::kTimeout,  TcpState::kClose,       "RFC 9293 3.8.3, R2"},
    {TcpState::kLastAck,     TcpInput::kAckOfFin, TcpState::kClose,       "RFC 9293 3.10.7.4, fifth"},
    {TcpState::kLastAck,     TcpInput::kReset,    TcpState::kClose,       "RFC 9293 3.10.7.4, second"},
    {TcpState::kLastAck,     TcpInput::kAbort,    TcpState::kClose,       "RFC 9293 3.10.5"},
    {TcpState::kLastAck,     TcpInput::kTimeout,  TcpState::kClose,       "RFC 9293 3.8.3, R2"},
    {TcpState::kTimeWait,    TcpInput::kSyn,      TcpState::kClose,       "RFC 9293 3.6.1: a new connection"},
    {TcpState::kTimeWait,    TcpInput::kReset,    TcpState::kClose,       "RFC 9293 3.10.7.4, second"},
    {TcpState::kTimeWait,    TcpInput::kTimeout,  TcpState::kClose,       "RFC 9293 3.10.8, time-wait timeout"},
});
// clang-format on

/// Where an input leads, or nothing where the state does not take it.
std::optional<TcpState> next_state(TcpState from, TcpInput input);

/// States in which everything that is in the receive or send half goes on; and those that may still send.
constexpr bool may_send(TcpState s) { return s == TcpState::kEstablished || s == TcpState::kCloseWait; }
constexpr bool is_connecting(TcpState s) { return s == TcpState::kSynSent || s == TcpState::kSynRecv; }
/// Nothing of the connection is left in the socket itself.
constexpr bool is_over(TcpState s) { return s == TcpState::kClose; }

}  // namespace stackscope
