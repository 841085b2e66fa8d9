#pragma once
// A machine profile from measurements: a base profile whose costs are scaled until the model's steps take what the machine's take.
//
// A step of an exercise stands for a group of costs. In a loop it gives their typical values and quartiles; after a long pause,
// what they cost cold. The model's time of a step is linear in a cost, so that two runs of it give the scale.
//
// Differs: a step says nothing of how its time is split among its costs, which stay in the proportion of the base profile. A cost
//          that is in no group keeps its typical value, and is as cold as most. The time that recording takes is in the
//          measurements, as it is in all that `verify` compares with them.

#include <string>
#include <vector>

#include "runner/calibrate/run_exercise.hpp"

namespace stackscope {

/// What was measured on a machine.
struct Measured {
  StepTimes in_loop;  // each call, and wake-ups on one CPU and of a busy one
  StepTimes rested;   // each call, after kRested of sleep
  StepTimes served;   // a server's calls, after kRested
  StepTimes paused;   // each call, and wake-ups of a CPU that sleeps, after kPaused
};
constexpr Duration kRested = Duration::ms(50), kPaused = Duration::ms(10);

/// How a step came out: on the machine, and on the model with the new profile.
struct FittedStep {
  std::string step, condition;  // "connect", "in a loop"
  Distribution machine;
  Duration base, model;  // the model's, with the base profile and with the new one
};

struct Calibration {
  Profile profile;
  std::vector<FittedStep> steps;
};

/// `machine` is the new profile's name of the machine. A group whose step was not measured keeps the base's costs.
Calibration calibrate(const Profile& base, const Measured& measured, std::string machine);

}  // namespace stackscope
