#pragma once
// Where a part of a TOML string stands in its file: an expression's error is told with the file's line and column.

#include <cstddef>

#include "runner/scenario/scenario.hpp"

namespace stackscope {

/// The place of `length` bytes from byte `offset` of the string's value, which escapes and line ends of the file may have
/// moved. A token that goes on to another line is marked on its first. The whole string where it cannot be followed.
Span place_within(const LocatedText& text, std::size_t offset, std::size_t length);

}  // namespace stackscope
