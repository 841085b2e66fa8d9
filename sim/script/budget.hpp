#pragma once
// What an expression may use, counted down. Internal to sim/script.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <lua.hpp>

#include "sim/script/sandbox.hpp"

namespace stackscope::script {

/// Instructions and memory are one budget, so that a loop that builds strings is as dear as it is slow.
struct Budget {
  explicit Budget(const Limits& given) : limits(given), instructions(given.instructions) {}

  bool is_spent() const { return instructions < 0; }

  const Limits limits;
  std::int64_t instructions;
  std::size_t memory_in_use = 0;
  /// While C++ is at work on behalf of an expression, memory is counted but never refused: liblua reports a
  /// refusal with longjmp, which must not cross frames that have destructors.
  bool is_lifted = true;
};

inline constexpr std::size_t kBytesAnInstruction = 64;

/// Lua: lua_Alloc. Without an old block, `old_size` tells what the new one is for.
inline void* allocate(void* budget_pointer, void* block, std::size_t old_size, std::size_t new_size) {
  auto& budget = *static_cast<Budget*>(budget_pointer);
  const std::size_t had = block ? old_size : 0;
  if (new_size == 0) {
    std::free(block);
    budget.memory_in_use -= had;
    return nullptr;
  }
  if (!budget.is_lifted && new_size > had) {
    budget.instructions -= static_cast<std::int64_t>(new_size / kBytesAnInstruction);
    const bool long_string = !block && old_size == LUA_TSTRING && new_size > budget.limits.string_bytes;
    if (long_string || budget.memory_in_use + (new_size - had) > budget.limits.memory_bytes) return nullptr;
  }
  void* moved = std::realloc(block, new_size);
  if (moved) budget.memory_in_use += new_size - had;
  return moved;
}

}  // namespace stackscope::script
