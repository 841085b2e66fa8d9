#include "gui/app/lanes.hpp"

#include <algorithm>

namespace stackscope::gui {
namespace {

LaneState of_context(ContextKind kind) {
  constexpr LaneState kStates[] = {LaneState::kAsleep, LaneState::kUser, LaneState::kKernel,
                                   LaneState::kSoftirq, LaneState::kHardirq};
  return kStates[static_cast<std::size_t>(kind)];
}

LaneState of_task(const TaskView& task) {
  if (task.is_on_cpu) return task.call.empty() ? LaneState::kUser : LaneState::kKernel;
  if (task.state == TaskState::kDead) return LaneState::kNone;
  return task.state == TaskState::kRunning ? LaneState::kRunnable : LaneState::kAsleep;
}

LaneState of_socket(const HostView& host, SocketId id) {
  const SocketView* const socket = host.sockets.find(id);
  const TcpView* const tcp = host.tcp.find(id);
  if (socket == nullptr) return LaneState::kNone;
  const bool has_data = socket->datagrams > 0 || socket->accept_queue > 0 ||
                        (tcp != nullptr && unread_bytes(*socket, *tcp) > 0);
  return has_data ? LaneState::kData : LaneState::kAsleep;
}

bool has_lane(ObjectKind kind) {
  return kind == ObjectKind::kCpu || kind == ObjectKind::kTask || kind == ObjectKind::kEpoll ||
         kind == ObjectKind::kSocket;
}

}  // namespace

std::string_view name_of(LaneState state) {
  constexpr std::string_view kNames[] = {"",       "asleep",  "runnable",       "user",
                                         "kernel", "softirq", "hard interrupt", "data"};
  return kNames[static_cast<std::size_t>(state)];
}

LaneState state_of(const SimulationView& view, const ObjectRef& object) {
  const HostView* const host = view.hosts.find(object.host);
  if (host == nullptr || !object) return LaneState::kNone;
  const auto id = static_cast<std::uint32_t>(object.id);
  if (object.kind == ObjectKind::kCpu) {
    return object.id <= host->cpus.size() ? of_context(host->cpus[object.id - 1].context().kind)
                                          : LaneState::kNone;
  }
  if (object.kind == ObjectKind::kTask) {
    const TaskView* const task = host->tasks.find(TaskId{id});
    return task == nullptr ? LaneState::kNone : of_task(*task);
  }
  if (object.kind == ObjectKind::kEpoll) {
    const EpollView* const epoll = host->epolls.find(EpollId{id});
    if (epoll == nullptr) return LaneState::kNone;
    return epoll->ready().size > 0 ? LaneState::kData : LaneState::kAsleep;
  }
  return object.kind == ObjectKind::kSocket ? of_socket(*host, SocketId{id}) : LaneState::kNone;
}

void Lane::add(const RawRecord& record, LaneState state) {
  if (!intervals_.empty() && intervals_.back().state == state) return;
  if (intervals_.size() % kBlock == 0) sums_.push_back(until(record.header.at));
  intervals_.push_back({record.header.at, record.id, state});
}

std::size_t Lane::at(Instant time) const {
  const auto after = std::upper_bound(intervals_.begin(), intervals_.end(), time,
                                      [](Instant t, const Interval& interval) { return t < interval.begin; });
  return after == intervals_.begin() ? intervals_.size()
                                     : static_cast<std::size_t>(after - intervals_.begin()) - 1;
}

LaneState Lane::state_after(RecordId id) const {
  const auto after =
      std::upper_bound(intervals_.begin(), intervals_.end(), id,
                       [](RecordId i, const Interval& interval) { return i < interval.began; });
  return after == intervals_.begin() ? LaneState::kNone : std::prev(after)->state;
}

Lane::Sums Lane::until(Instant time) const {
  const std::size_t last = at(time);
  if (last == intervals_.size()) return {};
  std::size_t i = last / kBlock * kBlock;
  Sums sums = sums_[last / kBlock];
  for (; i <= last; ++i) {
    const Instant end = i == last ? time : intervals_[i + 1].begin;
    sums[static_cast<std::size_t>(intervals_[i].state)] += (end - intervals_[i].begin).count();
  }
  return sums;
}

Lane::Summary Lane::over(Instant from, Instant to) const {
  const Sums before = until(from);
  Sums during = until(to);
  for (std::size_t i = 0; i < kLaneStates; ++i) during[i] -= before[i];
  // A CPU that worked for a moment is what one looks for; that it slept before and after goes without saying.
  constexpr auto kFirstAwake = static_cast<std::ptrdiff_t>(LaneState::kRunnable);
  auto longest = std::max_element(during.begin() + kFirstAwake, during.end());
  if (*longest == 0) longest = std::max_element(during.begin(), during.begin() + kFirstAwake);
  const auto place = [this](Instant time) {
    return std::lower_bound(intervals_.begin(), intervals_.end(), time,
                            [](const Interval& interval, Instant t) { return interval.begin < t; });
  };
  return {static_cast<LaneState>(longest - during.begin()),
          static_cast<std::size_t>(place(to) - place(from))};
}

Lanes::Lanes(const Recording& recording, const RecordObjects& objects)
    : recording_(recording), objects_(objects), view_(recording.schema()) {}

bool Lanes::advance(std::uint64_t most) {
  if (is_whole()) return false;
  const std::uint64_t from = view_.run.last.value + 1;
  const std::uint64_t past = std::min(from + most, recording_.size() + 1);
  for (const RawRecord& record : recording_.records(RecordId{from}, RecordId{past})) {
    view_.apply(record);
    for (const ObjectRef& object : objects_.of(record)) {
      if (has_lane(object.kind)) lanes_[object].add(record, state_of(view_, object));
    }
  }
  return true;
}

}  // namespace stackscope::gui
