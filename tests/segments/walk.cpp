#include "tests/segments/walk.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <map>
#include <string_view>
#include <utility>

namespace stackscope::test {
namespace {

constexpr std::uint32_t kPeerStart = 1'000'000;  // the peer's initial sequence number

/// A connection of the walk: its sockets, and what both ends would send and expect next.
struct Connection {
  std::uint16_t host_port, peer_port;
  Subject::Socket listener = 0, socket = 0;
  std::uint32_t snd_nxt = 5'000, rcv_nxt = kPeerStart + 1;
};

class Setter {
 public:
  explicit Setter(Subject& subject) : subject_(subject) {}

  Connection fresh() {
    const std::uint16_t port = next_port_++;
    return {port, port};
  }
  void give(const Connection& to, std::uint8_t flags, std::uint32_t length = 0) {
    subject_.inject({to.host_port, to.peer_port, flags, to.rcv_nxt, to.snd_nxt, length});
  }
  /// The number after all that the host has sent to this connection.
  void hear(Connection& of) {
    for (const Segment& segment : subject_.sent()) {
      if (segment.host_port != of.host_port) continue;
      const bool takes_one = (segment.flags & (tcp_flag::kSyn | tcp_flag::kFin)) != 0;
      of.snd_nxt = segment.seq + segment.length + (takes_one ? 1 : 0);
    }
  }

  void listen(Connection& c) { c.listener = subject_.listen_on(c.host_port, 4); }
  void connect(Connection& c) {
    c.socket = subject_.connect_from(c.host_port, c.peer_port);
    hear(c);
  }
  void give_syn(Connection& c) {
    subject_.inject({c.host_port, c.peer_port, tcp_flag::kSyn, kPeerStart, 0, 0});
    hear(c);
  }
  void establish(Connection& c) {
    listen(c), give_syn(c), give(c, tcp_flag::kAck);
    c.socket = subject_.accept(c.listener);
  }
  void send(Connection& c) { subject_.send(c.socket, 10), hear(c); }
  void shut_down(Connection& c) { subject_.shut_down(c.socket), hear(c); }
  void close(Connection& c) {
    subject_.close(c.socket), hear(c);
    c.socket = 0;
  }
  void give_fin(Connection& c, std::uint32_t unacknowledged = 0) {
    subject_.inject({c.host_port, c.peer_port, tcp_flag::kFin | tcp_flag::kAck, c.rcv_nxt,
                     c.snd_nxt - unacknowledged, 0});
    ++c.rcv_nxt;
    hear(c);
  }

