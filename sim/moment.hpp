#pragma once
// The present: what time it is, where the code that runs now runs, and what asked for it.

#include "sim/record.hpp"
#include "sim/time.hpp"

namespace stackscope {

/// One a simulation, owned by its engine. Every record takes its header from here; a fiber that is switched
/// out keeps its cause and gets it back, so records of one flow of control form a chain.
struct Moment {
  Instant now;
  RecordId cause;
  Place place;
};

}  // namespace stackscope
