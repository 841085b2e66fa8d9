#include "tests/userland/fake_crowd_port.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <fmt/format.h>
#include <utility>

namespace stackscope {

void FakeCrowdPort::run() {
  program_->start(*this);
  while (!is_finished_) {
    REQUIRE(!due_.empty());
    const auto next = due_.begin();
    now_ = next->first.first;
    const std::function<void()> what = std::move(next->second);
    due_.erase(next);
    what();
  }
}

void FakeCrowdPort::say(const std::string& line) {
  lines.push_back(fmt::format("{}: {}", now_.count(), line));
}

void FakeCrowdPort::later(Duration after, std::function<void()> what) {
  due_.emplace(std::pair(now_ + after, sequence_++), std::move(what));
}

CrowdConnection FakeCrowdPort::connect(std::uint32_t, std::uint16_t, bool) {
  const CrowdConnection connection{next_++};
  say(fmt::format("connect {}", connection.value));
  open_[connection];
  later(Duration::us(20), [this, connection] {
    if (refused_.count(connection.value)) return end(connection, ECONNREFUSED);
    if (const auto reset = resets_.find(connection.value); reset != resets_.end())
      later(reset->second, [this, connection] { end(connection, ECONNRESET); });
    program_->on_connected(*this, connection);
  });
  return connection;
}

int FakeCrowdPort::spoof_syn(std::uint32_t, std::uint16_t port, std::uint32_t number) {
  say(fmt::format("spoof {} to port {}", number, port));
  return spoofing;
}

std::int64_t FakeCrowdPort::send(CrowdConnection connection, ConstBuffer from) {
  Open& open = open_.at(connection);
  const std::int64_t taken =
      std::min<std::int64_t>(room - open.in_flight, static_cast<std::int64_t>(from.size));
  open.waits_to_write = taken == 0;
  if (taken == 0) return -EAGAIN;
  open.in_flight += taken;
  later(Duration::us(40), [this, connection, taken] { answer(connection, taken); });
  return taken;
}

void FakeCrowdPort::answer(CrowdConnection connection, std::int64_t bytes) {
  const auto found = open_.find(connection);
  if (found == open_.end()) return;
  Open& open = found->second;
  open.in_flight -= bytes;
  open.readable += bytes + std::exchange(too_many, 0);
  open.answered += bytes;
  if (const auto end = ends_.find(connection.value); end != ends_.end())
    open.has_ended = open.answered >= end->second;
  const bool tell = open.waits_to_write;
  open.waits_to_write = false;
  program_->on_data(*this, connection);
  if (tell && open_.count(connection)) program_->on_writable(*this, connection);
}

std::int64_t FakeCrowdPort::receive(CrowdConnection connection, Buffer to) {
  Open& open = open_.at(connection);
  const std::int64_t taken = std::min<std::int64_t>(open.readable, static_cast<std::int64_t>(to.size));
  if (taken == 0) return open.has_ended ? 0 : -EAGAIN;
  open.readable -= taken;
  return taken;
}

void FakeCrowdPort::close(CrowdConnection connection) {
  REQUIRE(open_.erase(connection) == 1);
  say(fmt::format("close {}", connection.value));
}

void FakeCrowdPort::end(CrowdConnection connection, int error) {
  if (open_.erase(connection)) program_->on_closed(*this, connection, error);
}

void FakeCrowdPort::set_timer(Instant at, std::uint64_t token) {
  later(std::max(at - now_, Duration{}), [this, token] { program_->on_timer(*this, token); });
}

void FakeCrowdPort::finish() {
  say("finish");
  is_finished_ = true;
}

void FakeCrowdPort::note(std::string_view what, std::int64_t value) {
  say(fmt::format("note \"{}\" {}", what, value));
}

void FakeCrowdPort::request_begins(std::uint64_t number, CrowdConnection connection) {
  say(fmt::format("request {} begins on {}", number, connection.value));
}

void FakeCrowdPort::request_ends(std::uint64_t number, CrowdConnection connection) {
  say(fmt::format("request {} ends on {}", number, connection.value));
}

}  // namespace stackscope
