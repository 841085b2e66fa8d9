#pragma once
// A machine with epoll instances and files that become ready at a word, whose records are replayed and held against the
// model after each of them.

#include <array>
#include <sys/epoll.h>

#include "kernel_model/files/eventfd.hpp"
#include "kernel_model/files/fd_table.hpp"
#include "kernel_model/files/timerfd.hpp"
#include "tests/kernel_model/support/epoll_replay.hpp"
#include "tests/kernel_model/support/machine.hpp"

namespace stackscope::test {

/// A file that is ready as often as it was fired: a listener, say, whose connections are taken.
class Source final : public File {
 public:
  Source(FileId id, Scheduler& scheduler, const Cost& asking)
      : File(id, FileKind::kSocket, 0), queue(scheduler), scheduler_(scheduler), asking_(asking) {}

  Events poll(PollTable* table) override {
    if (table != nullptr) table->wait_on(*this, queue);
    ++asked;
    scheduler_.cpu().charge(asking_);
    return (pending > 0 ? EPOLLIN | EPOLLRDNORM : 0u) | others;
  }
  bool can_poll() const override { return is_pollable; }
  void release() override { is_released = true; }

  void fire(Events events = EPOLLIN | EPOLLRDNORM, bool sync = false) {
    ++pending;
    queue.wake_up(events, 1, sync);
  }
  bool take() { return pending > 0 && pending-- > 0; }

  WaitQueue queue;
  int pending = 0;
  int asked = 0;
  Events others = 0;  // what else is ready
  bool is_pollable = true;
  bool is_released = false;

 private:
  Scheduler& scheduler_;
  const Cost& asking_;
};

class ReadinessMachine : public Machine {
 public:
  explicit ReadinessMachine(std::uint8_t cpus = 1) : Machine(cpus) {
    trace.set_observer([this](const RawRecord& record) { observe(record); });
  }
  ReadinessMachine(const ReadinessMachine&) = delete;
  ~ReadinessMachine() {
    trace.set_observer({});
    CHECK(difference == "");
  }

  Epoll& make_epoll() {
    auto epoll = std::make_unique<Epoll>(files.next_id(), shared);
    const std::uint32_t id = epoll->epoll_id().value;
    instances.push_back(epoll.get());
    return files.adopt(std::move(epoll), id);
  }
  Source& make_source() {
    return files.adopt(std::make_unique<Source>(files.next_id(), scheduler(), asking));
  }
  Eventfd& make_eventfd(unsigned count = 0, int flags = 0) {
    return files.adopt(std::make_unique<Eventfd>(files.next_id(), count, flags, scheduler(), file_costs));
  }
  Timerfd& make_timerfd(int flags = 0, int clock = CLOCK_MONOTONIC) {
    return files.adopt(std::make_unique<Timerfd>(files.next_id(), clock, flags, scheduler(), file_costs));
  }

  /// Afterwards nobody's code runs, so that a thread made then is everybody's.
  void run_for(Duration time) {
    Machine::run_for(time);
    engine.moment().place.cpu = Place::kNoCpu;
  }

  /// Runs `body` in a thread of its own, and the machine until it is quiet; fails if the thread does not end.
  void story(std::function<void()> body) {
    bool ended = false;
    thread("story", [&] {
      body();
      ended = true;
    });
    run_for(Duration::s(2));
    REQUIRE(ended);
  }

  std::size_t wakeups() const { return told({"sched:sched_waking"}).size(); }

  EpollCosts epoll_costs;
  FileCosts file_costs;
  Cost asking{Duration::ns(40)};
  EpollShared shared{scheduler(), epoll_costs};
  Files files{scheduler(), file_costs, &release_watchers};
  EpollReplay replay;
  std::vector<Epoll*> instances;
  std::string difference;  // the first between model and replay

 private:
  void observe(const RawRecord& record) {
    replay(record);
    if (record.header.kind == KindOf<EpollDestroyed>::value) {
      const EpollId gone = decode_fields<EpollDestroyed>(record.fields.data()).epoll;
      std::erase_if(instances, [gone](const Epoll* epoll) { return epoll->epoll_id() == gone; });
    }
    for (const Epoll* epoll : instances) {
      if (!difference.empty()) return;
      difference = replay.difference(*epoll);
      if (!difference.empty()) difference += " after record " + std::to_string(record.id.value);
    }
  }
};

inline int watch(Epoll& epoll, File& file, Events events, std::uint64_t data = 0, int fd = 3) {
  epoll_event event{.events = events, .data = {.u64 = data}};
  return epoll.ctl(EPOLL_CTL_ADD, file, fd, &event);
}
inline int rewatch(Epoll& epoll, File& file, Events events, std::uint64_t data = 0, int fd = 3) {
  epoll_event event{.events = events, .data = {.u64 = data}};
  return epoll.ctl(EPOLL_CTL_MOD, file, fd, &event);
}
inline int unwatch(Epoll& epoll, File& file, int fd = 3) {
  return epoll.ctl(EPOLL_CTL_DEL, file, fd, nullptr);
}

/// What one epoll_wait() reports, by data; an error is told as its negative number.
inline std::vector<std::int64_t> reported(Epoll& epoll, int most = 16, Duration timeout = {}) {
  std::array<epoll_event, 64> events{};
  const int n = epoll.wait(events, most, timeout);
  std::vector<std::int64_t> data;
  if (n < 0) data.push_back(n);
  for (int i = 0; i < n; ++i)
    data.push_back(static_cast<std::int64_t>(events[static_cast<std::size_t>(i)].data.u64));
  return data;
}
/// The mask that one epoll_wait() reports, or 0.
inline Events mask(Epoll& epoll, Duration timeout = {}) {
  epoll_event event{};
  return epoll.wait({&event, 1}, 1, timeout) == 1 ? event.events : 0;
}

using Reports = std::vector<std::int64_t>;

}  // namespace stackscope::test
