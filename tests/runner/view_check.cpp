#include "tests/runner/view_check.hpp"

#include <algorithm>

#include "kernel_model/hardware/link.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {
namespace {

using Found = std::optional<ViewDifference>;

/// Compares the objects of one host.
class HostCheck {
 public:
  HostCheck(const ModelHost& model, const HostView& view) : model_(model), view_(view) {}

  Found cpu(std::uint8_t number) const {
    if (number >= view_.cpus.size()) return std::nullopt;
    CpuView expected = view_.cpus[number];
    const bool is_there = model_.show(number, expected);
    return compared("cpus", number, is_there ? &expected : nullptr, &view_.cpus[number]);
  }
  Found one(TaskId id) const { return of("tasks", view_.tasks, id); }
  Found one(ProcessId id) const { return of("processes", view_.processes, id); }
  Found one(FileId id) const { return of("files", view_.files, id); }
  Found one(EpollId id) const {
    if (auto wrong = of("epolls", view_.epolls, id)) return wrong;
    return of("mutexes", view_.mutexes, id);
  }

  Found one(ItemId id) const {
    const ItemView* const shown = view_.items.find(id);
    ItemView expected = shown != nullptr ? *shown : ItemView{};
    const EpollView* const epoll = view_.epolls.find(expected.epoll);
    const bool is_there = model_.show(id, expected, epoll);
    return compared("items", id, is_there ? &expected : nullptr, shown);
  }

  // Wait queues and NICs come to be in views when they are first named; a connection's numbers, too.
  Found one(QueueId id) const { return lazily("nics", view_.nics, id); }
  Found one(WaitQueueId id) const {
    const WaitQueueView* const shown = view_.wait_queues.find(id);
    WaitQueueView expected = shown != nullptr ? *shown : WaitQueueView{};
    if (!model_.show(id, expected)) {
      // Nobody tells that the queues of eventfds and of files' owners are gone.
      if (shown == nullptr || shown->waiters.size == 0) return std::nullopt;
      return compared("wait_queues", id, static_cast<WaitQueueView*>(nullptr), shown);
    }
    if (shown == nullptr)
      shown_queue_.id = id, shown_queue_.socket = expected.socket, shown_queue_.epoll = expected.epoll;
    if (auto wrong = compared("wait_queues", id, &expected, shown != nullptr ? shown : &shown_queue_))
      return wrong;
    Found wrong;
    model_.for_each_waiter(id, [&](const WaitEntry& entry) {
      const WaiterView* const waiter = view_.waiters.find(entry.id);
      WaiterView wanted = waiter != nullptr ? *waiter : WaiterView{};
      ModelHost::show(entry, wanted);
      if (!wrong) wrong = compared("waiters", entry.id, &wanted, waiter);
    });
    return wrong;
  }
  Found one(SocketId id) const {
    if (auto wrong = of("sockets", view_.sockets, id)) return wrong;
    if (!view_.sockets.contains(id)) return std::nullopt;
    if (auto wrong = lazily("tcp", view_.tcp, id)) return wrong;
    return backlog(id);
  }

  Found all() const {
    for (std::uint8_t n = 0; n < model_.cpus(); ++n) {
      if (auto wrong = cpu(n)) return wrong;
    }
    Found wrong = all_of(view_.tasks, model_.tasks());
    if (!wrong) wrong = all_of(view_.processes, model_.processes());
    if (!wrong) wrong = all_of(view_.files, model_.files());
    if (!wrong) wrong = all_of(view_.wait_queues, model_.wait_queues());
    if (!wrong) wrong = all_of(view_.epolls, model_.epolls());
    if (!wrong) wrong = of("mutexes", view_.mutexes, EpollId{});
    for (const auto& [id, mutex] : view_.mutexes) {
      if (!wrong) wrong = of("mutexes", view_.mutexes, id);
    }
    if (!wrong) wrong = all_of(view_.items, model_.items());
    if (!wrong) wrong = all_of(view_.nics, model_.nics());
    if (!wrong) wrong = all_of(view_.sockets, model_.sockets());
    if (!wrong) wrong = nobody_else_waits();
    return wrong;
  }

 private:
  /// `expected` is null where the model has no such object, `shown` where the view has none.
  template <class Key, class View>
  static Found compared(const char* name, Key key, const View* expected, const View* shown) {
    const std::string path = fmt::format("{}[{}]", name, ordinal_of(key));
    if ((expected == nullptr) != (shown == nullptr)) {
      return ViewDifference{path, shown != nullptr ? "there" : "missing",
                            expected != nullptr ? "there" : "missing"};
    }
    if (shown == nullptr) return std::nullopt;
    return detail::inside(path, compare_views(*shown, *expected));
  }
  template <class Map, class Key>
  Found of(const char* name, const Map& map, Key id) const {
    const auto* const shown = map.find(id);
    auto expected = shown != nullptr ? *shown : std::remove_cvref_t<decltype(*shown)>{};
    const bool is_there = model_.show(id, expected);
    return compared(name, id, is_there ? &expected : nullptr, shown);
  }
  /// What the view does not have yet is as an object that was just made.
  template <class Map, class Key>
  Found lazily(const char* name, const Map& map, Key id) const {
    using View = std::remove_cvref_t<decltype(*map.find(id))>;
    View nothing{};
    nothing.id = id;
    const View* const shown = map.find(id);
    View expected = shown != nullptr ? *shown : nothing;
    if (model_.show(id, expected)) return compared(name, id, &expected, shown != nullptr ? shown : &nothing);
    return compared(name, id, static_cast<View*>(nullptr), shown);
  }

