#pragma once
// Parts of an expectation that hold whatever the run does: `TcpOutSegs >= 0`, `a == a`, `x < 1 or x >= 1`. One that is written
// so looks like a check and is none, so the scenario is refused.
//
// What is found is certain; what only a proof would find is not. A part is what `and` and `or` join, also in parentheses.

#include <optional>
#include <span>
#include <string>

#include "sim/script/lexer.hpp"

namespace stackscope {

struct AlwaysTrue {
  std::size_t offset;  // where the part begins
  std::string why;     // "a count is never below 0"
};

/// The first such part. `counters` are names that count, like `.n` of a distribution and count().
std::optional<AlwaysTrue> always_true_part(std::span<const script::Token> tokens,
                                           std::span<const std::string> counters);

}  // namespace stackscope
