#include "kernel_model/host/crowd_run.hpp"

#include <algorithm>
#include <netinet/in.h>
#include <utility>

#include "kernel_model/host/ideal_host.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

CrowdRun::CrowdRun(IdealHost& host, std::unique_ptr<CrowdProgram> program, Instant start)
    : host_(host), program_(std::move(program)) {
  host.engine().schedule(start_, std::max(start, host.engine().now()), Rank::timers());
}

void CrowdRun::on_start() {
  host_.enter();
  program_->start(*this);
  host_.settle();
}

// --- what TCP tells --------------------------------------------------------------------------------------------------

void CrowdRun::Endpoint::on_state_change(TcpSocket& tcp) {
  if (!is_connected && tcp.state() == TcpState::kEstablished) {
    is_connected = true;
    return queue(kConnected);
  }
  if (is_connected) queue(kData);  // the peer's end, which a read sees
}

void CrowdRun::Endpoint::queue(std::uint8_t what) {
  const bool is_queued = told != 0;
  told |= what;
  if (is_queued) return;
  (run.last_ != nullptr ? run.last_->next : run.first_) = this;
  run.last_ = this;
}

bool CrowdRun::tell_program() {
  const bool any = first_ != nullptr;
  while (first_ != nullptr) {
    Endpoint& endpoint = *first_;
    first_ = std::exchange(endpoint.next, nullptr);
    if (first_ == nullptr) last_ = nullptr;
    tell(endpoint, std::exchange(endpoint.told, 0));
  }
  return any;
}

void CrowdRun::tell(Endpoint& endpoint, std::uint8_t what) {
  if (is_finished_ || endpoint.socket == nullptr) return;
  if ((what & Endpoint::kError) != 0) {
    const int error = endpoint.socket->take_error();
    drop(endpoint);
    return program_->on_closed(*this, endpoint.number, error);
  }
  if ((what & Endpoint::kConnected) != 0) program_->on_connected(*this, endpoint.number);
  if ((what & Endpoint::kData) != 0 && endpoint.socket != nullptr) program_->on_data(*this, endpoint.number);
  if ((what & Endpoint::kWritable) != 0 && endpoint.socket != nullptr)
    program_->on_writable(*this, endpoint.number);
}

// --- what the program does -------------------------------------------------------------------------------------------

Instant CrowdRun::now() const { return host_.engine().now(); }

std::uint32_t CrowdRun::address_of(std::string_view host) const {
  return htonl(host_.shared().addresses.find(host)->second);
}

CrowdConnection CrowdRun::connect(std::uint32_t address, std::uint16_t port, bool nodelay) {
  const CrowdConnection number{static_cast<std::uint32_t>(endpoints_.size())};
  Endpoint& endpoint = endpoints_.emplace_back(*this, number);
  TcpSocket& socket = host_.tcp().create(&endpoint);
  endpoint.socket = &socket;
  socket.own({});
  if (nodelay) socket.set_option(TcpOption::kNoDelay, 1);
  const int result = socket.connect(ntohl(address), port);
  socket.disown();
  if (result != -EINPROGRESS && result != 0) endpoint.queue(Endpoint::kError);
  return number;
}

std::int64_t CrowdRun::send(CrowdConnection connection, ConstBuffer from) {
  TcpSocket* const socket = endpoints_[connection.value].socket;
  if (socket == nullptr) return -EPIPE;
  socket->own({});
  const std::int64_t taken =
      socket->send(from.data == nullptr ? SendData::pattern(from.size) : SendData{from.data, from.size});
  if (taken == -EAGAIN) socket->poll_events();  // asks to be told of room
  socket->disown();
  return taken;
}

std::int64_t CrowdRun::receive(CrowdConnection connection, Buffer to) {
  TcpSocket* const socket = endpoints_[connection.value].socket;
  if (socket == nullptr) return -ENOTCONN;
  socket->own({});
  const std::int64_t count = socket->receive(to.size, to.data);
  socket->disown();
  return count;
}

void CrowdRun::close(CrowdConnection connection) {
  Endpoint& endpoint = endpoints_[connection.value];
  if (endpoint.socket != nullptr) drop(endpoint);
}

/// As Linux would send it. The addresses are 198.18.0.0/15, which RFC 2544 keeps for tests like this.
int CrowdRun::spoof_syn(std::uint32_t address, std::uint16_t port, std::uint32_t number) {
  constexpr std::uint32_t kNobodys = 0xc6120000, kHowMany = 1u << 17;
  Packet& syn = host_.packets().take();
  syn.source_address = kNobodys + number % kHowMany;
  syn.source_port = static_cast<std::uint16_t>(1024 + number % 60'000);
  syn.destination_address = ntohl(address), syn.destination_port = port;
  syn.flags = tcp_flag::kSyn;
  syn.seq = number * 64'000;
  syn.window = 64240;
  syn.truesize = kSkbOverhead;
  syn.options = {.mss = 1460, .window_scale = 7, .sack_permitted = true, .has_timestamps = true, .tsval = 1};
  host_.transmit(syn);
  return 0;
}

void CrowdRun::drop(Endpoint& endpoint) {
  TcpSocket& socket = *std::exchange(endpoint.socket, nullptr);
  socket.own({});
  socket.set_user(nullptr, {});
  socket.close();
  socket.disown();
}

void CrowdRun::set_timer(Instant at, std::uint64_t token) {
  if (idle_timers_.empty()) idle_timers_.push_back(&timers_.emplace_back(*this));
  Timer& timer = *idle_timers_.back();
  idle_timers_.pop_back();
  timer.token = token;
  host_.engine().schedule(timer.event, std::max(at, now()), Rank::timers());
}

void CrowdRun::Timer::fire() {
  run.idle_timers_.push_back(this);
  if (run.is_finished_) return;
  run.host_.enter();
  run.program_->on_timer(run, token);
  run.host_.settle();
}

void CrowdRun::note(std::string_view what, std::int64_t value) {
  Trace& trace = host_.trace();
  trace.emit(ProgramNote{{}, trace.intern(what), value});
}

void CrowdRun::request_begins(std::uint64_t number, CrowdConnection connection) {
  mark_request(number, connection, true);
}

void CrowdRun::request_ends(std::uint64_t number, CrowdConnection connection) {
  mark_request(number, connection, false);
}

void CrowdRun::mark_request(std::uint64_t number, CrowdConnection connection, bool begins) {
  const TcpSocket* const socket = endpoints_[connection.value].socket;
  host_.trace().emit(RequestMark{{}, socket != nullptr ? socket->id() : SocketId{}, number, begins});
}

}  // namespace stackscope
