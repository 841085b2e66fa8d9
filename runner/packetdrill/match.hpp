#pragma once
// Whether what the host did is what the script expects.

#include <string>

#include "runner/packetdrill/script.hpp"

namespace stackscope::packetdrill {

/// The first field in which a packet differs, both in the script's numbers; "" where it is as expected. What a script leaves
/// open (the window without `win`, <...>, a traffic class that is not named) differs never.
std::string difference(const PacketSpec& expected, const Frame& sent);

/// When something is expected to happen: the earliest and the latest moment, both counted as the script counts.
struct Expected {
  StepTime::Kind kind;
  Duration from, to;  // the same where it is no range
  Duration since;     // when the step before it happened
};
/// How far from that it may be: the script's tolerance, or for long waits its share of them.
Duration tolerance(const Options& options, const Expected& expected);
/// "" where the moment is as expected. `what`: "outbound packet", "system call".
std::string time_difference(const Options& options, const Expected& expected, Duration happened,
                            const std::string& what);

/// A moment as scripts write it: 0.200000.
std::string seconds(Duration time);

}  // namespace stackscope::packetdrill
