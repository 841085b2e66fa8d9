#pragma once
// Holds views against the model, field by field (see model_views.hpp for what the model knows).
//
//     ViewCheck check(*simulation, scenario);
//     for (new records) view.apply(record), check.note(record);
//     if (const auto wrong = check.noted(view)) …          // each object that the records named
//     if (const auto wrong = check.everything(view)) …
//
// Differences read as "hosts[1].sockets[17].state: LISTEN / CLOSE": what the view shows, and what the model says.

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "analysis/fields.hpp"
#include "analysis/simulation_view.hpp"
#include "runner/scenario/scenario.hpp"
#include "runner/simulation.hpp"
#include "tests/runner/model_views.hpp"

namespace stackscope {

class ViewCheck {
 public:
  /// The simulation must outlive the check.
  ViewCheck(const Simulation& simulation, const ResolvedScenario& scenario);

  /// Remembers each object that the record names.
  void note(const RawRecord& record);
  /// Compares what was noted, and forgets it.
  std::optional<ViewDifference> noted(const SimulationView& view);
  std::optional<ViewDifference> everything(const SimulationView& view) const;

 private:
  struct CpuNumber {
    std::uint8_t value;
    auto operator<=>(const CpuNumber&) const = default;
  };
  using Name =
      std::variant<CpuNumber, TaskId, ProcessId, FileId, WaitQueueId, EpollId, ItemId, QueueId, SocketId>;

  template <class R>
  void note_fields(const RawRecord& record);
  template <class... R>
  void note_any(const RawRecord& record, RecordList<R...>);

  const Simulation& simulation_;
  std::vector<ModelHost> hosts_;
  std::set<std::pair<std::uint8_t, Name>> noted_;
};

}  // namespace stackscope