  template <class Map, class Key>
  Found all_of(const Map& map, const std::vector<Key>& ids) const {
    for (const Key id : ids) {
      if (auto wrong = one(id)) return wrong;
    }
    for (const auto& [key, value] : map) {
      if (auto wrong = one(key)) return wrong;
    }
    return std::nullopt;
  }

  // What a socket's owner has taken over to process is gone from the model's backlog, and leaves the view one by one.
  Found backlog(SocketId id) const {
    const SocketView& socket = *view_.sockets.find(id);
    std::vector<PacketId> shown;
    view_.for_each_backlogged(socket, [&](PacketId packet, const auto&) { shown.push_back(packet); });
    const std::vector<PacketId> model = model_.backlog(id);
    const bool is_end =
        shown.size() >= model.size() && std::equal(model.rbegin(), model.rend(), shown.rbegin());
    if (is_end && (socket.owner || shown.size() == model.size())) return std::nullopt;
    return ViewDifference{fmt::format("sockets[{}].backlog", id.value),
                          fmt::format("{} packets", shown.size()), fmt::format("{} packets", model.size())};
  }

  Found nobody_else_waits() const {
    std::size_t waiters = 0;
    for (const auto& [id, queue] : view_.wait_queues) waiters += queue.waiters.size;
    if (waiters == view_.waiters.size()) return std::nullopt;
    return ViewDifference{"waiters", fmt::format("{} entries", view_.waiters.size()),
                          fmt::format("{} queued", waiters)};
  }

  const ModelHost& model_;
  const HostView& view_;
  mutable WaitQueueView shown_queue_;
};

Found in_host(std::uint8_t number, Found wrong) {
  return detail::inside(fmt::format("hosts[{}]", number), std::move(wrong));
}

Found check_links(const Simulation& simulation, const LinkView& view) {
  std::size_t flying = 0;
  Found wrong;
  const auto visit = [&](const Packet& packet) {
    ++flying;
    if (!wrong && !view.in_flight.contains(packet.id))
      wrong = ViewDifference{fmt::format("links.in_flight[{}]", packet.id.value), "missing", "there"};
  };
  for (const auto& link : simulation.links()) {
    link->for_each_flying(Link::Side::kA, visit);
    link->for_each_flying(Link::Side::kB, visit);
  }
  if (wrong || flying == view.in_flight.size()) return wrong;
  return ViewDifference{"links.in_flight", fmt::format("{} entries", view.in_flight.size()),
                        fmt::format("{} entries", flying)};
}

}  // namespace

ViewCheck::ViewCheck(const Simulation& simulation, const ResolvedScenario& scenario)
    : simulation_(simulation) {
  for (const HostSpec& spec : scenario.hosts) hosts_.emplace_back(*simulation.host(spec.name));
  for (const PeerSpec& spec : scenario.peers) hosts_.emplace_back(*simulation.peer(spec.name));
}

template <class R>
void ViewCheck::note_fields(const RawRecord& record) {
  const std::uint8_t host = record.header.place.host;
  decode_fields<R>(record.fields.data()).describe([&]<class T>(std::string_view, const T& value) {
    if constexpr (std::is_constructible_v<Name, T> && requires { value.value; }) {
      if (value) noted_.emplace(host, Name{value});
    }
  });
}

template <class... R>
void ViewCheck::note_any(const RawRecord& record, RecordList<R...>) {
  using Note = void (ViewCheck::*)(const RawRecord&);
  static constexpr Note kNotes[] = {&ViewCheck::note_fields<R>...};
  (this->*kNotes[record.header.kind])(record);
}

void ViewCheck::note(const RawRecord& record) {
  note_any(record, Records{});
  if (record.header.place.cpu != Place::kNoCpu)
    noted_.emplace(record.header.place.host, Name{CpuNumber{record.header.place.cpu}});
}

Found ViewCheck::noted(const SimulationView& view) {
  for (const auto& [number, name] : std::exchange(noted_, {})) {
    const auto model = std::find_if(hosts_.begin(), hosts_.end(),
                                    [&, at = number](const ModelHost& h) { return h.number() == at; });
    const HostView* const host = view.hosts.find(number);
    if (model == hosts_.end() || host == nullptr) continue;
    const HostCheck check(*model, *host);
    Found wrong = std::visit(
        [&]<class T>(const T& id) -> Found {
          if constexpr (std::is_same_v<T, CpuNumber>) {
            return check.cpu(id.value);
          } else {
            return check.one(id);
          }
        },
        name);
    if (wrong) return in_host(number, std::move(wrong));
  }
  return std::nullopt;
}

Found ViewCheck::everything(const SimulationView& view) const {
  for (const ModelHost& model : hosts_) {
    const HostView* const host = view.hosts.find(model.number());
    if (host == nullptr) return ViewDifference{fmt::format("hosts[{}]", model.number()), "missing", "there"};
    if (auto wrong = HostCheck(model, *host).all()) return in_host(model.number(), std::move(wrong));
  }
  return check_links(simulation_, view.links);
}

}  // namespace stackscope
