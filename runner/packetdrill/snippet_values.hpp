#pragma once
// What Python's operators do with the values of a snippet.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/packetdrill/snippet.hpp"

namespace stackscope::packetdrill {

/// Thrown inside of an evaluation, and caught by it.
struct SnippetError {
  std::string what;
  bool is_wrong;  // as in SnippetResult
};

bool is_true(const SnippetValue& value);
std::string to_text(const SnippetValue& value);
/// Python's: 12, 0x1f, 1.5, 1e6.
std::optional<SnippetValue> to_number(const std::string& digits);

/// == != < <= > >= in, not in, is, is not. Throws SnippetError.
bool compare(std::string_view op, const SnippetValue& left, const SnippetValue& right);
/// | ^ & << >> + - * / // % **. Throws SnippetError.
SnippetValue compute(std::string_view op, const SnippetValue& left, const SnippetValue& right);

/// abs, min, max, int, float, len, str. Throws SnippetError.
bool is_function(std::string_view name);
SnippetValue apply(std::string_view name, const std::vector<SnippetValue>& arguments);

}  // namespace stackscope::packetdrill
