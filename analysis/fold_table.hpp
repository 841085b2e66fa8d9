#pragma once
// From a recording's kinds to the functions that fold them; built once from the recording's schema, shared by all views.

#include <memory>
#include <vector>

#include "sim/encoding.hpp"
#include "sim/schema.hpp"

namespace stackscope {

class SimulationView;

class FoldTable {
 public:
  explicit FoldTable(const Schema& schema);
  ~FoldTable();

  /// Changes `view` by the record, whatever it says.
  void fold(SimulationView& view, const RawRecord& record) const;

  class Entry;

 private:
  std::vector<std::unique_ptr<const Entry>>
      entries_;  // by the recording's kinds; null: not known here, or changes nothing
};

}  // namespace stackscope