 private:
  Subject& subject_;
  std::uint16_t next_port_ = 2'000;
};

struct State {
  std::string_view name;
  void (*reach)(Setter&, Connection&);
};

constexpr State kStates[] = {
    {"CLOSED", [](Setter&, Connection&) {}},
    {"LISTEN", [](Setter& s, Connection& c) { s.listen(c); }},
    {"SYN_SENT", [](Setter& s, Connection& c) { s.connect(c); }},
    {"NEW_SYN_RECV", [](Setter& s, Connection& c) { s.listen(c), s.give_syn(c); }},
    {"SYN_RECV", [](Setter& s, Connection& c) { s.connect(c), s.give_syn(c); }},
    {"ESTABLISHED", [](Setter& s, Connection& c) { s.establish(c); }},
    {"ESTABLISHED/sent", [](Setter& s, Connection& c) { s.establish(c), s.send(c); }},
    {"FIN_WAIT1", [](Setter& s, Connection& c) { s.establish(c), s.shut_down(c); }},
    {"FIN_WAIT1/orphan", [](Setter& s, Connection& c) { s.establish(c), s.close(c); }},
    {"FIN_WAIT2",
     [](Setter& s, Connection& c) { s.establish(c), s.shut_down(c), s.give(c, tcp_flag::kAck); }},
    {"FIN_WAIT2/orphan",
     [](Setter& s, Connection& c) { s.establish(c), s.close(c), s.give(c, tcp_flag::kAck); }},
    {"CLOSE_WAIT", [](Setter& s, Connection& c) { s.establish(c), s.give_fin(c); }},
    {"CLOSING", [](Setter& s, Connection& c) { s.establish(c), s.shut_down(c), s.give_fin(c, 1); }},
    {"LAST_ACK", [](Setter& s, Connection& c) { s.establish(c), s.give_fin(c), s.shut_down(c); }},
    {"TIME_WAIT", [](Setter& s, Connection& c) { s.establish(c), s.shut_down(c), s.give_fin(c); }},
};

struct Kind {
  std::string_view name;
  std::uint8_t flags;
  std::uint32_t length;
};
constexpr Kind kKinds[] = {
    {"nothing", 0, 0},
    {"ACK", tcp_flag::kAck, 0},
    {"ACK+10", tcp_flag::kAck | tcp_flag::kPsh, 10},
    {"10", tcp_flag::kPsh, 10},
    {"FIN|ACK", tcp_flag::kFin | tcp_flag::kAck, 0},
    {"FIN|ACK+10", tcp_flag::kFin | tcp_flag::kAck | tcp_flag::kPsh, 10},
    {"FIN", tcp_flag::kFin, 0},
    {"SYN", tcp_flag::kSyn, 0},
    {"SYN|ACK", tcp_flag::kSyn | tcp_flag::kAck, 0},
    {"RST", tcp_flag::kRst, 0},
    {"RST|ACK", tcp_flag::kRst | tcp_flag::kAck, 0},
};
/// Beside the number that is expected: behind it, by a keepalive's one, before it, outside of any window.
constexpr std::int32_t kSequences[] = {0, -10, -1, 10, 200'000};
/// Beside all that was sent: less, much less, more.
constexpr std::int32_t kAcknowledgements[] = {0, -1, -100'000, 1};

std::string signed_number(std::uint32_t difference) {
  return fmt::format("{:+}", static_cast<std::int32_t>(difference));
}

std::string flags_text(std::uint8_t flags) {
  std::string text;
  for (const auto& [bit, letter] : {std::pair{tcp_flag::kSyn, 'S'},
                                    {tcp_flag::kFin, 'F'},
                                    {tcp_flag::kRst, 'R'},
                                    {tcp_flag::kAck, 'A'}}) {
    if ((flags & bit) != 0) text += letter;
  }
  return text.empty() ? "." : text;
}

std::string text_of(const Segment& segment, const Connection& c) {
  std::string text = flags_text(segment.flags);
  if (segment.length > 0) text += fmt::format("{}", segment.length);
  // An initial number is the host's own choice.
  const bool is_first = (segment.flags & tcp_flag::kSyn) != 0 && c.snd_nxt == 5'000;
  if (segment.seq == 0) {
    text += ":s0";  // a reset that answers something without an acknowledgement
  } else if (!is_first && segment.seq != c.snd_nxt) {
    text += ":s" + signed_number(segment.seq - c.snd_nxt);
  }
  if ((segment.flags & tcp_flag::kAck) != 0 && segment.ack != c.rcv_nxt)
    text += ":a" + signed_number(segment.ack - c.rcv_nxt);
  return text;
}

/// A cell: one segment to one connection.
struct Cell {
  Connection connection;
  Seen before;
  std::vector<Segment> answers;
};

std::string text_of(const Seen& before, const Seen& after) {
  std::string text;
  if (after.state != before.state) text += " >" + after.state;
  if (after.error != 0) text += fmt::format(" !{}", strerrorname_np(after.error));
  if (after.events != before.events) text += fmt::format(" {:#x}", after.events);
  if (after.read == before.read) return text;
  return text + (after.read < 0 ? fmt::format(" {}", strerrorname_np(static_cast<int>(-after.read)))
                                : fmt::format(" r{}", after.read));
}

std::string text_of(Cell& cell, Subject& subject) {
  std::string text;
  for (const Segment& answer : cell.answers)
    text += (text.empty() ? "" : " ") + text_of(answer, cell.connection);
  Connection& c = cell.connection;
  const bool was_waiting = c.socket == 0 && c.listener != 0;
  if (was_waiting) {
    c.socket = subject.accept(c.listener);
    if (c.socket != 0) text += " accepted";
  }
  if (c.socket != 0) text += text_of(cell.before, subject.look_at(c.socket));
  return text.empty() ? "-" : text;
}

constexpr std::size_t kCellsOfAKind = std::size(kSequences) * std::size(kAcknowledgements);

/// All connections in this state, with whatever their set-up delays sent.
std::vector<Cell> set_up(Subject& subject, Setter& setter, const State& state) {
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < std::size(kKinds) * kCellsOfAKind; ++i) {
    Cell cell{setter.fresh(), {}, {}};
    state.reach(setter, cell.connection);
    cells.push_back(std::move(cell));
  }
  subject.settle();
  subject.sent();
  for (Cell& cell : cells) {
    if (cell.connection.socket != 0) cell.before = subject.look_at(cell.connection.socket);
  }
  return cells;
}

/// One segment to each, and what comes back.
void inject_all(Subject& subject, std::vector<Cell>& cells) {
  std::map<std::uint16_t, Cell*> by_port;
  auto cell = cells.begin();
  for (const Kind& kind : kKinds) {
    for (const std::int32_t ack : kAcknowledgements) {
      for (const std::int32_t seq : kSequences) {
        const Connection& c = cell->connection;
        by_port[c.host_port] = &*cell++;
        subject.inject({c.host_port, c.peer_port, kind.flags, c.rcv_nxt + static_cast<std::uint32_t>(seq),
                        c.snd_nxt + static_cast<std::uint32_t>(ack), kind.length});
      }
    }
  }
  subject.wait();
  for (const Segment& segment : subject.sent()) {
    if (const auto found = by_port.find(segment.host_port); found != by_port.end())
      found->second->answers.push_back(segment);
  }
}

/// All cells of a state at once, so that they wait together.
std::vector<std::string> walk_state(Subject& subject, Setter& setter, const State& state) {
  std::vector<Cell> cells = set_up(subject, setter, state);
  inject_all(subject, cells);
  std::vector<std::string> lines;
  auto cell = cells.begin();
  for (const Kind& kind : kKinds) {
    for (const std::int32_t ack : kAcknowledgements) {
      std::string line = fmt::format("{} {} {:+}", state.name, kind.name, ack);
      for (std::size_t i = 0; i < std::size(kSequences); ++i) line += " | " + text_of(*cell++, subject);
      lines.push_back(std::move(line));
    }
  }
  for (const Cell& done : cells) {
    if (done.connection.socket != 0) subject.close(done.connection.socket);
    if (done.connection.listener != 0) subject.close(done.connection.listener);
  }
  subject.sent();
  return lines;
}

}  // namespace

std::vector<std::string> walk(Subject& subject) {
  Setter setter(subject);
  std::vector<std::string> lines;
  for (const State& state : kStates) {
    for (std::string& line : walk_state(subject, setter, state)) lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace stackscope::test
