#pragma once
// "Did you mean …?": the known name that a person most likely meant.

#include <span>
#include <string>
#include <string_view>

namespace stackscope {

/// The name of `known` closest to `wrong`, or "" where none is close enough to be worth saying.
///
/// Closeness is the number of letters to insert, drop, change or swap with a neighbour, where upper and lower
/// case, and '-' and '_', count as the same letter. More than a third of the letters wrong is no suggestion.
/// Among equally close names the first of `known` wins, so the answer depends on nothing but the arguments.
std::string suggestion(std::string_view wrong, std::span<const std::string> known);

}  // namespace stackscope
