#pragma once
// A process's memory for Lua, and how much work it may still do before its next call.
//
// Work is counted in instructions of Lua. What liblua's C code does is paid in the same coin: memory handed out costs an
// instruction for 64 bytes, and our own loops pay for each step. So no program can keep the simulator busy for ever.
//
// Invariant: all of a state's blocks are on one list, so that a state in the middle of a call (its fiber was dropped) is
//            freed without running any of its code: lua_close() is never called.
// Errors:    past the limit a block is refused, which liblua reports as LUA_ERRMEM. So is a stack of more than some 80,000
//            values: liblua 5.4.4 lets it grow to a million, and a table that is its own __call shifts all of it for each
//            step, which would take minutes.

#include <cstddef>
#include <cstdint>

#include "userland/lua/lua_program.hpp"

namespace stackscope::lua {

class Heap {
 public:
  explicit Heap(const LuaLimits& limits) : limits_(limits), steps_(limits.instructions) {}
  ~Heap() { release(); }
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  /// Lua: lua_Alloc; `heap` is a Heap. Shrinking never fails.
  static void* allocate(void* heap, void* block, std::size_t old_size, std::size_t new_size);
  /// Everything at once. REQUIRES: the state is not used again.
  void release();

  void refill() { steps_ = limits_.instructions; }
  /// Takes `steps` away; returns whether there were as many.
  bool spend(std::int64_t steps) {
    steps_ = steps < steps_ ? steps_ - steps : -1;
    return steps_ >= 0;
  }
  bool is_spent() const { return steps_ < 0; }
  /// What was refused last was a thread's stack that had grown too large, and not memory: a program may go on.
  bool has_refused_stack() const { return has_refused_stack_; }

 private:
  /// In front of each block; as large as malloc() aligns.
  struct alignas(std::max_align_t) Block {
    Block* previous;
    Block* next;
  };
  bool is_long_stack(std::size_t size);
  void link(Block* block);
  void unlink(Block* block);

  const LuaLimits& limits_;
  std::int64_t steps_;
  std::size_t in_use_ = 0;
  bool has_refused_stack_ = false;
  std::size_t last_array_ = 0;  // the last large block that may have been a stack
  Block* first_ = nullptr;
};

}  // namespace stackscope::lua
