#pragma once
// Hardware acts: what it tells is told at its own place and for its own reason, even while a CPU is in the middle of
// something that asked for it.

#include "sim/moment.hpp"

namespace stackscope {

/// While this lives, records carry this place and cause; then those of before.
class AtPlace {
 public:
  AtPlace(Moment& moment, Place place, RecordId cause)
      : moment_(moment), place_(moment.place), cause_(moment.cause) {
    moment.place = place;
    moment.cause = cause;
  }
  ~AtPlace() {
    moment_.place = place_;
    moment_.cause = cause_;
  }
  AtPlace(const AtPlace&) = delete;
  AtPlace& operator=(const AtPlace&) = delete;

 private:
  Moment& moment_;
  Place place_;
  RecordId cause_;
};

}  // namespace stackscope
