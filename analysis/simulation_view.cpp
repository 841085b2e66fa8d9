#include "analysis/simulation_view.hpp"

#include "analysis/fold_table.hpp"
#include "analysis/folding.hpp"

namespace stackscope {
namespace {

/// Adds up pages that a view does not share with an earlier one, with what lies below their values.
class UnsharedBytes {
 public:
  template <class Map>
  void add(const Map& now, const Map& before) {
    now.visit_unshared(before, [this](std::size_t bytes) { total += bytes; }, [](auto, const auto&) {});
  }
  template <class Map>
  void add_nested(const Map& now, const Map& before) {
    using Value = std::remove_cvref_t<decltype(*now.find({}))>;
    const Value nothing{};
    now.visit_unshared(
        before, [this](std::size_t bytes) { total += bytes; },
        [&](auto key, const Value& value) {
          const Value* earlier = before.find(key);
          add_value(value, earlier != nullptr ? *earlier : nothing);
        });
  }
  std::size_t total = 0;

 private:
  void add_value(const ProcessView& now, const ProcessView& before) {
    add(now.descriptors, before.descriptors);
  }
  void add_value(const NicView& now, const NicView& before) {
    add(now.rx, before.rx), add(now.tx, before.tx);
  }
  void add_value(const HostView& now, const HostView& before) {
    const CpuView nothing;
    total += now.cpus.size() * sizeof(CpuView);
    for (std::size_t i = 0; i < now.cpus.size(); ++i) {
      add(now.cpus[i].backlog, i < before.cpus.size() ? before.cpus[i].backlog : nothing.backlog);
    }
    add_nested(now.processes, before.processes), add_nested(now.nics, before.nics);
    add(now.tasks, before.tasks), add(now.files, before.files), add(now.wait_queues, before.wait_queues);
    add(now.waiters, before.waiters), add(now.epolls, before.epolls), add(now.items, before.items);
    add(now.sockets, before.sockets), add(now.tcp, before.tcp), add(now.backlogged, before.backlogged);
  }
};

}  // namespace

SimulationView::SimulationView(const Schema& schema) : table_(std::make_shared<const FoldTable>(schema)) {}

void SimulationView::apply(const RawRecord& record) {
  run.last = record.id;
  run.now = record.header.at;
  run.place = record.header.place;
  table_->fold(*this, record);
}

std::size_t SimulationView::bytes_beside(const SimulationView& earlier) const {
  UnsharedBytes bytes{sizeof(SimulationView)};
  bytes.add_nested(hosts, earlier.hosts);
  bytes.add(links.in_flight, earlier.links.in_flight);
  return bytes.total;
}

void Folding::problem() {
  RunView& run = simulation.run;
  if (run.problems++ == 0) run.first_problem = id;
}

CpuView* Folding::cpu() {
  if (header.place.cpu < host().cpus.size()) return &host().cpus[header.place.cpu];
  problem();
  return nullptr;
}

}  // namespace stackscope
